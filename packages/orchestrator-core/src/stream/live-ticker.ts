// SPDX-License-Identifier: MIT
import type { Shares } from '../admission/shares.ts';
import type { Pool } from '../pool/pool.ts';
import type { Clock, Timer } from '../ports.ts';
import type { SessionTable } from '../session/session-table.ts';
import type { PoolId } from '../task/ids.ts';
import type { TaskRecord } from '../task/task-record.ts';
import type { WaitingTasks } from '../waiting/waiting-tasks.ts';
import type { LiveFigures } from './event-log.ts';

/** A prediction that came closer as time passed has not changed; one that moved by this much has. */
const MOVED_MS = 100;
/** And by this share of itself. */
const MOVED_RATIO = 0.1;
/** A chance that moved by this much has changed. */
const MOVED_PROBABILITY = 0.05;
/** Any change of these is one. */
const EXACT = ['queuePosition', 'queueDepth', 'waitingFor', 'kvWarmth', 'tokensBudgetRemaining'] as const;

/** What the ticker needs. */
export interface LiveTickerOptions {
  readonly clock: Clock;
  readonly waiting: WaitingTasks;
  readonly pools: ReadonlyMap<PoolId, Pool>;
  readonly sessions: SessionTable;
  readonly shares: Shares;
  /** Shortest time between two figures of one task, in milliseconds. */
  readonly liveIntervalMs: number;
}

interface Told {
  readonly figures: LiveFigures;
  readonly atMs: number;
}

/** Tells the readers of waiting tasks how their place changes. Ticks only while somebody reads. */
export class LiveTicker {
  readonly #options: LiveTickerOptions;
  readonly #watched = new Map<TaskRecord, Told | undefined>();
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: LiveTickerOptions) {
    this.#options = options;
  }

  /** A reader came to this task. */
  watch(record: TaskRecord): void {
    if (this.#stopped || record.ended || this.#watched.has(record)) return;
    this.#watched.set(record, undefined);
    this.#arm();
  }

  /** Ticks no more. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#watched.clear();
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#stopped || this.#watched.size === 0) return;
    this.#timer = this.#options.clock.setTimer(this.#options.liveIntervalMs, () => void this.#tick());
  }

  async #tick(): Promise<void> {
    for (const [record, told] of this.#watched) {
      if (record.ended || record.log.readerCount === 0) this.#watched.delete(record);
      else if (record.state === 'queued') await this.#tell(record, told);
    }
    this.#timer = undefined;
    this.#arm();
  }

  async #tell(record: TaskRecord, told: Told | undefined): Promise<void> {
    const { waiting, clock, pools } = this.#options;
    const pool = pools.get(record.task.poolId);
    const wait = await waiting.of(record);
    if (pool === undefined || wait === undefined) return;
    const { queuePosition = 0, waitingFor, ...start } = wait;
    const atMs = clock.nowMs();
    const figures: LiveFigures = {
      state: 'queued',
      queuePosition,
      queueDepth: pool.waiting.interactive + pool.waiting.batch,
      waitingFor: waitingFor.reason,
      ...start,
      ...this.#sessionFigures(record, atMs),
    };
    if (told !== undefined && !hasChanged(told, figures, atMs)) return;
    this.#watched.set(record, { figures, atMs });
    record.log.setLive(figures);
  }

  #sessionFigures({ task }: TaskRecord, nowMs: number): Pick<LiveFigures, 'kvWarmth' | 'tokensBudgetRemaining'> {
    const session = task.sessionId === undefined ? undefined : this.#options.sessions.get(task.sessionId, nowMs);
    // ORCH-1312: the lesser of what is left to its session and to its key.
    const tokensBudgetRemaining = this.#options.shares.remaining(task).tokens;
    return {
      ...(session === undefined ? {} : { kvWarmth: session.kvWarmth && task.kvHint === 'reuse' }),
      ...(tokensBudgetRemaining === undefined ? {} : { tokensBudgetRemaining }),
    };
  }
}

function hasChanged({ figures: last, atMs: lastAtMs }: Told, figures: LiveFigures, atMs: number): boolean {
  if (EXACT.some((key) => last[key] !== figures[key])) return true;
  if (Math.abs((last.onTimeProbability ?? 2) - (figures.onTimeProbability ?? 2)) >= MOVED_PROBABILITY) return true;
  if (last.predictedStartMs === undefined || figures.predictedStartMs === undefined) {
    return last.predictedStartMs !== figures.predictedStartMs;
  }
  const expectedMs = Math.max(0, last.predictedStartMs - (atMs - lastAtMs));
  return Math.abs(figures.predictedStartMs - expectedMs) >= Math.max(MOVED_MS, MOVED_RATIO * expectedMs);
}
