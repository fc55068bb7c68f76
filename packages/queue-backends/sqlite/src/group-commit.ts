// SPDX-License-Identifier: MIT
import type { Clock, Timer } from '@llama-orch/orchestrator-core';
import { Gathering } from './gathering.ts';
import type { Cell } from './protocol.ts';
import { RecordBatch } from './record-batch.ts';
import { encodeRecord } from './record-text.ts';
import { StoreCallError, type StoreClient } from './store-client.ts';
import type { StoreHealth } from './store-health.ts';
import { RETRY_MS, STATE_MEANING, storeUnavailable } from './store-unavailable.ts';

/** ORCH-1205: most records that wait for a commit before submits are refused. */
const MAX_PENDING_RECORDS = 4_096;
/** The same in characters; what waits when the disk gets full must fit into the ballast. */
const MAX_PENDING_CHARS = 8 << 20;
/** Without a record for this long the store is idle, and tidies up. */
const IDLE_MS = 1_000;
/** How often it tidies up while it stays idle: tasks get old by themselves. */
const IDLE_AGAIN_MS = 60_000;
/** Under steady load the store tidies up once in so many commits, records or characters: the next commit waits meanwhile. */
const COMMITS_PER_MAINTENANCE = 64;
const RECORDS_PER_MAINTENANCE = 1_024;
const CHARS_PER_MAINTENANCE = 4 << 20;

/** What a group commit needs. */
export interface GroupCommitOptions {
  readonly client: Pick<StoreClient, 'call' | 'whenGone'>;
  readonly clock: Clock;
  readonly spaceLow: boolean;
  readonly lostRecordCount: number;
  readonly onHealth: (health: StoreHealth) => void;
  /** Whether records that can wait for others do. */
  readonly gathers: boolean;
}

/**
 * Collects the records of one turn of the event loop into batches and commits these in order, one at a time: the next one
 * starts when the one before is acknowledged, and holds all that came meanwhile. A batch of records that can wait does so,
 * for others to share its commit.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  /** The first is the one in flight, if any is. */
  readonly #batches: RecordBatch[] = [];
  readonly #gathering: Gathering;
  #inFlight = false;
  #flushDue = false;
  /** The first batch could not be written and waits to be tried again. */
  #blocked = false;
  #pendingRecords = 0;
  #pendingChars = 0;
  /** Since the store was last tidied up. */
  #commitCount = 0;
  #recordCount = 0;
  #charCount = 0;
  #restless = false;
  #retry: Timer | undefined;
  #idle: Timer | undefined;
  #closing = false;
  #health: StoreHealth;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#gathering = new Gathering(options.clock, () => this.#flush());
    const { spaceLow, lostRecordCount } = options;
    this.#health = { state: spaceLow ? 'full' : 'ok', lostRecordCount, staleWriteCount: 0 };
    if (spaceLow) this.#retryLater();
    void options.client.whenGone.then(() => this.#failAll('The thread of the store has ended.'));
  }

  /** How the store is. */
  get health(): StoreHealth {
    return this.#health;
  }

  /** Records that wait for a commit. */
  get pendingCount(): number {
    return this.#pendingRecords;
  }

  /** Resolves once everything appended so far is committed; undefined when it is already. Rejects once closed. */
  get committed(): Promise<unknown> | undefined {
    return this.#batches.at(-1)?.committed ?? this.#closed;
  }

  /** The same, but rejects STORE_UNAVAILABLE when the store gets into trouble meanwhile. */
  get answered(): Promise<unknown> | undefined {
    return this.#batches.at(-1)?.answered ?? this.#closed;
  }

  /**
   * Takes a record into the batch of this turn; it may wait for `patienceMs` for others. Never throws: once closed, who
   * waits for the commit is told.
   */
  append(cells: readonly Cell[], patienceMs = 0): void {
    if (this.#health.state === 'closed') return;
    const record = encodeRecord(cells);
    this.#openBatch(record.length).append(record);
    this.#noteAppended(1, record.length, patienceMs);
  }

  /** The same for a record that replaces an earlier one of the same key. */
  appendLatest(key: string, cells: readonly Cell[], patienceMs = 0): void {
    if (this.#health.state === 'closed') return;
    const record = encodeRecord(cells);
    const batch = this.#openBatch(record.length);
    const { recordCount, chars } = batch;
    batch.appendLatest(key, record);
    this.#noteAppended(batch.recordCount - recordCount, batch.chars - chars, patienceMs);
  }

  /** What waits for others waits no longer. */
  hurry(): void {
    if (this.#batches.length > 0) this.#schedule(0);
  }

  /** @throws OrchError STORE_UNAVAILABLE when nothing new can be taken. */
  demandRoom(): void {
    const { state } = this.#health;
    if (state !== 'ok') throw storeUnavailable(STATE_MEANING[state]);
    if (this.#pendingRecords > MAX_PENDING_RECORDS || this.#pendingChars > MAX_PENDING_CHARS) {
      throw storeUnavailable('Too much waits to be written.');
    }
  }

  /** Counts a write that came under an old epoch. */
  countStale(count: number): void {
    if (count > 0) this.#change({ staleWriteCount: this.#health.staleWriteCount + count });
  }

  /** The lost records were acknowledged. */
  forgetLost(): void {
    this.#change({ lostRecordCount: 0 });
  }

  /** Commits what waits, then takes nothing more. Rejects STORE_UNAVAILABLE when that fails. */
  async close(): Promise<void> {
    this.#closing = true;
    this.hurry();
    try {
      await this.committed;
    } finally {
      this.#retry?.cancel();
      this.#idle?.cancel();
      this.#failAll('The store is closed.');
    }
  }

  get #closed(): Promise<never> | undefined {
    return this.#health.state === 'closed' ? Promise.reject(storeUnavailable(STATE_MEANING.closed)) : undefined;
  }

  #openBatch(chars: number): RecordBatch {
    const last = this.#batches.at(-1);
    const taken = this.#inFlight && this.#batches.length === 1;
    if (last !== undefined && !taken && !last.isFullFor(chars)) return last;
    // One that is full waits for nothing more.
    if (last !== undefined && !taken) this.#gathering.accept(0);
    const batch = new RecordBatch();
    this.#batches.push(batch);
    return batch;
  }

  #noteAppended(records: number, chars: number, patienceMs: number): void {
    this.#pendingRecords += records;
    this.#pendingChars += chars;
    this.#restless = true;
    this.#schedule(patienceMs);
  }

  #schedule(patienceMs: number): void {
    this.#gathering.accept(this.#options.gathers ? patienceMs : 0);
    if (this.#inFlight || this.#flushDue || this.#blocked) return;
    if (!this.#gathering.isDue) return this.#gathering.arm();
    this.#flushDue = true;
    // ORCH-1204: after every callback of this turn, so that all its records share one commit.
    setImmediate(() => {
      this.#flushDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    const batch = this.#batches[0];
    if (batch === undefined || this.#inFlight || this.#blocked || this.#health.state === 'closed') return;
    this.#inFlight = true;
    this.#gathering.begin(this.#batches.length === 1);
    const { client, clock } = this.#options;
    const { text: records, recordCount } = batch;
    client.call({ kind: 'commit', records, recordCount, at: clock.wallNowMs() }).then(
      (told) => this.#done(batch, told === 'space-low'),
      (fault: unknown) => this.#failed(fault),
    );
  }

  #done(batch: RecordBatch, spaceLow: boolean): void {
    this.#inFlight = false;
    this.#batches.shift();
    this.#pendingRecords -= batch.recordCount;
    this.#pendingChars -= batch.chars;
    batch.succeed();
    this.#setState(spaceLow ? 'full' : 'ok');
    if (spaceLow) this.#retryLater();
    this.#commitCount += 1;
    this.#recordCount += batch.recordCount;
    this.#charCount += batch.chars;
    const isDue =
      this.#commitCount >= COMMITS_PER_MAINTENANCE ||
      this.#recordCount >= RECORDS_PER_MAINTENANCE ||
      this.#charCount >= CHARS_PER_MAINTENANCE;
    if (isDue) void this.#maintainOnce(false);
    if (this.#gathering.isDue) this.#flush();
    else if (this.#batches.length > 0) this.#gathering.arm();
    this.#watchIdle();
  }

  #failed(fault: unknown): void {
    this.#inFlight = false;
    if (this.#health.state === 'closed') return;
    const state = fault instanceof StoreCallError && fault.full ? 'full' : 'failing';
    const cause = fault instanceof Error ? fault.message : String(fault);
    if (this.#closing) return this.#failAll(cause);
    this.#setState(state, cause);
    this.#blocked = true;
    for (const batch of this.#batches) batch.delay(storeUnavailable(STATE_MEANING[state], fault));
    this.#retryLater();
  }

  /** Writes again what could not be written, or takes the ballast back. */
  #retryLater(): void {
    this.#retry ??= this.#options.clock.setTimer(RETRY_MS, () => {
      this.#retry = undefined;
      if (!this.#blocked) return void this.#regain();
      this.#blocked = false;
      this.#flush();
    });
  }

  async #regain(): Promise<void> {
    const regained = await this.#options.client.call({ kind: 'regain' }).catch(() => false);
    if (this.#health.state === 'closed') return;
    if (regained) this.#setState('ok');
    else this.#retryLater();
  }

  #watchIdle(delayMs = IDLE_MS): void {
    if (this.#batches.length > 0 || this.#idle !== undefined || this.#closing) return;
    this.#restless = false;
    this.#idle = this.#options.clock.setTimer(delayMs, () => {
      this.#idle = undefined;
      if (this.#restless) this.#watchIdle();
      else void this.maintain().then(() => this.#watchIdle(IDLE_AGAIN_MS));
    });
  }

  /** Brings the tables up to date and removes what is no longer kept, slice by slice; gives way to the next record. */
  async maintain(): Promise<void> {
    let more = true;
    while (more && this.#pendingRecords === 0) more = await this.#maintainOnce(true);
  }

  async #maintainOnce(idle: boolean): Promise<boolean> {
    const { client, clock } = this.#options;
    this.#commitCount = 0;
    this.#recordCount = 0;
    this.#charCount = 0;
    try {
      const { more, staleCount } = await client.call({ kind: 'maintain', at: clock.wallNowMs(), idle });
      this.countStale(staleCount);
      return more;
    } catch {
      // Tried again the next time; trouble shows at the next commit.
      return false;
    }
  }

  #failAll(cause: string): void {
    this.#setState('closed', cause);
    this.#retry?.cancel();
    this.#idle?.cancel();
    this.#gathering.cancel();
    for (const batch of this.#batches.splice(0)) batch.fail(storeUnavailable(cause));
    this.#pendingRecords = 0;
    this.#pendingChars = 0;
  }

  #setState(state: StoreHealth['state'], cause?: string): void {
    const { state: before, cause: causeBefore, lostRecordCount, staleWriteCount } = this.#health;
    if (before === 'closed' || (before === state && causeBefore === cause)) return;
    this.#health = { state, lostRecordCount, staleWriteCount };
    this.#change(cause === undefined ? {} : { cause });
  }

  #change(fields: Partial<StoreHealth>): void {
    this.#health = { ...this.#health, ...fields };
    this.#options.onHealth(this.#health);
  }
}
