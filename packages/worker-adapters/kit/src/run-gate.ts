// SPDX-License-Identifier: MIT
import { OrchError, type WorkerEnd } from '@llama-orch/worker-adapter-api';

/** What a run does, and how it ends when it is canceled. */
export interface GatedRun {
  /** Rejects with the signal's reason when it is aborted. */
  readonly work: (signal: AbortSignal) => Promise<WorkerEnd>;
  /** The end of a run that was canceled, with what was counted until then. */
  readonly canceledEnd: () => WorkerEnd;
}

/**
 * The duties around the runs of an adapter that attaches to an engine: canceled is an end, close ends what runs, and no
 * more runs are at work than the engine has slots.
 */
export class RunGate {
  readonly #running = new Set<Promise<WorkerEnd>>();
  readonly #closing = new AbortController();
  #busyCount = 0;

  /** Aborts when the adapter is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Slots that are taken. */
  get busyCount(): number {
    return this.#busyCount;
  }

  /** Settles like the work, but resolves `canceled` where an abort or the end of the adapter ended it. */
  run(signal: AbortSignal, gated: GatedRun): Promise<WorkerEnd> {
    const run = this.#run(signal, gated);
    this.#running.add(run);
    const forget = (): boolean => this.#running.delete(run);
    run.then(forget, forget);
    return run;
  }

  /**
   * Takes a slot until it is disposed.
   *
   * @throws OrchError REPLICA_EXHAUSTED when all are taken.
   */
  takeSlot(slots: number): Disposable {
    if (this.#busyCount >= slots) throw new OrchError('REPLICA_EXHAUSTED', { details: { reason: 'slots_busy' } });
    this.#busyCount += 1;
    return { [Symbol.dispose]: () => void (this.#busyCount -= 1) };
  }

  /** @throws OrchError WORKER_RESET once the adapter is closed. */
  refuseClosed(): void {
    if (this.#closing.signal.aborted) {
      throw new OrchError('WORKER_RESET', { message: 'The adapter is closed.', details: { reason: 'closed' } });
    }
  }

  /** Ends what runs and resolves when all of it has settled. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#running);
  }

  async #run(signal: AbortSignal, { work, canceledEnd }: GatedRun): Promise<WorkerEnd> {
    this.refuseClosed();
    if (signal.aborted) return canceledEnd();
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    try {
      return await work(stop);
    } catch (error) {
      if (this.#closing.signal.aborted || (stop.aborted && error === stop.reason)) return canceledEnd();
      throw error;
    }
  }
}
