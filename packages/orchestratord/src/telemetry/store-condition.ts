// SPDX-License-Identifier: MIT
import type { Logger, Meter } from '@llama-orch/orchestrator-core';

/** How a store of tasks is. */
export interface StoreState {
  readonly state: 'ok' | 'full' | 'failing' | 'closed';
  /** Why it cannot write. */
  readonly cause?: string;
  /** Committed records found missing at the start, until somebody has acknowledged it. */
  readonly lostRecordCount: number;
}

/** Tells operators how the store of tasks is: in the log, in the metrics and in the health of every pool. */
export class StoreCondition {
  readonly #logger: Logger;
  readonly #meter: Meter;
  #trouble: string | undefined;

  constructor({ logger, meter }: { readonly logger: Logger; readonly meter: Meter }) {
    this.#logger = logger;
    this.#meter = meter;
  }

  /** What is wrong with it, in one sentence; undefined while nothing is. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** It was opened. */
  opened(state: StoreState): void {
    this.#note(state);
    const { lostRecordCount } = state;
    if (lostRecordCount === 0) return;
    // ORCH-1210: the records are gone; that they are must not be.
    const human = `journal tail lost: ${lostRecordCount} committed records are missing.`;
    this.#logger.log('error', human, { count: lostRecordCount });
  }

  /** It is in another state than before. */
  changed(state: StoreState): void {
    this.#note(state);
    const isWell = state.state === 'ok' || state.state === 'closed';
    const why = isWell || state.cause === undefined ? '' : `: ${state.cause.replace(/\.$/, '')}`;
    this.#logger.log(isWell ? 'info' : 'warn', `The store of tasks is ${state.state}${why}.`, {});
  }

  #note({ state, lostRecordCount }: StoreState): void {
    this.#meter.set('store_lost_records', {}, lostRecordCount);
    const lost = lostRecordCount === 0 ? undefined : `The journal has lost ${lostRecordCount} committed records.`;
    this.#trouble = state === 'ok' ? lost : `The store of tasks is ${state}.`;
  }
}
