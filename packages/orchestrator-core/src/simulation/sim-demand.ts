// SPDX-License-Identifier: MIT
import type { Orchestrator } from '../orchestrator-api.ts';
import type { Referee } from './referee.ts';

/** Whoever loads engines where work waits: it looks at the demand only when it is told that something has changed. */
export class SimDemand {
  readonly #orchestrator: Orchestrator;
  #seen: string;

  constructor(orchestrator: Orchestrator) {
    this.#orchestrator = orchestrator;
    this.#seen = this.#look();
    orchestrator.watchDemand(() => (this.#seen = this.#look()));
  }

  /** What it saw last must still be so. */
  check(referee: Referee): void {
    const judge: Referee = referee;
    const now = this.#look();
    judge.demand(now === this.#seen, `Demand was last told as "${this.#seen}", but it is "${now}".`);
  }

  /** Where something waits, and where something runs. */
  #look(): string {
    const pools = this.#orchestrator
      .demand()
      .flatMap(({ poolId, waitingCount, runningCount }) => [
        ...(waitingCount > 0 ? [`${poolId} waits`] : []),
        ...(runningCount > 0 ? [`${poolId} runs`] : []),
      ]);
    return pools.join(', ');
  }
}
