// SPDX-License-Identifier: MIT
import type { Clock, Logger } from '@llama-orch/orchestrator-core';
import type { ReplicaRow } from './swap-table.ts';
import type { SwapDecision } from './swapper-api.ts';

const MOST_DECISIONS = 100;

/** What was decided last, each with its reason. */
export class DecisionLog {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #decisions: SwapDecision[] = [];

  constructor({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = clock;
    this.#logger = logger;
  }

  get all(): readonly SwapDecision[] {
    return [...this.#decisions];
  }

  /** ORCH-1442: the reason is kept, and told. */
  note(row: ReplicaRow, kind: SwapDecision['kind'], reason: string): void {
    const [{ poolId }, { id: replicaId }] = [row.pool, row.replica];
    this.#decisions.push({ atMs: this.#clock.nowMs(), kind, poolId, replicaId, devices: row.devices ?? [], reason });
    if (this.#decisions.length > MOST_DECISIONS) this.#decisions.shift();
    const human = kind === 'load' ? `Replica ${replicaId} is loaded.` : `Replica ${replicaId} is unloaded.`;
    this.#logger.log('info', human, { pool_id: poolId, replica_id: replicaId, reason });
  }
}
