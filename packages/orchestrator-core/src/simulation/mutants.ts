// SPDX-License-Identifier: MIT
import type { WorkerAdapter } from '@llama-orch/worker-adapter-api';
import type { Orchestrator } from '../orchestrator-api.ts';
import type { Meter } from '../ports.ts';
import type { KeyRules } from '../queue/key-slots.ts';
import type { Lease, QueueLimits, TaskQueue } from '../queue/task-queue.ts';
import type { Task } from '../task/task.ts';
import type { SeededRandom } from '../testkit/seeded-random.ts';
import type { SimDisk } from './sim-disk.ts';

/** A bug planted on purpose, to see that the simulation finds it. */
export interface Mutant {
  readonly name: string;
  /** What the rule it breaks says. */
  readonly caughtBy: RegExp;
  readonly queue?: (inner: TaskQueue, random: SeededRandom) => TaskQueue;
  readonly limits?: (limits: QueueLimits) => QueueLimits;
  readonly keyRules?: (rules: KeyRules) => KeyRules;
  readonly adapter?: (inner: WorkerAdapter) => WorkerAdapter;
  readonly meter?: (inner: Meter) => Meter;
  readonly orchestrator?: (inner: Orchestrator) => Orchestrator;
  /** What happens to the disk when a process is killed; only lives with restarts find it. */
  readonly disk?: (disk: SimDisk) => void;
}

/** The planted bugs; each must be caught within a few seeds. */
export const MUTANTS: readonly Mutant[] = [
  { name: 'double dispatch', caughtBy: /claimed (twice|after its end)/, queue: doubleDispatch },
  {
    name: 'lost cancel',
    caughtBy: /before its slot was free|after its end|still has tasks/,
    queue: (inner) => patch(inner, { cancel: async () => 'removed' }),
  },
  { name: 'token after cancel', caughtBy: /read after its cancel|never came back/, queue: deafLeases },
  { name: 'bound off by one', caughtBy: /more tasks than its bound/, limits: oneMore },
  { name: 'wrong order', caughtBy: /out of order|before the older/, queue: lastInFirstOut },
  { name: 'key runs too many', caughtBy: /runs more tasks than it may/, keyRules: oneMoreRuns },
  { name: 'forgotten pause', caughtBy: /while its pool was paused/, queue: pauseForgotten },
  { name: 'forgotten move', caughtBy: /before the older|out of order/, queue: moveForgotten },
  {
    name: 'forgotten drain',
    caughtBy: /while its pool gave out nothing/,
    orchestrator: (inner) => override(inner, { drainPool: async () => undefined }),
  },
  {
    name: 'forgotten hold',
    caughtBy: /while its pool gave out nothing/,
    orchestrator: (inner) => override(inner, { holdPool: () => undefined }),
  },
  {
    name: 'forgotten exchange',
    caughtBy: /which was replaced/,
    orchestrator: (inner) => override(inner, { replaceReplicas: async () => undefined }),
  },
  {
    name: 'forgotten edge',
    caughtBy: /Demand was last told/,
    orchestrator: (inner) => override(inner, { watchDemand: () => () => undefined }),
  },
  { name: 'turns overlap', caughtBy: /beside another turn of its session/, queue: turnsOverlap },
  { name: 'missing terminal', caughtBy: /never came back|never saw an end|runs more tasks/, queue: settleForgotten },
  {
    name: 'forgotten eviction',
    caughtBy: /before the older|still has|never ended|never came back/,
    queue: evictionForgotten,
  },
  { name: 'duplicated token', caughtBy: /Token \d+ of|ended with WORKER_RESET/, adapter: stammer },
  { name: 'slot overbooked', caughtBy: /more jobs than it has slots/, adapter: overbook },
  { name: 'lost task', caughtBy: /was lost/, disk: loseTask },
  { name: 'swapped tasks', caughtBy: /out of order|before the older/, disk: swapTasks },
  { name: 'wrong prefix', caughtBy: /ended with WORKER_RESET/, disk: spoilPrefixes },
  { name: 'forgotten attempts', caughtBy: /started over after its first token/, disk: forgetAttempts },
  { name: 'task comes back', caughtBy: /claimed after its|ended twice|was lost|is not what it was/, disk: reviveTask },
  { name: 'miscounted metric', caughtBy: /tasks_canceled_total says/, meter: miscount },
];

/** `inner` with some members replaced; the rest stays bound to it. */
function override(inner: Orchestrator, members: Partial<Orchestrator>): Orchestrator {
  return new Proxy(inner, {
    get(target, name) {
      const own: unknown = Reflect.get(members, name);
      const member: unknown = own ?? Reflect.get(target, name);
      return typeof member === 'function' && own === undefined ? (member.bind(target) as unknown) : member;
    },
  });
}

/** The same for a queue. */
function patch(inner: TaskQueue, members: Partial<TaskQueue>): TaskQueue {
  return {
    admit: (task, onDecided) => inner.admit(task, onDecided),
    preview: (task) => inner.preview(task),
    claim: (poolId, signal) => inner.claim(poolId, signal),
    settle: (lease, end, archive) => inner.settle(lease, end, archive),
    release: (lease) => inner.release(lease),
    cancel: (id, reason) => inner.cancel(id, reason),
    steer: (steering) => inner.steer(steering),
    place: (id) => inner.place(id),
    snapshot: (poolId) => inner.snapshot(poolId),
    close: () => inner.close(),
    ...members,
  };
}

function loseTask({ rows, waiting }: SimDisk): void {
  const last = waiting.at(-1);
  if (last !== undefined) rows.delete(last.task.id);
}

function swapTasks({ rows, waiting }: SimDisk): void {
  const fresh = waiting.filter(({ epoch, task }) => epoch === 0 && task.priority === 'interactive');
  const [first, last] = [fresh[0], fresh.findLast(({ task }) => task.poolId === fresh[0]?.task.poolId)];
  if (first === undefined || last === undefined) return;
  rows.set(first.task.id, { ...first, order: last.order });
  rows.set(last.task.id, { ...last, order: first.order });
}

function spoilPrefixes({ waiting }: SimDisk): void {
  for (const row of waiting) if (row.delivered !== undefined) row.delivered = { ...row.delivered, sha256: 'spoilt' };
}

function forgetAttempts({ waiting }: SimDisk): void {
  for (const row of waiting) {
    row.attempts = 0;
    delete row.runs;
  }
}

function reviveTask({ ended, rows }: SimDisk): void {
  const row = ended.pop();
  if (row === undefined) return;
  const { end: _end, archive: _archive, ...revived } = row;
  rows.set(row.task.id, revived);
}

function doubleDispatch(inner: TaskQueue, random: SeededRandom): TaskQueue {
  const last = new Map<string, Lease>();
  return patch(inner, {
    claim: async (poolId, signal) => {
      const again = last.get(poolId);
      last.delete(poolId);
      if (again !== undefined && random.below(10) === 0) return again;
      const lease = await inner.claim(poolId, signal);
      if (lease !== undefined) last.set(poolId, lease);
      return lease;
    },
  });
}

function deafLeases(inner: TaskQueue): TaskQueue {
  return patch(inner, {
    claim: async (poolId, signal) => {
      const lease = await inner.claim(poolId, signal);
      return lease === undefined ? undefined : { ...lease, lost: new AbortController().signal };
    },
    settle: (lease, end) => inner.settle(lease, end),
  });
}

function oneMore(limits: QueueLimits): QueueLimits {
  const { interactive, batch } = limits.maxTasks;
  return { ...limits, maxTasks: { interactive: interactive + 1, batch: batch + 1 } };
}

function pauseForgotten(inner: TaskQueue): TaskQueue {
  return patch(inner, { steer: async (steering) => (steering.kind === 'pause' ? 'done' : inner.steer(steering)) });
}

function moveForgotten(inner: TaskQueue): TaskQueue {
  return patch(inner, {
    steer: async (steering) => {
      if (steering.kind !== 'priority') return inner.steer(steering);
      return (await inner.place(steering.id)) === undefined ? 'leased' : 'done';
    },
  });
}

function oneMoreRuns(rules: KeyRules): KeyRules {
  return rules.runningTasks === undefined ? rules : { ...rules, runningTasks: rules.runningTasks + 1 };
}

function lastInFirstOut(inner: TaskQueue): TaskQueue {
  const kept = new Map<string, Lease>();
  return patch(inner, {
    claim: async (poolId, signal) => {
      const held = kept.get(poolId);
      kept.delete(poolId);
      if (held !== undefined) return held;
      const first = await inner.claim(poolId, signal);
      if (first === undefined || (await inner.snapshot(poolId)).waiting[first.task.priority] === 0) return first;
      const second = await inner.claim(poolId, signal);
      if (second === undefined) return first;
      kept.set(poolId, first);
      return second;
    },
  });
}

function turnsOverlap(inner: TaskQueue): TaskQueue {
  const tasks = new Map<string, Task>();
  return patch(inner, {
    admit: (task, onDecided) => {
      tasks.set(task.id, task);
      const { sessionId: _session, ...alone } = task;
      return inner.admit(alone, onDecided);
    },
    claim: async (poolId, signal) => {
      const lease = await inner.claim(poolId, signal);
      return lease === undefined ? undefined : { ...lease, task: tasks.get(lease.task.id) ?? lease.task };
    },
  });
}

function settleForgotten(inner: TaskQueue, random: SeededRandom): TaskQueue {
  return patch(inner, {
    settle: async (lease, end) => {
      const outcome = await inner.settle(lease, end);
      return random.below(20) === 0 ? Promise.withResolvers<typeof outcome>().promise : outcome;
    },
  });
}

function evictionForgotten(inner: TaskQueue): TaskQueue {
  return patch(inner, {
    admit: async (task, onDecided) => {
      const admission = await inner.admit(task, (accepted) => onDecided?.({ ...accepted, evicted: [] }));
      return admission.outcome === 'accepted' ? { ...admission, evicted: [] } : admission;
    },
  });
}

function wrap(inner: WorkerAdapter, members: Partial<WorkerAdapter>): WorkerAdapter {
  return {
    kind: inner.kind,
    specVersion: inner.specVersion,
    probe: (signal) => inner.probe(signal),
    run: (request, sink, signal) => inner.run(request, sink, signal),
    metrics: (signal) => inner.metrics(signal),
    close: () => inner.close(),
    ...members,
  };
}

function stammer(inner: WorkerAdapter): WorkerAdapter {
  return wrap(inner, {
    run: (request, sink, signal) =>
      inner.run(
        request,
        { onTokens: (texts, count) => sink.onTokens([...texts, ...texts.slice(-1)], count + 1) },
        signal,
      ),
  });
}

function overbook(inner: WorkerAdapter): WorkerAdapter {
  return wrap(inner, {
    probe: async (signal) => {
      const health = await inner.probe(signal);
      if (health.state !== 'ready') return health;
      return { ...health, props: { ...health.props, slots: health.props.slots + 1 } };
    },
  });
}

function miscount(inner: Meter): Meter {
  return {
    add: (name, labels, amount) => {
      if (name !== 'tasks_canceled_total') inner.add(name, labels, amount);
    },
    set: (name, labels, value) => inner.set(name, labels, value),
    observe: (name, labels, value) => inner.observe(name, labels, value),
  };
}
