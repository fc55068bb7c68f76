// SPDX-License-Identifier: MIT
import type { Clock, Logger, Timer } from '../ports.ts';
import type { TaskId } from '../task/ids.ts';
import type { TaskRecord } from '../task/task-record.ts';

/** What a watch needs. */
export interface ReaderWatchOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a task may be without the readers it had, in milliseconds; Infinity is for ever. */
  readonly noReaderMs: number;
  readonly cancel: (id: TaskId) => Promise<unknown>;
}

/** A timer that fires this late tells of a process that stood still: its readers could not come back meanwhile. */
const LATENESS_MS = 250;

/**
 * Ends tasks whose readers have left, as each of them asks for: at once, or when nobody has come back in time. Tasks that
 * never had a reader are none of its business. All wait equally long, so they stand in the order of their ends, and one
 * timer serves them all.
 */
export class ReaderWatch {
  readonly #options: ReaderWatchOptions;
  /** When the last reader left, the longest ago first. */
  readonly #unreadSince = new Map<TaskRecord, number>();
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: ReaderWatchOptions) {
    this.#options = options;
  }

  /** A reader has come. */
  came(record: TaskRecord): void {
    this.#unreadSince.delete(record);
  }

  /** A reader has left; only the last one matters. */
  left(record: TaskRecord): void {
    if (this.#stopped || record.ended || record.log.readerCount > 0) return;
    const { clock, noReaderMs } = this.#options;
    // ORCH-1242: `cancel` ends with its last reader, `detach` goes on, at most for the time without one.
    if (record.task.onDisconnect === 'cancel') this.#cancel(record);
    else if (noReaderMs !== Infinity) {
      this.#unreadSince.set(record, clock.nowMs());
      this.#arm();
    }
  }

  /** Ends no task any more. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#unreadSince.clear();
  }

  #arm(): void {
    const [since] = this.#unreadSince.values();
    if (since === undefined || this.#timer !== undefined) return;
    const { clock, noReaderMs } = this.#options;
    const dueMs = since + noReaderMs;
    this.#timer = clock.setTimer(Math.max(0, dueMs - clock.nowMs()), () => {
      this.#timer = undefined;
      const nowMs = clock.nowMs();
      // ORCH-1293: after a stop of the process everybody gets the whole time to come back.
      if (nowMs - dueMs > LATENESS_MS)
        for (const record of this.#unreadSince.keys()) this.#unreadSince.set(record, nowMs);
      this.#endOverdue(nowMs - noReaderMs);
      this.#arm();
    });
  }

  #endOverdue(sinceMs: number): void {
    for (const [record, since] of this.#unreadSince) {
      if (since > sinceMs) return;
      this.#unreadSince.delete(record);
      if (!record.ended) this.#cancel(record);
    }
  }

  #cancel({ task }: TaskRecord): void {
    const { cancel, logger } = this.#options;
    cancel(task.id).catch((fault: unknown) => {
      const human = 'A task that nobody reads could not be canceled.';
      logger.log('warn', human, { task_id: task.id, pool_id: task.poolId, cause: String(fault) });
    });
  }
}
