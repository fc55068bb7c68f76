// SPDX-License-Identifier: MIT
import type { OrchError, Sampling, WorkerAdapter, WorkerProps, Workload } from '@llama-orch/worker-adapter-api';
import type { LimitedAmounts } from './budget/budget.ts';
import type { KeySpec } from './keys/key-spec.ts';
import type { TaskPlan } from './admission/task-plan.ts';
import type { QueueLimits, TaskQueue } from './queue/task-queue.ts';
import type { WatchdogLimits } from './dispatch/watchdog.ts';
import type { PoolOperations } from './pool/pool-operations.ts';
import type { CorePorts, Service } from './ports.ts';
import type { Steering } from './queue/steering.ts';
import type { TaskStore } from './store/task-store.ts';
import type { ReadOptions, TaskReader } from './stream/task-reader.ts';
import type { KeyId, PoolId, ReplicaId, SessionId, TaskId } from './task/ids.ts';
import type { AdmissionAnswer, Caller, Priority, TaskRequest, TaskView } from './task/task.ts';
import type { TaskState } from './task/task-state.ts';

/** One engine of a pool. */
export interface ReplicaSpec {
  readonly id: ReplicaId;
  readonly adapter: WorkerAdapter;
}

/** What every replica of a pool must be, whenever it comes. */
export interface PoolPins {
  readonly engineVersion?: string;
  readonly modelDigest?: string;
  /** The only sampler profile of its tasks; default any, and the first where a task names none. */
  readonly samplerProfileVersion?: string;
}

/** One model + engine + policy. */
export interface PoolSpec {
  readonly id: PoolId;
  /** Names under which tasks may ask for it by `model_ref`, besides the model id the engine reports; default none. */
  readonly modelRefs?: readonly string[];
  readonly replicas: readonly ReplicaSpec[];
  /** Default {@link DEFAULT_QUEUE_LIMITS}. A `queue` of the caller's own must know them too. */
  readonly limits?: QueueLimits;
  /** Most tokens a task may ask for; also the default of `max_tokens`. */
  readonly maxTokensOut: number;
  /** What budgets in cost are charged; default nothing. */
  readonly price?: TokenPrice;
  /** The sampler profile of tasks that name none; default the first of all. */
  readonly defaultProfileVersion?: string;
  /** Default whatever its first ready replica is. */
  readonly pins?: PoolPins;
  /** How long its engines may take over a job; default without limit. */
  readonly watchdog?: WatchdogLimits;
}

/** What tokens cost, in millionths of the currency unit. */
export interface TokenPrice {
  readonly inMicrosPer1k: number;
  readonly outMicrosPer1k: number;
}

/** A versioned set of sampler values. */
export interface SamplerProfile {
  readonly version: string;
  /** `sha256:<64 hex>` of its content, told in receipts; a version never changes its content. */
  readonly digest?: string;
  readonly sampling: Omit<Sampling, 'seed'>;
}

/** How the orchestrator is set up; what is left out is as in {@link DEFAULT_OPTIONS}. ORCH-3486 */
export interface OrchestratorOptions {
  readonly ports: CorePorts;
  /** Closed by `stop`. Default: one in memory that has the limits of the pools, knows no keys and remembers 100,000 ended ids. */
  readonly queue?: TaskQueue;
  /**
   * What outlives the process; it shares its journal with `queue`. Absent: nothing does, and no job is executed again
   * after its first token.
   */
  readonly store?: TaskStore;
  /** In order of preference where a task fits several. */
  readonly pools: readonly PoolSpec[];
  /** The first is the default of tasks; default {@link DEFAULT_SAMPLER_PROFILE} alone. */
  readonly samplerProfiles?: readonly SamplerProfile[];
  /** Default 10 minutes and 8 turns, without a budget. */
  readonly sessions?: {
    readonly ttlMs: number;
    readonly maxTurns: number;
    /** For how long the slot of a session is spared for its next turn, in milliseconds; default 10,000. */
    readonly lingerMs?: number;
    readonly budget?: LimitedAmounts;
  };
  /** Keys with limits of their own; default none. */
  readonly keys?: readonly KeySpec[];
  /** Text kept per task for late readers, in bytes; default 4 MiB. */
  readonly streamBufferBytes?: number;
  /** Chance of a start in time below which a task with a deadline is refused; default 0.05. */
  readonly onTimeFloorRatio?: number;
  /** Ended tasks kept readable; default 1,000 with 64 MiB of prompts and outputs. */
  readonly retention?: { readonly endedTasks: number; readonly transcriptBytes: number };
  /**
   * How long a task whose readers have all left may go on, in milliseconds; default for ever. One that never had a reader
   * goes on.
   */
  readonly noReaderMs?: number;
  /** How long an aborted engine may take to free its slot, in milliseconds; default 3,000. */
  readonly abortGraceMs?: number;
  /** Shortest time between two live frames of a waiting task, in milliseconds; default 1,000. */
  readonly liveIntervalMs?: number;
  /** Between two probes of a ready replica, in milliseconds; loading ones are probed ten times as often. Default 2,000. */
  readonly probeIntervalMs?: number;
}

/** What became of a submit; `budget` is what is left for its key and its session, where these have one. */
export type Submission =
  | { readonly outcome: 'accepted' | 'repeated'; readonly answer: AdmissionAnswer; readonly budget?: LimitedAmounts }
  | {
      readonly outcome: 'rejected';
      readonly error: OrchError;
      readonly policyLabel?: string;
      readonly budget?: LimitedAmounts;
    };

/** Which tasks to list, newest first. */
export interface TaskQuery {
  readonly state?: TaskState;
  readonly poolId?: PoolId;
  readonly sessionId?: SessionId;
  readonly priority?: Priority;
  /** Only tasks that this key has submitted. */
  readonly keyId?: KeyId;
  /** 1 to 500. */
  readonly limit: number;
  /** Opaque, from the page before. */
  readonly cursor?: string;
}

/** One page of tasks. */
export interface TaskPage {
  readonly tasks: readonly TaskView[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
}

/** What became of a steering; `unknown` names a task or pool that is not there. */
export type Steered =
  { readonly outcome: 'done' | 'unknown' } | { readonly outcome: 'refused'; readonly error: OrchError };

/** A session as clients may see it. */
export interface SessionView {
  readonly id: SessionId;
  readonly ttlMsRemaining: number;
  readonly turns: number;
  /** Whether a replica holds context memory of it. */
  readonly kvWarmth: boolean;
  /** Size of that memory as the engine measures it; absent when it cannot tell. */
  readonly kvBytes?: number;
  readonly replicaId?: ReplicaId;
  /** What is left of its budget; absent without one. */
  readonly budget?: LimitedAmounts;
}

/** A replica as operators may see it. */
export interface ReplicaView {
  readonly id: ReplicaId;
  /** `unloaded`: its engine is loaded when work waits. `draining`: it is replaced, and ends what it runs. */
  readonly state: 'loading' | 'ready' | 'unloaded' | 'failed' | 'refused' | 'draining' | 'stopped';
  readonly progressRatio?: number;
  /** Why it is failed or refused, in one sentence. */
  readonly lastError?: string;
  readonly props?: WorkerProps;
  readonly slotsBusy: number;
}

/** A pool as operators may see it. */
export interface PoolView {
  readonly id: PoolId;
  readonly live: boolean;
  readonly ready: boolean;
  readonly draining: boolean;
  /** Its queue takes tasks and gives out none. */
  readonly paused: boolean;
  readonly lastError?: string;
  readonly replicas: readonly ReplicaView[];
  readonly queued: Readonly<Record<Priority, number>>;
  readonly limits: QueueLimits;
  readonly maxTokensOut: number;
  readonly workloads: readonly Workload[];
  readonly samplerProfileVersion: string;
  /** Mean service time of one job and its sample count; absent before the first. */
  readonly serviceTimeMs?: { readonly mean: number; readonly sampleCount: number };
  /** Mean absolute error of the start predictions so far. */
  readonly predictionErrorMs?: { readonly mean: number; readonly sampleCount: number };
}

/** What happens, for the events stream. */
export type ControlEvent =
  | {
      readonly kind: 'task';
      readonly at: number;
      readonly taskId: TaskId;
      readonly poolId: PoolId;
      readonly state: TaskState;
      readonly code?: string;
      readonly keyId?: KeyId;
    }
  | {
      readonly kind: 'rejection';
      readonly at: number;
      readonly code: string;
      readonly poolId?: PoolId;
      readonly keyId?: KeyId;
    }
  | {
      readonly kind: 'replica';
      readonly at: number;
      readonly poolId: PoolId;
      readonly replicaId: ReplicaId;
      readonly state: ReplicaView['state'];
    };

/**
 * The story of a task: submit, observe, cancel, drain. Outcomes are values; faults of the service reject with OrchError INTERNAL.
 * `start` resolves when every pool is ready or has failed; submits before that are queued or refused POOL_UNREADY.
 * `stop` cancels what still runs or waits, and with a store leaves it to the next process; adapters and store stay the
 * caller's to close.
 */
export interface Orchestrator extends Service, PoolOperations {
  /** Decides admission. Resolves once the outcome stands; a rejection has stored nothing. */
  submit(request: TaskRequest, caller: Caller): Promise<Submission>;
  /** What would become of the request if it were submitted now; changes nothing. */
  plan(request: TaskRequest, caller: Caller): Promise<TaskPlan>;
  /** The task as it is now; undefined when unknown or no longer held. Whoever needs no output need not have it put together. */
  get(id: TaskId, parts?: { readonly withoutOutput: boolean }): Promise<TaskView | undefined>;
  list(query: TaskQuery): Promise<TaskPage>;
  /** A reader of the task's stream; undefined when unknown. Rejects TASK_CONFLICT (sequence beyond the stream) or STREAM_GAP. */
  read(id: TaskId, options: ReadOptions): Promise<TaskReader | undefined>;
  /** Idempotent. Once it resolves no token reaches any reader and the slot is free. `undefined` when unknown. */
  cancel(id: TaskId): Promise<'canceled' | 'ended' | undefined>;
  /**
   * Changes the order of what waits: a waiting task goes to the end of another priority, or a pool's queue is paused or goes
   * on. Refused TASK_CONFLICT for a task that has been given out or has ended, ADMISSION_REJECT where the other priority has
   * no place. Kept where tasks are.
   */
  steer(steering: Steering): Promise<Steered>;
  sessions(): Promise<readonly SessionView[]>;
  session(id: SessionId): Promise<SessionView | undefined>;
  /** Forgets a session; false when unknown. Its tasks go on. */
  endSession(id: SessionId): Promise<boolean>;
  pools(): Promise<readonly PoolView[]>;
  pool(id: PoolId): Promise<PoolView | undefined>;
  /** Other keys or limits from now on; what was used stays used. */
  setKeys(keys: readonly KeySpec[]): void;
  /** Calls back on every event until the returned function is called. */
  watch(listener: (event: ControlEvent) => void): () => void;
  /** Refuses new tasks from now on (POOL_UNREADY) and resolves when no task runs, or when `signal` aborts. Queued tasks stay queued. */
  drain(signal: AbortSignal): Promise<void>;
}
