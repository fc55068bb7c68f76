// SPDX-License-Identifier: MIT
import { Admitter } from './admission/admitter.ts';
import { Planner } from './admission/planner.ts';
import type { TaskPlan } from './admission/task-plan.ts';
import { Shares } from './admission/shares.ts';
import { withDefaults, type CompleteOptions } from './default-options.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { KeyLedger } from './keys/key-ledger.ts';
import type { KeySpec } from './keys/key-spec.ts';
import type {
  ControlEvent,
  Orchestrator,
  OrchestratorOptions,
  PoolSpec,
  PoolView,
  ReplicaSpec,
  SessionView,
  Steered,
  Submission,
  TaskPage,
  TaskQuery,
} from './orchestrator-api.ts';
import { DemandWatch } from './pool/demand-watch.ts';
import type { DrainOptions, PoolPolicy, PoolDemand } from './pool/pool-operations.ts';
import { PoolOperator } from './pool/pool-operator.ts';
import { Pool } from './pool/pool.ts';
import { PoolViews } from './pool/pool-views.ts';
import { SessionTable } from './session/session-table.ts';
import { SessionViews } from './session/session-views.ts';
import { Recoverer } from './store/recoverer.ts';
import { TaskHistory } from './store/task-history.ts';
import { EventLog } from './stream/event-log.ts';
import { LiveTicker } from './stream/live-ticker.ts';
import { Steerer } from './queue/steerer.ts';
import type { Steering } from './queue/steering.ts';
import { ReaderWatch } from './stream/reader-watch.ts';
import type { ReadOptions, TaskReader } from './stream/task-reader.ts';
import type { PoolId, ReplicaId, SessionId, TaskId } from './task/ids.ts';
import { TaskEnder } from './task/task-ender.ts';
import { TaskFinder } from './task/task-finder.ts';
import { TaskLifecycle } from './task/task-lifecycle.ts';
import type { TaskRecord } from './task/task-record.ts';
import { TaskTable } from './task/task-table.ts';
import type { Caller, TaskRequest, TaskView } from './task/task.ts';
import { WaitingTasks } from './waiting/waiting-tasks.ts';

/**
 * The whole domain: admission, queue, dispatch and streams of several pools.
 *
 * The caller owns the adapters and closes them after `stop`. Throws INVALID_PARAMS when the options name no pool, no
 * sampler profile, one pool id twice, or a store without its queue.
 */
export function createOrchestrator(options: OrchestratorOptions): Orchestrator {
  return new CoreOrchestrator(options);
}

class CoreOrchestrator implements Orchestrator {
  readonly #options: CompleteOptions;
  readonly #table: TaskTable;
  readonly #sessionViews: SessionViews;
  readonly #keys: KeyLedger;
  readonly #pools = new Map<PoolId, Pool>();
  readonly #operator: PoolOperator;
  readonly #poolViews: PoolViews;
  readonly #ender: TaskEnder;
  readonly #admitter: Admitter;
  readonly #planner: Planner;
  readonly #finder: TaskFinder;
  readonly #live: LiveTicker;
  readonly #readers: ReaderWatch;
  readonly #steerer: Steerer;
  /** Absent where nothing outlives the process. */
  readonly #history: TaskHistory | undefined;
  readonly #recoverer: Recoverer | undefined;
  #recovery: Promise<void> | undefined;
  #isRecovered: boolean;
  #listeners: readonly ((event: ControlEvent) => void)[] = [];
  #started = false;
  #stopping: Promise<void> | undefined;

  constructor(given: OrchestratorOptions) {
    const options = withDefaults(given, (id) => this.#pools.get(id)?.spec.limits);
    this.#options = options;
    const { ports, queue, store, samplerProfiles, probeIntervalMs, abortGraceMs, liveIntervalMs } = options;
    const emit = (event: ControlEvent): void => this.#emit(event);
    const ofLogs = { maxBytes: options.streamBufferBytes, digest: ports.digest };
    const makeLog = (): EventLog => new EventLog(ofLogs);
    const keep = store?.keepSession.bind(store);
    const sessions = new SessionTable({ ...options.sessions, ...(keep === undefined ? {} : { keep }) });
    this.#sessionViews = new SessionViews({ clock: ports.clock, sessions, pools: this.#pools });
    this.#table = new TaskTable({ retention: options.retention, makeLog });
    const onDeadline = (record: TaskRecord): void => void this.#ender.expire(record);
    const keepKey = store?.keepKey.bind(store);
    const { keys = [] } = options;
    this.#keys = new KeyLedger({ clock: ports.clock, keys, ...(keepKey === undefined ? {} : { keep: keepKey }) });
    const shares = new Shares({ clock: ports.clock, keys: this.#keys, sessions });
    const tables = { ports, store, table: this.#table, sessions, keys: this.#keys, shares };
    const lifecycle = new TaskLifecycle({ ...tables, emit, onDeadline });
    const pools = this.#pools;
    this.#history = store && new TaskHistory(store, ports.digest);
    this.#ender = new TaskEnder({ ...tables, queue, lifecycle, pools, history: this.#history });
    const parts = { ...tables, queue, lifecycle, pools, ender: this.#ender };
    const rules = { ...parts, samplerProfiles, onTimeFloorRatio: options.onTimeFloorRatio };
    this.#admitter = new Admitter({ ...rules, emit });
    const isClosed = (): boolean => this.#admitter.closed;
    this.#planner = new Planner({ ...rules, isClosed });
    this.#poolViews = new PoolViews({ ...rules, isClosed });
    const demandWatch = new DemandWatch();
    const onContextLost = (id: ReplicaId): void => sessions.coolReplica(id);
    const around = { ports, probeIntervalMs, emit, onContextLost, onDemandEdge: demandWatch.note };
    this.#operator = new PoolOperator({
      ...parts,
      demandWatch,
      samplerProfiles,
      makePool: (spec) => new Pool({ ...around, spec }),
      makeDispatcher: (pool) => new Dispatcher({ ...parts, pool, abortGraceMs }),
    });
    this.#operator.enlist(options.pools);
    this.#isRecovered = store === undefined;
    this.#recoverer = store && new Recoverer({ ...parts, store });
    const { clock } = ports;
    const waiting = new WaitingTasks({ clock, queue, pools });
    this.#finder = new TaskFinder({ table: this.#table, waiting, history: this.#history });
    const live = { clock, waiting, pools, sessions, shares };
    this.#live = new LiveTicker({ ...live, liveIntervalMs });
    this.#steerer = new Steerer(parts);
    const cancel = (id: TaskId): Promise<unknown> => this.cancel(id);
    this.#readers = new ReaderWatch({ ...ports, noReaderMs: options.noReaderMs ?? Infinity, cancel });
  }

  async start(signal: AbortSignal): Promise<void> {
    if (this.#hasStopped()) return;
    if (!this.#started) {
      this.#started = true;
      // ORCH-1220: what another process left stands in line before anything is given out.
      if (!this.#isRecovered) await this.#recover();
      if (this.#hasStopped()) return;
      this.#operator.start();
    }
    await Promise.all(Array.from(this.#pools.values(), (pool) => pool.whenSettled(signal)));
  }

  stop(reason: string): Promise<void> {
    this.#stopping ??= this.#stop(reason);
    return this.#stopping;
  }

  submit(request: TaskRequest, caller: Caller): Promise<Submission> {
    if (!this.#isRecovered) return this.#recover().then(() => this.submit(request, caller));
    return this.#admitter.submit(request, caller);
  }

  async plan(request: TaskRequest, caller: Caller): Promise<TaskPlan> {
    if (!this.#isRecovered) await this.#recover();
    return this.#planner.plan(request, caller);
  }

  get(id: TaskId, parts?: { readonly withoutOutput: boolean }): Promise<TaskView | undefined> {
    if (!this.#isRecovered) return this.#recover().then(() => this.get(id, parts));
    return this.#finder.get(id, parts);
  }

  async list(query: TaskQuery): Promise<TaskPage> {
    if (!this.#isRecovered) await this.#recover();
    return this.#finder.list(query);
  }

  async read(id: TaskId, options: ReadOptions): Promise<TaskReader | undefined> {
    if (!this.#isRecovered) await this.#recover();
    const record = this.#table.get(id);
    if (record === undefined) return this.#history?.read(id, options);
    const reader = record.log.read(options, () => this.#readers.left(record));
    this.#readers.came(record);
    this.#live.watch(record);
    return reader;
  }

  async cancel(id: TaskId): Promise<'canceled' | 'ended' | undefined> {
    if (!this.#isRecovered) await this.#recover();
    return this.#ender.cancel(id);
  }

  async steer(steering: Steering): Promise<Steered> {
    if (!this.#isRecovered) await this.#recover();
    return this.#steerer.steer(steering);
  }

  async sessions(): Promise<readonly SessionView[]> {
    if (!this.#isRecovered) await this.#recover();
    return this.#sessionViews.list();
  }

  async session(id: SessionId): Promise<SessionView | undefined> {
    if (!this.#isRecovered) await this.#recover();
    return this.#sessionViews.get(id);
  }

  async endSession(id: SessionId): Promise<boolean> {
    if (!this.#isRecovered) await this.#recover();
    return this.#sessionViews.end(id);
  }

  pools(): Promise<readonly PoolView[]> {
    return this.#poolViews.list();
  }

  pool(id: PoolId): Promise<PoolView | undefined> {
    return this.#poolViews.get(id);
  }

  drainPool(id: PoolId, options: DrainOptions): Promise<void> {
    return this.#operator.drainPool(id, options);
  }

  resumePool(id: PoolId): Promise<void> {
    return this.#operator.resumePool(id, this.#isRecovered ? undefined : this.#recover());
  }

  replaceReplicas(id: PoolId, replicas: readonly ReplicaSpec[], policy?: PoolPolicy): Promise<void> {
    return this.#operator.replaceReplicas(id, replicas, policy);
  }

  async addPool(spec: PoolSpec): Promise<void> {
    if (!this.#isRecovered) await this.#recover();
    await this.#operator.addPool(spec);
  }

  async removePool(id: PoolId): Promise<void> {
    if (!this.#isRecovered) await this.#recover();
    await this.#operator.removePool(id);
  }

  demand(): readonly PoolDemand[] {
    return this.#operator.demand();
  }

  watchDemand(listener: () => void): () => void {
    return this.#operator.watchDemand(listener);
  }

  holdPool(id: PoolId, isHeld: boolean): void {
    this.#operator.holdPool(id, isHeld);
  }

  setKeys(keys: readonly KeySpec[]): void {
    this.#keys.replace(keys);
  }

  watch(listener: (event: ControlEvent) => void): () => void {
    const own = (event: ControlEvent): void => listener(event);
    this.#listeners = [...this.#listeners, own];
    return () => (this.#listeners = this.#listeners.filter((listens) => listens !== own));
  }

  async drain(signal: AbortSignal): Promise<void> {
    this.#admitter.close();
    await this.#operator.close();
    await this.#operator.whenIdle(signal);
  }

  async #stop(reason: string): Promise<void> {
    this.#options.ports.logger.log('info', `The orchestrator stops: ${reason}.`, {});
    // Readers that lose their connections because the service stops have not left.
    this.#readers.stop();
    this.#admitter.close();
    await this.#operator.close();
    if (this.#options.store === undefined) {
      // ORCH-3481: nothing survives this process, so whatever is left is told that it ends.
      await Promise.all(Array.from(this.#table.live(), (record) => this.cancel(record.task.id)));
    } else {
      await this.#leave();
    }
    this.#live.stop();
    this.#operator.stop();
    await this.#options.queue.close();
  }

  /** What runs is stopped, and what waits stays in the store for the next process. */
  async #leave(): Promise<void> {
    this.#operator.interrupt();
    await this.#operator.whenIdle();
    for (const record of this.#table.live()) record.deadline?.cancel();
    for (const { id, statistics } of this.#pools.values()) this.#options.store?.keepStatistics(id, statistics);
  }

  /** Resolves when what another process left is known. */
  async #recover(): Promise<void> {
    this.#recovery ??= this.#recoverer?.recover();
    await this.#recovery;
    this.#isRecovered = true;
  }

  #hasStopped(): boolean {
    return this.#stopping !== undefined;
  }

  #emit(event: ControlEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
