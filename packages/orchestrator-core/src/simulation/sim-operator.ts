// SPDX-License-Identifier: MIT
import type { Steering } from '../queue/steering.ts';
import type { SessionId } from '../task/ids.ts';
import { PRIORITIES } from '../task/task.ts';
import type { Referee } from './referee.ts';
import { SimPoolOperator } from './sim-pool-operator.ts';
import type { Simulation } from './simulation.ts';

const EXPECTED: ReadonlySet<string> = new Set(['done', 'unknown', 'TASK_CONFLICT', 'ADMISSION_REJECT']);

/** What operators do while clients work: they look and list, end sessions, move tasks and hold pools up for a while. */
export class SimOperator {
  readonly #simulation: Simulation;
  readonly #pools: SimPoolOperator;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#pools = new SimPoolOperator(simulation);
  }

  /** Does what one might do next to a whole pool. */
  actOnPools(): void {
    this.#pools.act();
  }

  /** Another process knows nothing of what was done to its pools. */
  forget(): void {
    this.#pools.forget();
  }

  /** Does what one operator might do next. */
  act(): void {
    const { random, setup } = this.#simulation;
    const roll = random.below(12);
    if (roll < 3) this.#inspect();
    else if (roll < 4) this.#endSession();
    else if (roll < 7) this.#list();
    else if (roll < 10) this.#move();
    else this.#steer({ kind: random.pick(['pause', 'resume', 'resume']), poolId: random.pick(setup.options.pools).id });
  }

  #move(): void {
    const { random } = this.#simulation;
    const id = this.#simulation.pickTask()?.answer.taskId;
    if (id !== undefined) this.#steer({ kind: 'priority', id, priority: random.pick(PRIORITIES) });
  }

  #steer(steering: Steering): void {
    const { orchestrator, seen, trace } = this.#simulation;
    const referee: Referee = this.#simulation.referee;
    const isAway = steering.kind !== 'priority' && this.#pools.isAway(steering.poolId);
    this.#simulation.call(orchestrator.steer(steering), (steered) => {
      const told = steered.outcome === 'refused' ? steered.error.code : steered.outcome;
      seen.add(`${steering.kind} ${told}`);
      trace.note(`${steering.kind} ${told}`);
      const isExpected = steering.kind === 'priority' || told === 'done' || (told === 'unknown' && isAway);
      referee.demand(isExpected, `A ${steering.kind} was answered ${told}.`);
      referee.demand(EXPECTED.has(told), `A change of priority was answered ${told}.`);
    });
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
