// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { Admitter } from './admission/admitter.ts';
import { Planner } from './admission/planner.ts';
import type { TaskPlan } from './admission/task-plan.ts';
import { Shares } from './admission/shares.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { KeyLedger } from './keys/key-ledger.ts';
import type { KeySpec } from './keys/key-spec.ts';
import type {
  ControlEvent,
  Orchestrator,
  OrchestratorOptions,
  PoolView,
  SessionView,
  Steered,
  Submission,
  TaskPage,
  TaskQuery,
} from './orchestrator-api.ts';
import { Pool } from './pool/pool.ts';
import { viewPool } from './pool/pool-view.ts';
import { SessionTable } from './session/session-table.ts';
import { SessionViews } from './session/session-views.ts';
import { Recoverer } from './store/recoverer.ts';
import { TaskHistory, type LivePage } from './store/task-history.ts';
import { EventLog } from './stream/event-log.ts';
import { LiveTicker } from './stream/live-ticker.ts';
import { Steerer } from './queue/steerer.ts';
import type { Steering } from './queue/steering.ts';
import { ReaderWatch } from './stream/reader-watch.ts';
import type { ReadOptions, TaskReader } from './stream/task-reader.ts';
import type { PoolId, SessionId, TaskId } from './task/ids.ts';
import { TaskLifecycle } from './task/task-lifecycle.ts';
import type { TaskRecord } from './task/task-record.ts';
import { TaskTable } from './task/task-table.ts';
import type { Caller, TaskEnd, TaskRequest, TaskView } from './task/task.ts';
import { WaitingTasks } from './waiting/waiting-tasks.ts';

/**
 * The whole domain: admission, queue, dispatch and streams of several pools.
 *
 * The caller owns the adapters and closes them after `stop`. Throws INVALID_PARAMS when the options name no pool, no
 * sampler profile, or one pool id twice.
 */
export function createOrchestrator(options: OrchestratorOptions): Orchestrator {
  return new CoreOrchestrator(options);
}

class CoreOrchestrator implements Orchestrator {
  readonly #options: OrchestratorOptions;
  readonly #table: TaskTable;
  readonly #sessionViews: SessionViews;
  readonly #keys: KeyLedger;
  readonly #pools: ReadonlyMap<PoolId, Pool>;
  readonly #lifecycle: TaskLifecycle;
  readonly #admitter: Admitter;
  readonly #planner: Planner;
  readonly #dispatchers: readonly Dispatcher[];
  readonly #waiting: WaitingTasks;
  readonly #live: LiveTicker;
  readonly #readers: ReaderWatch;
  readonly #steerer: Steerer;
  /** Absent where nothing outlives the process. */
  readonly #history: TaskHistory | undefined;
  readonly #recoverer: Recoverer | undefined;
  #recovery: Promise<void> | undefined;
  #isRecovered: boolean;
  readonly #listeners = new Set<(event: ControlEvent) => void>();
  #started = false;
  #stopping: Promise<void> | undefined;

  constructor(options: OrchestratorOptions) {
    this.#options = options;
    const { ports, queue, store, samplerProfiles, probeIntervalMs, abortGraceMs, liveIntervalMs } = options;
    const emit = (event: ControlEvent): void => this.#emit(event);
    const makeLog = (): EventLog => new EventLog({ maxBytes: options.streamBufferBytes, digest: ports.digest });
    const pools = options.pools.map((spec) => new Pool({ spec, ports, probeIntervalMs, emit }));
    this.#pools = new Map(pools.map((pool) => [pool.id, pool]));
    if (pools.length === 0 || this.#pools.size !== pools.length || samplerProfiles.length === 0) {
      throw new OrchError('INVALID_PARAMS', { message: 'Needs pools with different ids and a sampler profile.' });
    }
    const keep = store?.keepSession.bind(store);
    const sessions = new SessionTable({ ...options.sessions, ...(keep === undefined ? {} : { keep }) });
    this.#sessionViews = new SessionViews({ clock: ports.clock, sessions, pools: this.#pools });
    this.#table = new TaskTable({ retention: options.retention, makeLog });
    const onDeadline = (record: TaskRecord): void => void this.#expire(record);
    const keepKey = store?.keepKey.bind(store);
    const { keys = [] } = options;
    this.#keys = new KeyLedger({ clock: ports.clock, keys, ...(keepKey === undefined ? {} : { keep: keepKey }) });
    const shares = new Shares({ clock: ports.clock, keys: this.#keys, sessions });
    const tables = { ports, store, table: this.#table, sessions, keys: this.#keys, shares };
    this.#lifecycle = new TaskLifecycle({ ...tables, emit, onDeadline });
    const parts = { ...tables, queue, lifecycle: this.#lifecycle };
    const rules = { ...parts, pools: this.#pools, samplerProfiles, onTimeFloorRatio: options.onTimeFloorRatio };
    this.#admitter = new Admitter({ ...rules, emit });
    this.#planner = new Planner({ ...rules, isClosed: () => this.#admitter.closed });
    this.#dispatchers = pools.map((pool) => new Dispatcher({ ...parts, pool, abortGraceMs }));
    this.#isRecovered = store === undefined;
    if (store !== undefined) {
      this.#history = new TaskHistory(store, ports.digest);
      this.#recoverer = new Recoverer({ ...parts, store, pools: this.#pools });
    }
    const { clock } = ports;
    this.#waiting = new WaitingTasks({ clock, queue, pools: this.#pools });
    const live = { clock, waiting: this.#waiting, pools: this.#pools, sessions, shares };
    this.#live = new LiveTicker({ ...live, liveIntervalMs });
    this.#steerer = new Steerer({ ...parts, pools: this.#pools });
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
      for (const pool of this.#pools.values()) pool.start();
      for (const dispatcher of this.#dispatchers) dispatcher.start();
    }
    await Promise.all(Array.from(this.#pools.values(), (pool) => pool.whenSettled(signal)));
  }

  stop(reason: string): Promise<void> {
    this.#stopping ??= this.#stop(reason);
    return this.#stopping;
  }

  async submit(request: TaskRequest, caller: Caller): Promise<Submission> {
    if (!this.#isRecovered) await this.#recover();
    return this.#admitter.submit(request, caller);
  }

  async plan(request: TaskRequest, caller: Caller): Promise<TaskPlan> {
    if (!this.#isRecovered) await this.#recover();
    return this.#planner.plan(request, caller);
  }

  async get(id: TaskId): Promise<TaskView | undefined> {
    if (!this.#isRecovered) await this.#recover();
    const record = this.#table.get(id);
    return record === undefined ? this.#history?.get(id) : this.#waiting.view(record);
  }

  async list(query: TaskQuery): Promise<TaskPage> {
    if (!this.#isRecovered) await this.#recover();
    // ORCH-1241: what has ended is listed from where it stays longest.
    if (this.#history !== undefined) return this.#history.list(query, (live) => this.#listLive(live));
    if (query.cursor !== undefined && !/^\d{1,15}$/.test(query.cursor)) {
      throw new OrchError('INVALID_PARAMS', { phase: 'request', details: { field: '$.cursor' } });
    }
    const { records, nextCursor } = this.#table.list(query);
    const tasks = (await this.#waiting.viewAll(records)).map(({ view }) => view);
    return { tasks, ...(nextCursor === undefined ? {} : { nextCursor }) };
  }

  async read(id: TaskId, options: ReadOptions): Promise<TaskReader | undefined> {
    if (!this.#isRecovered) await this.#recover();
    const record = this.#table.get(id);
    if (record === undefined) return this.#history?.read(id, options);
    const reader = record.log.read({ ...options, onClose: () => this.#readers.left(record) });
    this.#readers.came(record);
    this.#live.watch(record);
    return reader;
  }

  async cancel(id: TaskId): Promise<'canceled' | 'ended' | undefined> {
    if (!this.#isRecovered) await this.#recover();
    const record = this.#table.get(id);
    if (record === undefined) return endOf(await this.#history?.get(id));
    if (!record.ended) {
      const outcome = await this.#options.queue.cancel(id, 'client');
      if (outcome === 'removed') this.#endWaiting(record, { outcome: 'canceled' });
      // ORCH-3424: the answer waits until the engine's slot is free.
      await record.whenEnded();
    }
    return endOf(record);
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

  async pools(): Promise<readonly PoolView[]> {
    return Promise.all(Array.from(this.#pools.values(), (pool) => this.#viewPool(pool)));
  }

  async pool(id: PoolId): Promise<PoolView | undefined> {
    const pool = this.#pools.get(id);
    return pool === undefined ? undefined : this.#viewPool(pool);
  }

  setKeys(keys: readonly KeySpec[]): void {
    this.#keys.replace(keys);
  }

  watch(listener: (event: ControlEvent) => void): () => void {
    const own = (event: ControlEvent): void => listener(event);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  async drain(signal: AbortSignal): Promise<void> {
    this.#admitter.close();
    await Promise.all(this.#dispatchers.map((dispatcher) => dispatcher.stopClaiming()));
    await Promise.all(this.#dispatchers.map((dispatcher) => dispatcher.whenIdle(signal)));
  }

  async #stop(reason: string): Promise<void> {
    this.#options.ports.logger.log('info', `The orchestrator stops: ${reason}.`, {});
    // Readers that lose their connections because the service stops have not left.
    this.#readers.stop();
    this.#admitter.close();
    await Promise.all(this.#dispatchers.map((dispatcher) => dispatcher.stopClaiming()));
    if (this.#options.store === undefined) {
      // ORCH-3481: nothing survives this process, so whatever is left is told that it ends.
      await Promise.all(Array.from(this.#table.live(), (record) => this.cancel(record.task.id)));
    } else {
      await this.#leave();
    }
    this.#live.stop();
    for (const pool of this.#pools.values()) pool.stop();
    await this.#options.queue.close();
  }

  /** What runs is stopped, and what waits stays in the store for the next process. */
  async #leave(): Promise<void> {
    for (const dispatcher of this.#dispatchers) dispatcher.interrupt();
    await Promise.all(this.#dispatchers.map((dispatcher) => dispatcher.whenIdle()));
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

  async #expire(record: TaskRecord): Promise<void> {
    const outcome = await this.#options.queue.cancel(record.task.id, 'deadline');
    if (outcome === 'running') record.expire?.();
    if (outcome !== 'removed') return;
    const error = new OrchError('DEADLINE_UNMET', { phase: 'queued' });
    this.#endWaiting(record, { outcome: 'failed', error });
  }

  #endWaiting(record: TaskRecord, end: TaskEnd): void {
    this.#lifecycle.endedWaiting(record, this.#pools.get(record.task.poolId), end);
  }

  async #listLive(query: TaskQuery): Promise<LivePage> {
    const { records, nextCursor } = this.#table.list(query, (record) => !record.ended);
    const entries = await this.#waiting.viewAll(records);
    return { entries, more: nextCursor !== undefined };
  }

  async #viewPool(pool: Pool): Promise<PoolView> {
    const snapshot = await this.#options.queue.snapshot(pool.id);
    const { samplerProfiles } = this.#options;
    return viewPool(pool, { snapshot, draining: this.#admitter.closed, samplerProfiles });
  }

  #emit(event: ControlEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function endOf(task: Pick<TaskView, 'state'> | undefined): 'canceled' | 'ended' | undefined {
  if (task === undefined) return undefined;
  return task.state === 'canceled' ? 'canceled' : 'ended';
}
