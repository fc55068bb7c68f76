// SPDX-License-Identifier: MIT
import { DEFAULT_QUEUE_LIMITS } from '../default-options.ts';
import type { PoolSpec } from '../orchestrator-api.ts';
import { isTerminal, TASK_STATES, type TaskState } from '../task/task-state.ts';
import type { Referee } from './referee.ts';
import type { Simulation } from './simulation.ts';

/** What must hold whenever nothing moves. */
export async function checkRest(simulation: Simulation): Promise<void> {
  const { setup } = simulation;
  simulation.referee.check();
  setup.queue.checkOrder();
  for (const pool of setup.options.pools) await checkBounds(simulation, pool);
  checkKeys(simulation);
  simulation.demand.check(simulation.referee);
  simulation.referee.check();
}

/** Only tasks that come back from an engine may lift the queue above its bound, each by one and by its own bytes. */
async function checkBounds(simulation: Simulation, { id, limits = DEFAULT_QUEUE_LIMITS }: PoolSpec): Promise<void> {
  const referee: Referee = simulation.referee;
  const { queue } = simulation.setup;
  const { waiting, waitingBytes } = await queue.snapshot(id);
  const { interactive, batch } = limits.maxTasks;
  const tasks = Math.max(
    0,
    waiting.batch - batch,
    waiting.interactive + waiting.batch - interactive - batch,
    limits.fullPolicy === 'reject' ? waiting.interactive - interactive : 0,
  );
  const bytes = Math.max(0, waitingBytes - limits.maxBytes);
  const before = simulation.excess.get(id) ?? { tasks: 0, bytes: 0 };
  const released = queue.takeReleaseCount(id);
  referee.demand(tasks <= before.tasks + released, `Pool ${id} holds more tasks than its bound.`);
  referee.demand(bytes <= before.bytes || released > 0, `Pool ${id} holds more bytes than its bound.`);
  simulation.excess.set(id, { tasks, bytes });
}

/** A key has no more than its share; what comes back from an engine waits beside it. */
function checkKeys({ setup, referee }: Simulation): void {
  const judge: Referee = referee;
  for (const [id, { running, fresh }] of setup.queue.countByKey()) {
    const { runningTasks = Infinity, queuedTasks = Infinity } = setup.options.keys?.find((key) => key.id === id) ?? {};
    judge.demand(running <= runningTasks, `Key ${id} runs more tasks than it may.`);
    judge.demand(fresh <= queuedTasks, `Key ${id} has more tasks that wait than it may.`);
  }
}

/** What must hold once there was time enough for everything: nobody waits for an answer any more. */
export function checkCallsCameBack({ referee, openCalls }: Pick<Simulation, 'referee' | 'openCalls'>): void {
  const judge: Referee = referee;
  judge.demand(openCalls === 0, `${openCalls} calls never came back.`);
}

/** What must hold when all is over. */
export async function checkFinal(simulation: Simulation): Promise<void> {
  const { setup, readers } = simulation;
  const referee: Referee = simulation.referee;
  referee.check();
  for (const reader of readers) reader.checkEnd();
  referee.demand(setup.coreClock.pendingCount === 0, `Core left ${setup.coreClock.pendingCount} timers behind.`);
  for (const { id } of setup.options.pools) {
    const { waiting, leased } = await setup.queue.snapshot(id);
    referee.demand(leased === 0, `Pool ${id} still has ${leased} leases.`);
    referee.demand(waiting.interactive + waiting.batch === 0, `Pool ${id} still has tasks that wait.`);
  }
  await checkStates(simulation);
  if (setup.durable === undefined) checkCounters(simulation);
}

async function checkStates(simulation: Simulation): Promise<void> {
  const referee: Referee = simulation.referee;
  const { promised, orchestrator } = simulation;
  for (const [id, { state }] of promised) {
    referee.demand(state !== undefined && isTerminal(state), `Task ${id} never ended.`);
    const view = await orchestrator.get(id);
    referee.demand(view === undefined || view.state === state, `Task ${id} is ${String(view?.state)}, not ${state}.`);
  }
}

function checkCounters(simulation: Simulation): void {
  const referee: Referee = simulation.referee;
  const { promised, setup, rejectedCount } = simulation;
  const counts = new Map<TaskState, number>(TASK_STATES.map((state) => [state, 0]));
  for (const { state = 'queued' } of promised.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
  const expected = [
    ['tasks_enqueued_total', promised.size],
    ['tasks_rejected_total', rejectedCount],
    ['tasks_canceled_total', counts.get('canceled') ?? 0],
    ['tasks_ended_total', promised.size],
    ['tasks_started_total', setup.ledger.runCount],
    ['queue_depth', 0],
    ['slots_busy', 0],
  ] as const;
  for (const [name, value] of expected) {
    const told = setup.meter.total(name);
    referee.demand(told === value, `${name} says ${told}, but it was ${value}.`);
  }
  for (const outcome of ['completed', 'canceled', 'evicted', 'failed'] as const) {
    const told = setup.meter.total('tasks_ended_total', { outcome });
    referee.demand(told === counts.get(outcome), `tasks_ended_total says ${told} ${outcome}.`);
  }
}
