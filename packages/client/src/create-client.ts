// SPDX-License-Identifier: MIT
import type {
  Artifact,
  ArtifactInfo,
  ArtifactList,
  ArtifactRequest,
  Capabilities,
  ConfigReload,
  Model,
  ModelRequest,
  ModelState,
  ModelVerification,
  operations,
  Pool,
  PoolHealth,
  Priority,
  Session,
  Store,
  Task,
  TaskAccepted,
  TaskList,
  TaskPlan,
  TaskRequest,
} from '@llama-orch/api-types';
import { createModelCalls } from './http/model-calls.ts';
import { createArtifactCalls, createReadCalls, createStoreCalls, createTaskCalls } from './http/plain-calls.ts';
import { createPoolCalls } from './http/pool-calls.ts';
import { createWireCalls, type WireOptions } from './http/wire-calls.ts';
import { RECONNECT_DEFAULTS, type ReconnectOptions } from './stream/back-off.ts';
import type { ServiceEvent } from './stream/service-event.ts';
import { createStreamCalls } from './stream/stream-calls.ts';
import type { TaskStream } from './stream/task-stream.ts';

/** Which tasks to list; all when empty. */
export type TaskQuery = NonNullable<operations['listTasks']['parameters']['query']>;

/** What is told of a task besides its state. */
export type TaskDetail = NonNullable<operations['getTask']['parameters']['query']>;

/** Which artifacts to list; all when empty. */
export type ArtifactQuery = NonNullable<operations['listArtifacts']['parameters']['query']>;

/** How a client is set up. */
export interface ClientOptions extends WireOptions {
  /** How streams come back after a cut; what is left out has its default. */
  readonly reconnect?: Partial<ReconnectOptions>;
}

/** Options of every call. */
export interface CallOptions {
  /** Ends the call or the iteration with its reason. Never cancels a task. */
  readonly signal?: AbortSignal;
}

/**
 * A llama-orch service. Every method rejects with OrchApiError when the service refuses, with OrchConnectionError when no
 * answer arrives, and with the signal's reason when it aborts.
 */
export interface OrchClient {
  /** Submits a task; resolves once it is accepted. The same `task_id` and body are answered as the first time. */
  submit(request: TaskRequest, options?: CallOptions): Promise<TaskAccepted>;
  /** What would become of the task if it were submitted now; a refusal is part of the answer. Stores nothing. */
  plan(request: TaskRequest, options?: CallOptions): Promise<TaskPlan>;
  /** The task as it stands, with its request where `include` asks for it. */
  get(taskId: string, options?: CallOptions & TaskDetail): Promise<Task>;
  /** One page of tasks, newest first. */
  list(query?: TaskQuery, options?: CallOptions): Promise<TaskList>;
  /** Idempotent; once it resolves no reader gets another token and the engine's slot is free. */
  cancel(taskId: string, options?: CallOptions): Promise<void>;
  /** Moves a waiting task to the end of this priority; refused TASK_CONFLICT once it runs. */
  setPriority(taskId: string, priority: Priority, options?: CallOptions): Promise<Task>;
  /** Follows a task to its end, over as many connections as it takes. */
  stream(taskId: string, options?: CallOptions): TaskStream;
  /** Submits a task and follows it; repeats a submit whose answer was lost, which never starts a second job. */
  run(request: TaskRequest, options?: CallOptions): TaskStream;
  /** All living sessions. */
  sessions(options?: CallOptions): Promise<readonly Session[]>;
  session(sessionId: string, options?: CallOptions): Promise<Session>;
  /** Forgets a session; its tasks go on. */
  endSession(sessionId: string, options?: CallOptions): Promise<void>;
  /** Stores a content under its digest; the same content again gives the same artifact, with the tags of both. */
  storeArtifact(artifact: ArtifactRequest, options?: CallOptions): Promise<ArtifactInfo>;
  /** One page of artifacts, newest first, without their contents. */
  artifacts(query?: ArtifactQuery, options?: CallOptions): Promise<ArtifactList>;
  /** One artifact with its content, which the service has verified. */
  artifact(artifactId: string, options?: CallOptions): Promise<Artifact>;
  /** The API version and every pool's engine, model and limits. */
  capabilities(options?: CallOptions): Promise<Capabilities>;
  pools(options?: CallOptions): Promise<readonly Pool[]>;
  poolHealth(poolId: string, options?: CallOptions): Promise<PoolHealth>;
  /** The pool takes tasks and starts none until it is resumed; what runs goes on. Idempotent. */
  pausePool(poolId: string, options?: CallOptions): Promise<Pool>;
  /**
   * Takes a pool out of service: no new task, and what runs has until the deadline (30,000 ms unless given). Resolves when
   * nothing of it runs. Idempotent.
   */
  drainPool(poolId: string, options?: CallOptions & { readonly deadlineMs?: number }): Promise<Pool>;
  /** Ends a pause and a drain. Idempotent. */
  resumePool(poolId: string, options?: CallOptions): Promise<Pool>;
  /**
   * Gives the pool another model, or its own anew without `newModelRef`; resolves when the old engines have ended. Rejected
   * RELOAD_FAILED with `step`, `reason` and `cure` in its details: the pool serves on as before then.
   */
  reloadPool(poolId: string, options?: CallOptions & { readonly newModelRef?: string }): Promise<Pool>;
  /** Loads the pool's engines; resolves when they are ready. Idempotent. */
  loadPool(poolId: string, options?: CallOptions): Promise<Pool>;
  /** Unloads them once their jobs have ended. Idempotent. */
  unloadPool(poolId: string, options?: CallOptions): Promise<Pool>;
  /** Has the service read its configuration again; only pools that have changed are touched. */
  reloadConfig(options?: CallOptions): Promise<ConfigReload>;
  /** All models that the catalog knows, the oldest first. */
  models(options?: CallOptions): Promise<readonly Model[]>;
  /** One model, with its progress while it is fetched. */
  model(modelId: string, options?: CallOptions): Promise<Model>;
  /** Registers a model and begins to fetch it; answers at once. Calling it again goes on with a fetch that has failed. */
  addModel(request: ModelRequest, options?: CallOptions): Promise<Model>;
  /** Forgets a model and removes what was downloaded of it; refused TASK_CONFLICT while a pool uses it. */
  removeModel(modelId: string, options?: CallOptions): Promise<void>;
  /** Reads the model's file again, which takes its time. */
  verifyModel(modelId: string, options?: CallOptions): Promise<ModelVerification>;
  /** `Retired` refuses new work that names the model and drains its pools; `Active` takes it back. */
  setModelState(modelId: string, state: ModelState, options?: CallOptions): Promise<Model>;
  /** How the store of tasks is. */
  store(options?: CallOptions): Promise<Store>;
  /** Takes note of lost records: they degrade no pool any more. Idempotent. */
  acknowledgeLostRecords(options?: CallOptions): Promise<Store>;
  /** A copy of the store with every task accepted before the call; it breaks off with an error where it is not whole. */
  backUpStore(options?: CallOptions): Promise<ReadableStream<Uint8Array>>;
  /** What happens from now on, over as many connections as it takes; ends only by the signal, by leaving, or by a throw. */
  events(options?: CallOptions): AsyncIterable<ServiceEvent>;
}

/** A client of the service at `options.baseUrl`. Opens nothing until a method is called. */
export function createClient(options: ClientOptions): OrchClient {
  const wire = createWireCalls(options);
  const reconnect = { ...RECONNECT_DEFAULTS, ...options.reconnect };
  return {
    ...createTaskCalls(wire),
    ...createReadCalls(wire),
    ...createPoolCalls(wire),
    ...createArtifactCalls(wire),
    ...createModelCalls(wire),
    ...createStoreCalls(wire),
    ...createStreamCalls(wire, reconnect),
  };
}
