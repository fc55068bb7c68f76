// SPDX-License-Identifier: MIT
import type { CorePorts } from '../ports.ts';
import type { PoolId } from '../task/ids.ts';

/** What a gate is made with. */
export interface PoolGateOptions {
  readonly poolId: PoolId;
  readonly ports: Pick<CorePorts, 'meter' | 'logger'>;
  /** Whether what waits is given out has changed. */
  readonly onChange: () => void;
}

/** Why a pool gives out nothing although it may have an engine. */
export class PoolGate {
  readonly #options: PoolGateOptions;
  #paused = false;
  #draining = false;
  #held = false;

  constructor(options: PoolGateOptions) {
    this.#options = options;
  }

  /** True when what waits is given out as slots become free. */
  get isOpen(): boolean {
    return !this.#paused && !this.#draining && !this.#held;
  }

  /** True while its queue gives out nothing. */
  get paused(): boolean {
    return this.#paused;
  }

  /** True while the pool takes no new tasks and gives out none. */
  get draining(): boolean {
    return this.#draining;
  }

  /** True while its engine is about to be loaded or unloaded. */
  get held(): boolean {
    return this.#held;
  }

  /** The queue gives out nothing any more, or something again. */
  setPaused(isPaused: boolean): void {
    const { ports, poolId } = this.#options;
    ports.meter.set('queue_paused', { pool_id: poolId }, isPaused ? 1 : 0);
    if (this.#paused === isPaused) return;
    this.#paused = isPaused;
    this.#tell(`The queue of pool ${poolId} is ${isPaused ? 'paused' : 'resumed'}.`);
  }

  /** The pool takes no new tasks any more, or again. */
  setDraining(isDraining: boolean): void {
    if (this.#draining === isDraining) return;
    this.#draining = isDraining;
    this.#tell(`Pool ${this.#options.poolId} ${isDraining ? 'is drained' : 'takes tasks again'}.`);
  }

  /** Its engine is about to be loaded or unloaded, or that is over. */
  setHeld(isHeld: boolean): void {
    this.#held = isHeld;
  }

  #tell(human: string): void {
    const { ports, poolId, onChange } = this.#options;
    ports.logger.log('info', human, { pool_id: poolId });
    onChange();
  }
}
