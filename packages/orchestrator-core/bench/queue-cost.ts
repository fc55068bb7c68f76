// SPDX-License-Identifier: MIT
// ORCH-3050: run with `node --conditions=@llama-orch/source packages/orchestrator-core/bench/queue-cost.ts`; exits 1 when
// an operation's cost grows faster than logarithmically. `--keys 8` lets so many keys share the pool (ORCH-1262).
import { parseArgs } from 'node:util';
import {
  createMemoryTaskQueue,
  type KeyId,
  type PoolId,
  type Task,
  type TaskId,
  type TaskQueue,
} from '../src/index.ts';
import { SeededRandom, buildTask } from '../src/testkit/index.ts';

const SIZES = [1_000, 100_000, 1_000_000] as const;
/** Each figure is the best of so many rounds of so many operations: what is left is the cost, not the neighbor's noise. */
const ROUND_COUNT = 15;
const OPERATION_COUNT = 1_000;
/**
 * A million tasks do not fit the processor's caches: even a bare `Map.get` of one of them costs several times what it costs
 * among a thousand. So an operation may grow by what the lookup of a random task grows, times log n, times this much for
 * noise. One that walks over the tasks would exceed that a hundredfold.
 */
const NOISE_RATIO = 3;

const { values } = parseArgs({ options: { keys: { type: 'string', default: '0' } } });
const KEY_COUNT = Number(values.keys);
const POOL = 'bench' as PoolId;
const LIMITS = {
  maxTasks: { interactive: Infinity, batch: Infinity },
  maxBytes: Infinity,
  fullPolicy: 'reject',
  interactiveBurst: 8,
} as const;
const OPERATIONS = ['bare lookup', 'admit', 'claim + settle', 'cancel', 'position'] as const;
type Figures = Record<(typeof OPERATIONS)[number], number>;

interface Setup {
  readonly queue: TaskQueue;
  readonly waiting: readonly Task[];
  /** What the reference operation looks tasks up in. */
  readonly byId: ReadonlyMap<TaskId, Task>;
}

const template = buildTask({ poolId: POOL });
const quiet = new AbortController().signal;
let count = 0;

function nextTask(): Task {
  count += 1;
  const id = `${count.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000` as TaskId;
  const task: Task = { ...template, id, priority: count % 2 === 0 ? 'interactive' : 'batch' };
  if (KEY_COUNT === 0) return task;
  return { ...task, keyId: `key-${(count >> 1) % KEY_COUNT}` as KeyId, costTokens: 1 + ((count * 37) % 700) };
}

async function fill(size: number): Promise<Setup> {
  const queue = createMemoryTaskQueue({ limits: () => LIMITS, retention: { endedTasks: 1_000 } });
  const waiting: Task[] = [];
  while (waiting.length < size) {
    const task = nextTask();
    await queue.admit(task);
    waiting.push(task);
  }
  return { queue, waiting, byId: new Map(waiting.map((task) => [task.id, task])) };
}

/** Nanoseconds per operation; the queue has the same size afterwards. */
async function timeRound({ queue, waiting, byId }: Setup, random: SeededRandom): Promise<Figures> {
  const fresh = Array.from({ length: OPERATION_COUNT }, nextTask);
  const asked = fresh.map(() => random.pick(waiting).id);
  const lookedUp = fresh.map(() => random.pick(waiting).id);
  const lookup = await timeEach(lookedUp, async (id) => byId.get(id)?.priority);
  const admit = await timeEach(fresh, (task) => queue.admit(task));
  const position = await timeEach(asked, (id) => queue.place(id));
  const leases = await timeEach(fresh, async () => {
    const lease = await queue.claim(POOL, quiet);
    if (lease !== undefined) await queue.settle(lease, { outcome: 'completed', usedTokens: 100 });
  });
  await Promise.all(fresh.map(() => queue.admit(nextTask())));
  const canceled = new Set(asked);
  const cancel = await timeEach([...canceled], (id) => queue.cancel(id, 'client'));
  return { 'bare lookup': lookup, admit, position, 'claim + settle': leases, cancel };
}

async function timeEach<T>(items: readonly T[], operate: (item: T) => Promise<unknown>): Promise<number> {
  const startNs = process.hrtime.bigint();
  for (const item of items) await operate(item);
  return Number(process.hrtime.bigint() - startNs) / items.length;
}

async function measure(size: number): Promise<Figures> {
  const setup = await fill(size);
  const random = new SeededRandom(size);
  const rounds: Figures[] = [];
  while (rounds.length < ROUND_COUNT) rounds.push(await timeRound(setup, random));
  const best = (operation: keyof Figures): number => Math.min(...rounds.map((figures) => figures[operation]));
  return Object.fromEntries(OPERATIONS.map((operation) => [operation, best(operation)])) as Figures;
}

await measure(SIZES[0]);
const figures: { readonly size: number; readonly costNs: Figures }[] = [];
for (const size of SIZES) figures.push({ size, costNs: await measure(size) });

const ratioOf = (operation: keyof Figures, costNs: Figures): number =>
  costNs[operation] / (figures[0]?.costNs[operation] ?? NaN);
let failed = false;
console.log('operation         queued      ns/op   x of 1e3   allowed');
for (const operation of OPERATIONS) {
  for (const { size, costNs } of figures) {
    const ratio = ratioOf(operation, costNs);
    const steps = Math.log2(size) / Math.log2(SIZES[0]);
    const allowed = steps * Math.max(1, ratioOf('bare lookup', costNs)) * NOISE_RATIO;
    const grows = !(ratio <= allowed);
    failed ||= grows;
    const cells = [size.toExponential(0), costNs[operation].toFixed(0), ratio.toFixed(2), allowed.toFixed(1)];
    console.log(operation.padEnd(16), ...cells.map((cell) => cell.padStart(9)), grows ? ' GROWS TOO FAST' : '');
  }
}
process.exitCode = failed ? 1 : 0;
