// SPDX-License-Identifier: MIT
import { DEFAULT_SAMPLER_PROFILE } from '../default-options.ts';
import type { OrchestratorOptions, PoolSpec } from '../orchestrator-api.ts';
import type { Clock, CorePorts, Logger, Timer } from '../ports.ts';
import { createMemoryTaskQueue } from '../queue/memory-task-queue.ts';
import type { QueueLimits, TaskQueue } from '../queue/task-queue.ts';
import type { PoolId, TaskId } from '../task/ids.ts';
import type { FakeClock } from '../testkit/fake-clock.ts';
import { SeededIdSource, SeededRandom } from '../testkit/seeded-random.ts';
import { sha256Digest } from '../testkit/sha256-digest.ts';
import { CountingMeter } from './counting-meter.ts';
import type { Mutant } from './mutants.ts';
import { ObservedQueue } from './observed-queue.ts';
import { SimDisk } from './sim-disk.ts';
import { buildKeys, rulesOf } from './sim-keys.ts';
import type { EngineLedger, SimEngine } from './sim-engine.ts';
import { ABORT_GRACE_MS, buildPools, type EngineWorkshop } from './sim-pools.ts';
import { SimStore, type SimStoreOptions } from './sim-store.ts';
import { Violation, type Referee } from './referee.ts';

/** More ids than a run can use. */
const USED_IDS_COUNT = 10_000;

/** A clock of its own for core, over the time all share, that knows what core has left running. */
export class CoreClock implements Clock {
  readonly #clock: FakeClock;
  readonly #pending = new Set<Timer>();
  #dead = false;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  /** Timers core has set that neither fired nor were canceled. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  wallNowMs(): number {
    return this.#clock.wallNowMs();
  }

  /** Its process is killed: nothing fires any more. */
  kill(): void {
    this.#dead = true;
    for (const timer of this.#pending) timer.cancel();
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    if (this.#dead) return { cancel: () => undefined };
    const inner = this.#clock.setTimer(delayMs, () => {
      this.#pending.delete(timer);
      fire();
    });
    const timer: Timer = {
      cancel: () => {
        this.#pending.delete(timer);
        inner.cancel();
      },
    };
    this.#pending.add(timer);
    return timer;
  }
}

/** Everything around the orchestrator of one run. */
export interface SimSetup {
  /** What outlives a process; undefined where nothing does. */
  readonly durable: { readonly disk: SimDisk; readonly store: SimStore } | undefined;
  readonly options: OrchestratorOptions;
  readonly queue: ObservedQueue;
  readonly coreClock: CoreClock;
  readonly meter: CountingMeter;
  readonly engines: readonly SimEngine[];
  readonly ledger: EngineLedger;
  /** Where further engines are made. */
  readonly workshop: EngineWorkshop;
}

/** What a setup is made from. */
export interface SimSetupOptions {
  readonly seed: number;
  readonly clock: FakeClock;
  readonly note: (line: string) => void;
  readonly referee: Referee;
  readonly mutant: Mutant | undefined;
  /** Whether tasks outlive the process. */
  readonly durable: boolean;
}

/** Builds a service of random size and temper; the same seed builds the same one. */
export function buildSetup({ seed, clock, note, referee, mutant, durable }: SimSetupOptions): SimSetup {
  const random = new SeededRandom(seed);
  const coreClock = new CoreClock(clock);
  const meter = new CountingMeter();
  const maps = { pieces: new Map(), live: new Map(), sessions: new Map(), losses: new Map() };
  const ledger: EngineLedger = { ...maps, shutPools: new Set(), retired: new Set(), runCount: 0, referee, note };
  const engines: SimEngine[] = [];
  const workshop = { clock, ledger, mutant, engines, faultRatio: random.pick([0, 0.1, 0.3]) };
  const pools = buildPools(workshop, random);
  const limits = limitsOf(pools, mutant);
  const keys = random.pick([[], buildKeys(random)]);
  const keyRules = rulesOf(keys, mutant);
  const plain = createMemoryTaskQueue({ limits, keyRules, retention: { endedTasks: USED_IDS_COUNT } });
  const decider = mutant?.queue?.(plain, new SeededRandom(random.nextUint32())) ?? plain;
  const queue = new ObservedQueue(decider, referee, !durable);
  const kept = durable ? openStore({ clock, limits, keyRules, disk: new SimDisk(), random, queue }) : undefined;
  const ports: CorePorts = {
    clock: coreClock,
    random: new SeededRandom(random.nextUint32()),
    ids: new SeededIdSource(new SeededRandom(random.nextUint32())),
    digest: sha256Digest,
    logger: strictLogger(note, referee),
    meter: mutant?.meter?.(meter) ?? meter,
  };
  const parts = { ports, queue: kept?.store ?? queue, pools, keys, ...(kept && { store: kept.store }) };
  const options = buildOptions(parts, random);
  return { options, queue, coreClock, meter, engines, ledger, workshop, durable: kept };
}

/** What another process finds after the one before was killed: the disk, the engines it starts, and a new clock. */
export function restartSetup(
  setup: SimSetup,
  around: Pick<SimSetupOptions, 'clock' | 'mutant'>,
  random: SeededRandom,
): SimSetup {
  const { durable, coreClock: dead, engines, queue, options } = setup;
  if (durable === undefined) throw new Violation('Nothing outlives this process.');
  dead.kill();
  durable.store.crash(random.below(2) === 0);
  for (const engine of engines) engine.reboot();
  setup.ledger.shutPools.clear();
  setup.ledger.retired.clear();
  around.mutant?.disk?.(durable.disk);
  const limits = limitsOf(options.pools, around.mutant);
  const keyRules = rulesOf(options.keys ?? [], around.mutant);
  const kept = openStore({ clock: around.clock, limits, keyRules, disk: durable.disk, random, queue });
  const coreClock = new CoreClock(around.clock);
  const meter = new CountingMeter();
  const ports = { ...options.ports, clock: coreClock, meter };
  return {
    ...setup,
    durable: kept,
    coreClock,
    meter,
    options: { ...options, ports, queue: kept.store, store: kept.store },
  };
}

function openStore(
  parts: Pick<SimStoreOptions, 'disk' | 'limits' | 'keyRules'> & {
    readonly clock: FakeClock;
    readonly random: SeededRandom;
    /** Watches the queue inside, where things are decided. */
    readonly queue: ObservedQueue;
  },
): NonNullable<SimSetup['durable']> {
  const { clock, random, queue, ...kept } = parts;
  const { disk } = kept;
  const commitMs = (): number => random.below(12);
  const onClaimed = (id: TaskId): void => void queue.held.add(id);
  const wrap = (inner: TaskQueue): TaskQueue => {
    queue.restart(inner, disk);
    return queue;
  };
  return {
    disk,
    store: new SimStore({ ...kept, clock, commitMs, wrap, onClaimed, retention: { endedTasks: USED_IDS_COUNT } }),
  };
}

function limitsOf(pools: readonly PoolSpec[], mutant: Mutant | undefined): (poolId: PoolId) => QueueLimits {
  const byId = new Map(pools.map(({ id, limits }) => [id, limits]));
  return (poolId) => {
    const found = byId.get(poolId);
    if (found === undefined) throw new Violation(`The queue was asked for the unknown pool ${poolId}.`);
    return mutant?.limits?.(found) ?? found;
  };
}

function buildOptions(
  parts: Pick<OrchestratorOptions, 'ports' | 'queue' | 'store' | 'pools' | 'keys'>,
  random: SeededRandom,
): OrchestratorOptions {
  const budget = random.below(2) === 0 ? undefined : { tokens: 100 };
  return {
    ...parts,
    samplerProfiles: [{ version: 'default-1', sampling: DEFAULT_SAMPLER_PROFILE.sampling }],
    sessions: { ttlMs: 2_000, maxTurns: 4, ...(budget === undefined ? {} : { budget }) },
    streamBufferBytes: random.pick([40, 4_000_000]),
    retention: { endedTasks: random.pick([5, 1_000]), transcriptBytes: random.pick([5_000, 1_000_000]) },
    ...random.pick([{}, { noReaderMs: 1_000 }]),
    abortGraceMs: ABORT_GRACE_MS,
    liveIntervalMs: 200,
    probeIntervalMs: 1_000,
  };
}

/** Core says "error" only when it met a fault of its own. */
function strictLogger(note: (line: string) => void, referee: Referee): Logger {
  return {
    log: (level, human, fields) => {
      note(`${level} ${human}`);
      if (level === 'error') referee.blame(new Violation(`Core reported: ${human} ${String(fields['cause'] ?? '')}`));
    },
  };
}
