// SPDX-License-Identifier: MIT
import { DEFAULT_SAMPLER_PROFILE } from '../default-options.ts';
import { createOrchestrator } from '../orchestrator.ts';
import type { WatchdogLimits } from '../dispatch/watchdog.ts';
import type { ControlEvent, Orchestrator, OrchestratorOptions, PoolSpec, Submission } from '../orchestrator-api.ts';
import type { CorePorts } from '../ports.ts';
import { createMemoryTaskQueue } from '../queue/memory-task-queue.ts';
import type { QueueLimits, TaskQueue } from '../queue/task-queue.ts';
import { CountingMeter } from '../simulation/counting-meter.ts';
import type { SimDisk } from '../simulation/sim-disk.ts';
import { SimStore } from '../simulation/sim-store.ts';
import type { StreamChunk, TaskReader } from '../stream/task-reader.ts';
import type { PoolId, ReplicaId, TaskId } from '../task/ids.ts';
import type { AdmissionAnswer, TaskRequest, TaskView } from '../task/task.ts';
import { FakeClock, SeededIdSource, SeededRandom, TEST_POOL, buildRequest, sha256Digest } from '../testkit/index.ts';
import { ManualAdapter, type ManualJob } from './manual-adapter.ts';

export const TEST_LIMITS: QueueLimits = {
  maxTasks: { interactive: 4, batch: 4 },
  maxBytes: 1_000_000,
  fullPolicy: 'reject',
  interactiveBurst: 4,
};

/** What a test may change. */
export interface RigOptions extends Partial<Omit<OrchestratorOptions, 'ports' | 'queue' | 'pools'>> {
  readonly adapters?: readonly ManualAdapter[];
  readonly limits?: Partial<QueueLimits>;
  readonly watchdog?: WatchdogLimits;
  /** Puts something between core and the memory queue. */
  readonly wrapQueue?: (inner: TaskQueue) => TaskQueue;
  readonly pools?: readonly PoolSpec[];
  /** What outlives the process; default nothing does. */
  readonly disk?: SimDisk;
  /** Time that goes on where that of a process before stopped. */
  readonly clock?: FakeClock;
}

/** A pool of manual engines. */
export function buildPool(id: PoolId, adapters: readonly ManualAdapter[], limits: QueueLimits = TEST_LIMITS): PoolSpec {
  const replicas = adapters.map((adapter, index) => ({ id: `replica-${index}` as ReplicaId, adapter }));
  return { id, modelRefs: ['test-ref'], replicas, limits, maxTokensOut: 32 };
}

/** An orchestrator in virtual time on engines in the test's hands. */
export class Rig {
  readonly clock: FakeClock;
  readonly meter = new CountingMeter();
  readonly events: ControlEvent[] = [];
  readonly logged: string[] = [];
  readonly adapter: ManualAdapter;
  readonly orchestrator: Orchestrator;
  readonly store: SimStore | undefined;
  readonly #options: RigOptions;

  constructor(rigOptions: RigOptions = {}) {
    const { adapters = [new ManualAdapter()], limits, watchdog, pools, wrapQueue, disk, ...rest } = rigOptions;
    const { clock = new FakeClock(), ...options } = rest;
    this.#options = rigOptions;
    this.clock = clock;
    const random = new SeededRandom(disk === undefined ? 1 : disk.rows.size + 1);
    this.adapter = adapters[0] ?? new ManualAdapter();
    const ports: CorePorts = {
      clock: this.clock,
      random,
      ids: new SeededIdSource(random),
      digest: sha256Digest,
      logger: { log: (level, human) => void this.logged.push(`${level} ${human}`) },
      meter: this.meter,
    };
    const pool = buildPool(TEST_POOL, adapters, { ...TEST_LIMITS, ...limits });
    const specs = pools ?? [{ ...pool, ...(watchdog && { watchdog }) }];
    const limitsOf = (id: PoolId): QueueLimits => specs.find((spec) => spec.id === id)?.limits ?? TEST_LIMITS;
    const queueOptions = { limits: limitsOf, retention: { endedTasks: 1_000 } };
    const memory = createMemoryTaskQueue(queueOptions);
    this.store = disk && new SimStore({ ...queueOptions, disk, clock });
    this.orchestrator = createOrchestrator({
      ports,
      queue: this.store ?? wrapQueue?.(memory) ?? memory,
      ...(this.store === undefined ? {} : { store: this.store }),
      pools: specs,
      samplerProfiles: [{ version: 'default-1', sampling: DEFAULT_SAMPLER_PROFILE.sampling }],
      sessions: { ttlMs: 60_000, maxTurns: 3 },
      streamBufferBytes: 1_000_000,
      retention: { endedTasks: 100, transcriptBytes: 1_000_000 },
      abortGraceMs: 3_000,
      liveIntervalMs: 500,
      probeIntervalMs: 1_000,
      ...options,
    });
    this.orchestrator.watch((event) => this.events.push(event));
  }

  /** Starts it and lets everything come to rest. */
  async start(): Promise<this> {
    void this.orchestrator.start(new AbortController().signal);
    await this.rest();
    return this;
  }

  /** Lets everything run that does not wait for time. */
  async rest(): Promise<void> {
    await this.clock.advance(0);
  }

  /** Kills the process and starts another on the same disk, with the given engines. */
  async restart(options: RigOptions = {}): Promise<Rig> {
    this.store?.crash(false);
    return new Rig({ ...this.#options, adapters: [new ManualAdapter()], ...options, clock: this.clock }).start();
  }

  submit(fields: Partial<TaskRequest> = {}): Promise<Submission> {
    return this.orchestrator.submit(buildRequest(fields), { identity: 'anonymous', correlationId: 'test' });
  }

  /** Submits what must be accepted, and waits until it runs if it can. */
  async accept(fields: Partial<TaskRequest> = {}): Promise<AdmissionAnswer> {
    const submission = await this.submit(fields);
    if (submission.outcome === 'rejected') throw submission.error;
    await this.rest();
    return submission.answer;
  }

  /** The job handed over last. */
  get job(): ManualJob {
    const job = this.adapter.jobs.at(-1);
    if (job === undefined) throw new Error('No job was handed over.');
    return job;
  }

  async view(id: TaskId): Promise<TaskView> {
    const view = await this.orchestrator.get(id);
    if (view === undefined) throw new Error(`No task ${id}.`);
    return view;
  }

  async read(id: TaskId, onReady: () => void = () => undefined, afterSeq?: number): Promise<TaskReader> {
    const reader = await this.orchestrator.read(id, { onReady, ...(afterSeq === undefined ? {} : { afterSeq }) });
    if (reader === undefined) throw new Error(`No task ${id}.`);
    return reader;
  }

  async stop(): Promise<void> {
    await this.orchestrator.stop('the test is over');
  }
}

/** Everything the reader has now. */
export function drain(reader: TaskReader): StreamChunk[] {
  const chunks: StreamChunk[] = [];
  for (let chunk = reader.next(); chunk !== undefined; chunk = reader.next()) chunks.push(chunk);
  return chunks;
}
