// SPDX-License-Identifier: MIT
import type { SessionId } from '../task/ids.ts';
import type { Referee } from './referee.ts';
import type { Simulation } from './simulation.ts';

/** What operators do while clients work: they look and list, and end sessions. */
export class SimOperator {
  readonly #simulation: Simulation;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  /** Does what one operator might do next. */
  act(): void {
    const roll = this.#simulation.random.below(7);
    if (roll < 3) this.#inspect();
    else if (roll < 4) this.#endSession();
    else this.#list();
  }

  #inspect(): void {
    const { orchestrator, trace } = this.#simulation;
    const referee: Referee = this.#simulation.referee;
    const task = this.#simulation.pickTask();
    this.#simulation.call(orchestrator.pools(), (pools) => {
      for (const { slotsBusy, props, id } of pools.flatMap(({ replicas }) => replicas)) {
        const inBounds = slotsBusy >= 0 && slotsBusy <= (props?.slots ?? 0);
        referee.demand(inBounds, `Replica ${id} has ${slotsBusy} busy slots.`);
      }
    });
    if (task === undefined) return;
    this.#simulation.call(orchestrator.get(task.answer.taskId), (view) => {
      if (view !== undefined) trace.note(`view ${view.state} ${String(view.queuePosition)}`);
    });
  }

  #endSession(): void {
    const { orchestrator, random } = this.#simulation;
    this.#simulation.call(orchestrator.endSession(`session-${random.below(4)}` as SessionId));
  }

  #list(): void {
    const { orchestrator, random, trace } = this.#simulation;
    const referee: Referee = this.#simulation.referee;
    const limit = 1 + random.below(5);
    const query = { limit, ...(random.below(2) === 0 ? { state: 'queued' as const } : {}) };
    this.#simulation.call(orchestrator.list(query), (page) => {
      referee.demand(page.tasks.length <= limit, 'A page is longer than asked for.');
      trace.note(`page of ${page.tasks.length}`);
    });
  }
}
