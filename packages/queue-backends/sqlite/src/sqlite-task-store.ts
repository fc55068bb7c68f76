// SPDX-License-Identifier: MIT
import type {
  AdmissionAnswer,
  ArchivePage,
  Clock,
  DeliveredPrefix,
  JobAttempt,
  KeptKey,
  KeptSession,
  Lease,
  PoolId,
  Recovery,
  SessionId,
  TaskArchive,
  TaskId,
  TaskQuery,
  TaskStore,
} from '@llama-orch/orchestrator-core';
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { GroupCommit } from './group-commit.ts';
import { RECORD } from './protocol.ts';
import type { StoreClient } from './store-client.ts';
import { decodeArchive, encodeResult, encodeTranscript } from './task-codec.ts';

/** How long records that nobody waits for may wait for others to share a commit with. */
const PATIENCE_MS = 250;

/** What the store is made of. */
export interface SqliteTaskStoreOptions {
  readonly client: StoreClient;
  readonly commits: GroupCommit;
  readonly clock: Clock;
  readonly recovery: Recovery;
}

/** Everything that is kept beside the queue, in the same journal. */
export class SqliteTaskStore implements TaskStore {
  readonly #client: StoreClient;
  readonly #commits: GroupCommit;
  readonly #clock: Clock;
  #recovery: Recovery | undefined;

  constructor({ client, commits, clock, recovery }: SqliteTaskStoreOptions) {
    this.#client = client;
    this.#commits = commits;
    this.#clock = clock;
    this.#recovery = recovery;
  }

  async recover(): Promise<Recovery> {
    const recovery = this.#recovery;
    if (recovery === undefined) throw new OrchError('INTERNAL', { message: 'A store is recovered once.' });
    // It may be large, and nobody needs it twice.
    this.#recovery = undefined;
    return recovery;
  }

  async keepAdmission(answer: AdmissionAnswer): Promise<void> {
    this.#commits.appendLatest(`admission ${answer.taskId}`, [RECORD.admission, answer.taskId, JSON.stringify(answer)]);
    await this.#commits.answered;
  }

  async keepAttempts({ task, epoch }: Lease, attempts: readonly JobAttempt[]): Promise<void> {
    this.#commits.append([RECORD.attempts, task.id, epoch, JSON.stringify(attempts)]);
    await this.#commits.answered;
  }

  keepArchive(archive: TaskArchive): void {
    this.#commits.append([RECORD.archive, archive.task.id, encodeResult(archive), encodeTranscript(archive)]);
  }

  keepProgress({ task, epoch }: Lease, { pieceCount, sha256 }: DeliveredPrefix): void {
    const record = [RECORD.progress, task.id, epoch, pieceCount, sha256];
    this.#commits.appendLatest(`task ${task.id} ${epoch}`, record, PATIENCE_MS);
  }

  keepSession(id: SessionId, session: KeptSession | undefined): void {
    const body = session === undefined ? null : JSON.stringify(session);
    this.#commits.appendLatest(`session ${id}`, [RECORD.session, id, body]);
  }

  keepKey(key: KeptKey): void {
    this.#commits.appendLatest(`key ${key.id}`, [RECORD.key, key.id, JSON.stringify(key)], PATIENCE_MS);
  }

  keepStatistics(poolId: PoolId, statistics: string): void {
    this.#commits.appendLatest(`pool ${poolId}`, [RECORD.statistics, poolId, statistics], PATIENCE_MS);
  }

  async archive(id: TaskId): Promise<TaskArchive | undefined> {
    this.#commits.hurry();
    await this.#commits.committed;
    const row = await this.#client.call({ kind: 'archive', id });
    return row && decodeArchive(row, this.#clock);
  }

  async listArchives({ cursor, limit, ...filter }: TaskQuery): Promise<ArchivePage> {
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor);
    if (!Number.isSafeInteger(before)) {
      throw new OrchError('INVALID_PARAMS', { phase: 'request', details: { field: '$.cursor' } });
    }
    this.#commits.hurry();
    await this.#commits.committed;
    const { state = null, poolId: pool = null, sessionId: session = null, keyId: key = null, priority = null } = filter;
    // One more than asked for tells whether there is a next page.
    const query = { state, pool, session, key, priority, before, limit: limit + 1 };
    const rows = await this.#client.call({ kind: 'archives', query });
    const archives = rows.slice(0, limit).map((row) => decodeArchive(row, this.#clock));
    const last = rows[limit - 1];
    return rows.length > limit && last !== undefined ? { archives, nextCursor: String(last.seq) } : { archives };
  }
}
