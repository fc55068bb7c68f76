// SPDX-License-Identifier: MIT
import type { WorkerProps } from '@llama-orch/worker-adapter-api';
import type { PoolFacts } from '../admission/pool-facts.ts';
import type { PoolBounds } from '../budget/task-amounts.ts';
import type { ControlEvent, PoolSpec, ReplicaSpec } from '../orchestrator-api.ts';
import { withPoolDefaults, type CompletePoolSpec } from '../default-options.ts';
import type { CorePorts } from '../ports.ts';
import type { PoolId, ReplicaId } from '../task/ids.ts';
import { DrainRate } from '../estimate/drain-rate.ts';
import type { StartEstimator } from '../estimate/start-estimator.ts';
import type { StartForecast } from '../estimate/start-forecast.ts';
import { PRIORITIES, type EngineIdentity, type Priority } from '../task/task.ts';
import type { TaskRecord } from '../task/task-record.ts';
import type { PoolPolicy } from './pool-operations.ts';
import { Occupancy, type ForecastQuestion, type WayIn } from './occupancy.ts';
import { PoolGate } from './pool-gate.ts';
import type { Replica } from './replica.ts';
import { ReplicaRoster } from './replica-roster.ts';
import { isEngine, whyNotInSet } from './replica-set.ts';

/** What a pool is made with. */
export interface PoolOptions {
  readonly spec: PoolSpec;
  readonly ports: Pick<CorePorts, 'clock' | 'meter' | 'logger'>;
  /** Between two probes of a ready replica, in milliseconds. */
  readonly probeIntervalMs: number;
  readonly emit: (event: ControlEvent) => void;
  /** The replica holds no context memory any more. */
  readonly onContextLost: (id: ReplicaId) => void;
  /** Whether anything runs or waits has changed, or whether what waits is given out. */
  readonly onDemandEdge: () => void;
}

/** One pool at run time: its replicas, their slots, and who waits for one. */
export class Pool {
  readonly id: PoolId;
  /** Who holds its slots and who waits for one. */
  readonly occupancy: Occupancy;
  /** Whether what waits is given out. */
  readonly gate: PoolGate;
  /** How fast its queue gets shorter. */
  readonly drain = new DrainRate();
  readonly #options: PoolOptions;
  readonly #roster: ReplicaRoster;
  #spec: CompletePoolSpec;
  readonly #waiting: Record<Priority, number> = { interactive: 0, batch: 0 };
  #props: WorkerProps | undefined;
  /** On what jobs were timed. */
  #measured: WorkerProps | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#spec = withPoolDefaults(options.spec);
    this.id = options.spec.id;
    this.occupancy = new Occupancy(options.ports.clock, options.onDemandEdge);
    this.gate = new PoolGate({ poolId: this.id, ports: options.ports, onChange: options.onDemandEdge });
    this.#roster = new ReplicaRoster({
      spec: options.spec,
      clock: options.ports.clock,
      probeIntervalMs: options.probeIntervalMs,
      onChange: (replica, stateChanged) => this.#changed(replica, stateChanged),
    });
  }

  /** How it is set up now. */
  get spec(): CompletePoolSpec {
    return this.#spec;
  }

  /** The replicas that jobs are placed on. */
  get replicas(): readonly Replica[] {
    return this.#roster.serving;
  }

  /** All of them, with those that were replaced and end what they run. */
  get allReplicas(): readonly Replica[] {
    return [...this.#roster.serving, ...this.#roster.leaving];
  }

  /** What the ready replicas agree on, or agreed on last; undefined until one was ready. */
  get props(): WorkerProps | undefined {
    return this.#props;
  }

  /** `loading`: none is ready, one may become so or is loaded when work waits. `failed`: none can serve as things stand. */
  get state(): 'ready' | 'loading' | 'failed' {
    let mayServe = false;
    for (const { state } of this.replicas) {
      if (state === 'ready') return 'ready';
      mayServe ||= state === 'loading' || state === 'unloaded';
    }
    return mayServe ? 'loading' : 'failed';
  }

  /** True when a ready replica has this engine. */
  serves(engine: EngineIdentity): boolean {
    return this.replicas.some(
      ({ state, props }) => state === 'ready' && props !== undefined && isEngine(props, engine),
    );
  }

  /** Resolves when a ready replica has this engine, or when `signal` aborts. */
  whenServes(engine: EngineIdentity, signal: AbortSignal): Promise<void> {
    return this.#roster.changes.until(() => this.serves(engine), signal);
  }

  /** Resolves when no slot of a replica of this pool is taken, when it is not ready, or when `signal` aborts. */
  whenIdle(replica: Replica, signal: AbortSignal): Promise<void> {
    return this.#roster.changes.until(() => replica.slotsBusy === 0 || replica.state !== 'ready', signal);
  }

  /** Slots of all ready replicas. */
  get slotCount(): number {
    return this.replicas.reduce(
      (sum, replica) => sum + (replica.state === 'ready' ? (replica.props?.slots ?? 0) : 0),
      0,
    );
  }

  /** Slots that are taken on its ready replicas. */
  get slotsBusy(): number {
    return this.replicas.reduce((sum, { state, slotsBusy }) => sum + (state === 'ready' ? slotsBusy : 0), 0);
  }

  /** True when a job could start now. */
  get hasFreeSlot(): boolean {
    return this.replicas.some((replica) => replica.slotsFree > 0);
  }

  /** Service times of this pool and its own prediction errors. */
  get estimator(): StartEstimator {
    return this.occupancy.estimator;
  }

  /** Jobs that hold a slot now. */
  get runningCount(): number {
    return this.occupancy.runningCount;
  }

  /** When a task starts, counted from now; undefined when it cannot be believed. */
  forecast(question: Omit<ForecastQuestion, 'slots'>): StartForecast | undefined {
    // ORCH-1283: nobody knows when it goes on.
    return this.gate.isOpen ? this.occupancy.forecast({ ...question, slots: this.slotCount }) : undefined;
  }

  /** The same for a task that waits: whatever slot seems to be free was given to another. */
  forecastWaiting(of: TaskRecord, position: number): StartForecast | undefined {
    return this.forecast({ of, position, leasedCount: this.slotCount });
  }

  /** A task begins to wait. */
  joined(record: TaskRecord, { isBack = false, startChance = 1 }: Partial<WayIn> = {}): void {
    this.occupancy.join(record, { isBack, startChance });
    this.countWaiting(record.task.priority, 1);
  }

  /** A task was given out. */
  claimed(record: TaskRecord): void {
    this.left(record);
    this.occupancy.claimed(record);
  }

  /** A task ceases to wait; nothing for one that did not. */
  left(record: TaskRecord): void {
    if (record.waitingPlace === undefined) return;
    const { priority } = record.waitingPlace;
    this.occupancy.stepOut(record);
    this.countWaiting(priority, -1);
  }

  /** ORCH-1253: when a client that was refused for want of room may come back, in milliseconds. */
  get retryAfterMs(): number {
    return this.drain.retryAfterMs(this.#options.ports.clock.nowMs());
  }

  /** What was measured here, as text for another process's {@link restore}. */
  get statistics(): string {
    return JSON.stringify({ services: this.estimator.statistics, drainMs: this.drain.intervalsMs });
  }

  /** Goes on with what another process has measured. */
  restore(statistics: string): void {
    const { services, drainMs } = JSON.parse(statistics) as { services?: string; drainMs?: readonly number[] };
    // Once it was the service times alone.
    this.estimator.restore(services ?? statistics);
    this.drain.restore(drainMs ?? []);
  }

  /** What bounds the use of a task that runs here. */
  get bounds(): PoolBounds {
    const { price } = this.spec;
    const jobMs = this.estimator.serviceTimeMs?.mean;
    return { ctxMaxTokens: this.#props?.ctxMaxTokens, jobMs, price };
  }

  /** What admission needs to know. */
  facts(): PoolFacts {
    return {
      id: this.id,
      modelRefs: this.spec.modelRefs,
      maxTokensOut: this.spec.maxTokensOut,
      state: this.gate.draining ? 'draining' : this.state,
      props: this.#props,
      retryAfterMs: this.#readyAfterMs,
      samplerProfileVersion: this.spec.pins?.samplerProfileVersion,
      defaultProfileVersion: this.spec.defaultProfileVersion,
    };
  }

  /** ORCH-1412: when an engine that has failed may be back, as far as any of them knows. */
  get #readyAfterMs(): number {
    let soonestMs: number | undefined;
    for (const { retryAfterMs = Infinity } of this.replicas) {
      if (retryAfterMs < (soonestMs ?? Infinity)) soonestMs = retryAfterMs;
    }
    return soonestMs ?? this.#options.probeIntervalMs;
  }

  /** Starts probing every replica. */
  start(): void {
    this.gate.setPaused(this.gate.paused);
    this.#publishModelState();
    for (const priority of PRIORITIES) this.countWaiting(priority, 0);
    this.#roster.start();
  }

  /** Ends probing; no replica takes a job any more. */
  stop(): void {
    this.#roster.stop();
  }

  /** Others serve from now on; see `replaceReplicas` of the orchestrator. */
  replaceReplicas(specs: readonly ReplicaSpec[], policy: PoolPolicy | undefined): Promise<void> {
    const pins = policy === undefined ? undefined : (policy.pins ?? {});
    return this.#roster.replace({ replicas: specs, pins }, (gone) => {
      this.#spec = withPoolDefaults({ ...(policy ?? this.#spec), id: this.id, replicas: specs });
      this.#publishModelState(0);
      this.#adopt(this.replicas.find(({ state }) => state === 'ready')?.props);
      this.#publishModelState();
      for (const { id } of gone) this.#options.onContextLost(id);
    });
  }

  /** Resolves when a slot is free, or when `signal` aborts. */
  whenSlotFree(signal: AbortSignal): Promise<void> {
    return this.#roster.changes.until(() => this.hasFreeSlot, signal);
  }

  /** Resolves when the pool is ready or has failed, or when `signal` aborts. */
  whenSettled(signal: AbortSignal): Promise<void> {
    return this.#roster.changes.until(
      () => this.state === 'ready' || this.replicas.every(({ state }) => state !== 'loading'),
      signal,
    );
  }

  /** Publishes that tasks began (+) or ceased (-) to wait. */
  countWaiting(priority: Priority, change: number): void {
    this.#waiting[priority] += change;
    this.#options.ports.meter.set('queue_depth', { pool_id: this.id, priority }, this.#waiting[priority]);
  }

  /** Tasks of this process that wait, by priority. */
  get waiting(): Readonly<Record<Priority, number>> {
    return this.#waiting;
  }

  #changed(replica: Replica, stateChanged: boolean): void {
    const { meter, clock, logger } = this.#options.ports;
    // One that was replaced by another of its name is that one's shadow.
    if (this.replicas.some((other) => other !== replica && other.id === replica.id)) return;
    meter.set('slots_busy', { pool_id: this.id, replica_id: replica.id }, replica.slotsBusy);
    if (!stateChanged) return;
    if (replica.state === 'ready') this.#adopt(replica.props);
    if (replica.state === 'unloaded') this.#options.onContextLost(replica.id);
    this.#publishModelState();
    const { state, lastError } = replica.view();
    const level = state === 'failed' || state === 'refused' ? 'warn' : 'info';
    const human = `Replica ${replica.id} of pool ${this.id} is ${state}${lastError === undefined ? '' : `: ${lastError.replace(/\.$/, '')}`}.`;
    logger.log(level, human, { pool_id: this.id, replica_id: replica.id });
    this.#options.emit({ kind: 'replica', at: clock.wallNowMs(), poolId: this.id, replicaId: replica.id, state });
  }

  #adopt(props: WorkerProps | undefined): void {
    this.#props = props;
    if (props === undefined) return;
    // What jobs took on another engine says nothing about this one.
    if (this.#measured !== undefined && whyNotInSet(this.#measured, props) !== undefined) this.estimator.forget();
    this.#measured = props;
  }

  #publishModelState(value = this.state === 'ready' ? 1 : 0): void {
    if (this.#props === undefined) return;
    const labels = { pool_id: this.id, model_id: this.#props.modelId };
    this.#options.ports.meter.set('model_state', labels, value);
  }
}
