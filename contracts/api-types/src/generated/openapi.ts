// SPDX-License-Identifier: MIT
// Generated from contracts/openapi/openapi.yaml by: npm run xtask regen-openapi
export interface paths {
  readonly '/v1/tasks': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /**
     * List tasks
     * @description Newest first, without outputs and receipts. Ended tasks stay readable until the retention bound drops them.
     */
    readonly get: operations['listTasks'];
    readonly put?: never;
    /**
     * Submit a task
     * @description Admission is decided at once: `202` means the task is in a queue, any other status that nothing was stored.
     *     The same `task_id` with the same body answers as the first time; with another body it is refused with `409`.
     *     The body is also read as JSON when it is sent the way `curl -d` sends it, as `application/x-www-form-urlencoded`, but not from a browser.
     */
    readonly post: operations['submitTask'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/tasks/{task_id}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The task, as submitted or as answered in the 202.
         * @example 3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1
         */
        readonly task_id: components['parameters']['TaskIdPath'];
      };
      readonly cookie?: never;
    };
    /**
     * Read one task
     * @description State, position, timings and usage now; receipt and output once the task has ended.
     */
    readonly get: operations['getTask'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/tasks/{task_id}/stream': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The task, as submitted or as answered in the 202.
         * @example 3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1
         */
        readonly task_id: components['parameters']['TaskIdPath'];
      };
      readonly cookie?: never;
    };
    /**
     * Follow one task
     * @description Order: `started`, then `token` frames with `i` counting from 0, then exactly one `end` or `error`. `metrics` frames may come
     *     anywhere between. Several readers may follow one task; a closed connection does not end the task.
     *     Every frame has an `id`; `Last-Event-ID` continues after it. Comment lines keep a silent connection alive.
     */
    readonly get: operations['streamTask'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/tasks/{task_id}/cancel': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The task, as submitted or as answered in the 202.
         * @example 3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1
         */
        readonly task_id: components['parameters']['TaskIdPath'];
      };
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Cancel one task
     * @description Idempotent, in every phase, also after the task has ended. Once it has answered, no reader gets another token and the
     *     engine's slot is free. Takes no body.
     */
    readonly post: operations['cancelTask'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/tasks/{task_id}/priority': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The task, as submitted or as answered in the 202.
         * @example 3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1
         */
        readonly task_id: components['parameters']['TaskIdPath'];
      };
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Change the priority of a waiting task
     * @description The task goes to the end of its new priority. Idempotent: the priority it has already changes nothing. Refused with `409`
     *     once the task runs or has ended, and with `429` where that priority has no place; then it keeps its own.
     */
    readonly post: operations['setTaskPriority'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/sessions': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** List sessions */
    readonly get: operations['listSessions'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/sessions/{session_id}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The session, as its tasks named it.
         * @example editor-7
         */
        readonly session_id: components['parameters']['SessionIdPath'];
      };
      readonly cookie?: never;
    };
    /** Read one session */
    readonly get: operations['getSession'];
    readonly put?: never;
    readonly post?: never;
    /**
     * End one session
     * @description Forgets the session. Tasks of it that wait or run are not touched.
     */
    readonly delete: operations['deleteSession'];
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/artifacts': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /**
     * List artifacts
     * @description Newest first, without their contents.
     */
    readonly get: operations['listArtifacts'];
    readonly put?: never;
    /**
     * Store an artifact
     * @description The id is `sha256:` and the digest of `content` in its canonical form (RFC 8785). Equal content is stored once: kind, parent
     *     and time are those of the first upload, tags are those of all. The body may be as large as `artifacts.max_bytes`.
     */
    readonly post: operations['storeArtifact'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/artifacts/{artifact_id}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The artifact, as its upload answered.
         * @example sha256:a13fb5b5ab716eeb963773a92b7bc4583f9d33fda3e5cc0008989a6028421574
         */
        readonly artifact_id: components['parameters']['ArtifactIdPath'];
      };
      readonly cookie?: never;
    };
    /**
     * Read one artifact
     * @description The content is verified before the last byte is sent. Of a large one that is damaged the first bytes may have been sent when
     *     that is found out; then the connection breaks, and the body is shorter than its `Content-Length`.
     */
    readonly get: operations['getArtifact'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/capabilities': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** What this service can do */
    readonly get: operations['getCapabilities'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/pools': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** List pools */
    readonly get: operations['listPools'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/pools/{pool_id}/health': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The pool, as configured.
         * @example haiku
         */
        readonly pool_id: components['parameters']['PoolIdPath'];
      };
      readonly cookie?: never;
    };
    /** Health of one pool */
    readonly get: operations['getPoolHealth'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/pools/{pool_id}/pause': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The pool, as configured.
         * @example haiku
         */
        readonly pool_id: components['parameters']['PoolIdPath'];
      };
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Pause the queue of a pool
     * @description Tasks are taken within the bound and none is started; what runs goes on. Idempotent; outlives a restart. Takes no body.
     */
    readonly post: operations['pausePool'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/pools/{pool_id}/resume': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The pool, as configured.
         * @example haiku
         */
        readonly pool_id: components['parameters']['PoolIdPath'];
      };
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Let a pool go on after a pause or a drain
     * @description Idempotent. Takes no body.
     */
    readonly post: operations['resumePool'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/pools/{pool_id}/drain': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The pool, as configured.
         * @example haiku
         */
        readonly pool_id: components['parameters']['PoolIdPath'];
      };
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Take a pool out of service
     * @description New tasks are refused `POOL_UNREADY`, none is started, and what runs goes on until `deadline_ms`; what is left then waits for
     *     a replay where it is strict, and else ends `WORKER_RESET`. What waits stays. Answers when nothing runs any more.
     *     Idempotent; of several deadlines the earliest counts, and `resume` ends it.
     */
    readonly post: operations['drainPool'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/pools/{pool_id}/reload': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The pool, as configured.
         * @example haiku
         */
        readonly pool_id: components['parameters']['PoolIdPath'];
      };
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Give a pool another model
     * @description The new model is loaded and tested beside the old one, or instead of it where both do not fit; then the pool changes over in
     *     one step. Tasks wait meanwhile and none fails. When anything goes wrong the old model serves on and `details` names the
     *     `step`, the `reason` and the `cure`. Without `new_model_ref` the engines are loaded anew. Answers when the old engines
     *     have ended.
     */
    readonly post: operations['reloadPool'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/pools/{pool_id}/load': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The pool, as configured.
         * @example haiku
         */
        readonly pool_id: components['parameters']['PoolIdPath'];
      };
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Load the engines of a pool
     * @description Answers when they are ready. Idempotent. Takes no body.
     */
    readonly post: operations['loadPool'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/pools/{pool_id}/unload': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The pool, as configured.
         * @example haiku
         */
        readonly pool_id: components['parameters']['PoolIdPath'];
      };
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Unload the engines of a pool
     * @description Running jobs are waited for, never ended; answers when the memory is free. A task that comes loads the pool again.
     *     Idempotent. Takes no body.
     */
    readonly post: operations['unloadPool'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/config/reload': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Read the configuration again
     * @description What has changed in `pools` is applied pool by pool; a pool whose section is the same keeps its engines, its queue and its
     *     jobs. A file that cannot be used changes nothing, and `details.faults` names every fault. Takes no body.
     */
    readonly post: operations['reloadConfig'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/catalog/models': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /**
     * All models that the catalog knows
     * @description The oldest first.
     */
    readonly get: operations['listModels'];
    readonly put?: never;
    /**
     * Register a model and fetch it
     * @description Answers at once; the model is fetched, checked and installed meanwhile, which `GET` of the model and `/v1/events` tell of. A
     *     model that is there is answered as it is; one that could not be installed, or was removed to make room, is tried again and
     *     goes on where it was.
     */
    readonly post: operations['addModel'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/catalog/models/{model_id}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly model_id: components['parameters']['ModelIdPath'];
      };
      readonly cookie?: never;
    };
    /**
     * One model, with its progress while it is fetched
     * @description What the model is and needs is told once it is installed.
     */
    readonly get: operations['getModel'];
    readonly put?: never;
    readonly post?: never;
    /**
     * Forget a model and remove what was downloaded of it
     * @description A fetch that runs is ended. A file that people put into the models folder themselves stays there.
     */
    readonly delete: operations['removeModel'];
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/catalog/models/{model_id}/verify': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly model_id: components['parameters']['ModelIdPath'];
      };
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Read a model's file again
     * @description Hashes the file, checks its header and answers with what was found; a large file takes its time. What is not `match` is not
     *     loaded again. Takes no body.
     */
    readonly post: operations['verifyModel'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/catalog/models/{model_id}/state': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly model_id: components['parameters']['ModelIdPath'];
      };
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Take a model out of use, or back
     * @description `Retired` drains the pools that serve the model, and refuses submits that name it; `Active` takes it back and resumes them.
     */
    readonly post: operations['setModelState'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/store': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** How the store of tasks is */
    readonly get: operations['getStore'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/store/acknowledge': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Take note of lost records
     * @description An operator has seen that the journal lost records: pools are no longer degraded by it. Idempotent; what is lost stays lost.
     */
    readonly post: operations['acknowledgeLostRecords'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/store/backup': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Back the tasks up
     * @description A consistent copy of the store with every task accepted before the call, prompts and outputs included. The service goes on
     *     meanwhile; new tasks wait until the copy is made. `llama-orch restore` puts it into an empty directory.
     */
    readonly post: operations['backUpStore'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/events': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /**
     * Follow what happens
     * @description Live server-sent events of the whole service: tasks, replicas and models. Nothing is replayed; a client that falls behind loses the
     *     connection and reads `/v1/tasks` and `/v1/pools` again.
     */
    readonly get: operations['streamEvents'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/healthz': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** The process is alive */
    readonly get: operations['getHealth'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/readyz': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** Every pool is ready */
    readonly get: operations['getReadiness'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/metrics': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** Prometheus metrics */
    readonly get: operations['getMetrics'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/openapi.json': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** This document */
    readonly get: operations['getOpenapi'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /** @description A UUID in its usual form. */
    readonly Uuid: string;
    /** @description The client's name of a session. */
    readonly SessionId: string;
    /** @description A pool's configured name. */
    readonly PoolId: string;
    /** @description First eight hex digits of the job id, a colon, the sequence number of the frame. */
    readonly EventId: string;
    /** @description Wall time, RFC 3339 in UTC with milliseconds. */
    readonly Timestamp: string;
    /** @description A duration in milliseconds. */
    readonly Milliseconds: number;
    /** @description A chance, in hundredths. */
    readonly Probability: number;
    /** @description A number of things. */
    readonly Count: number;
    /** @description A digest as 64 lower-case hex digits. */
    readonly Sha256Hex: string;
    /** @description Digest of the model file. */
    readonly ModelDigest: string;
    /**
     * @description What kind of work a task asks for.
     * @enum {unknown}
     */
    readonly Workload: 'completion' | 'chat' | 'embedding' | 'rerank';
    /**
     * @description Rank in the pool; higher first, FIFO inside one.
     * @enum {unknown}
     */
    readonly Priority: 'interactive' | 'batch';
    /**
     * @description Whether a result must be reproducible byte for byte.
     * @enum {unknown}
     */
    readonly Determinism: 'strict' | 'best_effort';
    /**
     * @description Where a task stands. The last four are final.
     * @enum {unknown}
     */
    readonly TaskState: 'queued' | 'running' | 'completed' | 'canceled' | 'evicted' | 'failed';
    /**
     * @description Why the generation ended.
     * @enum {unknown}
     */
    readonly FinishReason: 'stop' | 'length' | 'tool_calls' | 'canceled';
    /**
     * @description The closed vocabulary of `contracts/errors.yaml`.
     * @enum {unknown}
     */
    readonly ErrorCode:
      | 'INVALID_PARAMS'
      | 'ADMISSION_REJECT'
      | 'QUEUE_FULL_DROP_LRU'
      | 'RATE_LIMITED'
      | 'BUDGET_EXHAUSTED'
      | 'DEADLINE_UNMET'
      | 'MODEL_DEPRECATED'
      | 'UNTRUSTED_ARTIFACT'
      | 'POOL_UNREADY'
      | 'POOL_UNAVAILABLE'
      | 'REPLICA_EXHAUSTED'
      | 'DECODE_TIMEOUT'
      | 'WORKER_RESET'
      | 'TASK_POISONED'
      | 'SESSION_LIMIT'
      | 'TASK_CONFLICT'
      | 'STREAM_GAP'
      | 'NOT_FOUND'
      | 'METHOD_NOT_ALLOWED'
      | 'UNSUPPORTED_MEDIA_TYPE'
      | 'MISSING_TOKEN'
      | 'BAD_TOKEN'
      | 'FOREIGN_ORIGIN'
      | 'PAYLOAD_TOO_LARGE'
      | 'HEADERS_TOO_LARGE'
      | 'REQUEST_TIMEOUT'
      | 'TOO_MANY_STREAMS'
      | 'STORE_UNAVAILABLE'
      | 'MEMORY_PRESSURE'
      | 'RELOAD_FAILED'
      | 'FETCH_REFUSED'
      | 'FETCH_FAILED'
      | 'DISK_BUDGET_EXCEEDED'
      | 'INTERNAL';
    /**
     * @description A task. Only the work itself is needed: `prompt`, `messages` or `inputs`, as the workload says:
     *     `completion` takes `prompt`; `chat` takes `messages` and may take `tools`; `embedding` takes `inputs`;
     *     `rerank` takes the query as `prompt` and the documents as `inputs`.
     */
    readonly TaskRequest: {
      /** @description The idempotency key; made by the server when absent. */
      readonly task_id?: components['schemas']['Uuid'];
      /** @description The session this is a turn of. */
      readonly session_id?: components['schemas']['SessionId'];
      /** @description Default `completion` with `prompt`, `chat` with `messages`, `embedding` with `inputs`. */
      readonly workload?: components['schemas']['Workload'];
      /** @description A model by the id or a name the pool is configured with; default any. */
      readonly model_ref?: string;
      /** @description Only pools of this engine; default any. */
      readonly engine?: string;
      /** @description Only this pool; never falls back. */
      readonly pool_id?: components['schemas']['PoolId'];
      /** @description Context the task needs, in tokens; default what the pool has. */
      readonly ctx?: number;
      /** @description Default `interactive`. */
      readonly priority?: components['schemas']['Priority'];
      /** @description Text to complete, or the query of a rerank. */
      readonly prompt?: string;
      /** @description The conversation so far. */
      readonly messages?: readonly components['schemas']['ChatMessage'][];
      /** @description Texts to embed, or documents to rerank. */
      readonly inputs?: readonly string[];
      /** @description Most tokens to generate; default and ceiling are the pool's `max_tokens_out`. */
      readonly max_tokens?: number;
      /** @description The job must have started this long after submission; default none. */
      readonly deadline_ms?: number;
      /** @description The client's guess of the output length, used for predictions only. */
      readonly expected_tokens?: number;
      /** @description Drawn by the server and reported when absent. */
      readonly seed?: number;
      /** @description Default `strict`, or `best_effort` where the pool's engine cannot keep it. */
      readonly determinism?: components['schemas']['Determinism'];
      /** @description The sampler profile whose values the overrides below replace; default `default-1`. */
      readonly sampler_profile_version?: string;
      /** @description 0 is greedy. */
      readonly temperature?: number;
      /** @description 1 is off. */
      readonly top_p?: number;
      /** @description 0 is off. */
      readonly top_k?: number;
      /** @description 0 is off. */
      readonly min_p?: number;
      /** @description 1 is off. */
      readonly repeat_penalty?: number;
      /** @description 0 is off. */
      readonly presence_penalty?: number;
      /** @description 0 is off. */
      readonly frequency_penalty?: number;
      /** @description Texts that end the generation; not part of the output. */
      readonly stop?: readonly string[];
      readonly response_format?: components['schemas']['ResponseFormat'];
      /** @description Functions the model may call; only with `messages`. */
      readonly tools?: readonly components['schemas']['ToolDefinition'][];
      /**
       * @description Whether the model may call a tool or must; only with `tools`. Default `auto`.
       * @enum {unknown}
       */
      readonly tool_choice?: 'auto' | 'required';
      /**
       * @description Whether context memory of earlier turns may be used; default `reuse`. Never changes a strict result.
       * @enum {unknown}
       */
      readonly kv_hint?: 'reuse' | 'cold';
      /**
       * @description How the client will read the output; a hint that never changes the model's work. Default `text`.
       * @enum {unknown}
       */
      readonly output_mode?: 'text' | 'json' | 'edits';
      /** @description What happens when the last reader of its stream has left. Default `detach`. */
      readonly on_disconnect?: components['schemas']['DisconnectPolicy'];
      /** @description Names and texts of the client's own, given back with the task. */
      readonly metadata?: {
        readonly [key: string]: string;
      };
    };
    readonly PriorityRequest: {
      readonly priority: components['schemas']['Priority'];
    };
    /**
     * @description `detach`: the task goes on, for as long as the service lets tasks run that nobody reads any more. `cancel`: it is canceled at once.
     * @enum {unknown}
     */
    readonly DisconnectPolicy: 'detach' | 'cancel';
    readonly ChatMessage: {
      /** @enum {unknown} */
      readonly role: 'system' | 'user' | 'assistant' | 'tool';
      readonly content: string;
      /** @description For role `assistant`, the tools it called. */
      readonly tool_calls?: readonly components['schemas']['ToolCall'][];
      /** @description For role `tool`, the call this answers. */
      readonly tool_call_id?: string;
    };
    /** @description What the model wants a tool to be called with. */
    readonly ToolCall: {
      readonly id: string;
      readonly name: string;
      /** @description JSON text, as the model wrote it. */
      readonly arguments: string;
    };
    readonly ToolDefinition: {
      readonly name: string;
      readonly description?: string;
      /** @description JSON Schema of the arguments. */
      readonly parameters: {
        readonly [key: string]: unknown;
      };
    };
    /** @description A constraint on the output's form. `json_schema` takes `schema`, `grammar` takes `grammar`. */
    readonly ResponseFormat: {
      /** @enum {unknown} */
      readonly type: 'json_schema' | 'grammar';
      /** @description JSON Schema of the output. */
      readonly schema?: {
        readonly [key: string]: unknown;
      };
      /** @description A GBNF grammar. */
      readonly grammar?: string;
    };
    readonly TaskAccepted: {
      readonly task_id: components['schemas']['Uuid'];
      readonly job_id: components['schemas']['Uuid'];
      readonly pool_id: components['schemas']['PoolId'];
      readonly state: components['schemas']['TaskState'];
      /** @description Tasks that start before this one; 0 is next or already running. */
      readonly queue_position: components['schemas']['Count'];
      /** @description From acceptance; left out when it cannot be believed. */
      readonly predicted_start_ms?: components['schemas']['Milliseconds'];
      /** @description How long to wait before the next submit; 0 when there is room. */
      readonly backoff_ms: components['schemas']['Milliseconds'];
    };
    readonly Task: {
      readonly task_id: components['schemas']['Uuid'];
      readonly job_id: components['schemas']['Uuid'];
      readonly session_id?: components['schemas']['SessionId'];
      readonly pool_id: components['schemas']['PoolId'];
      readonly state: components['schemas']['TaskState'];
      readonly workload: components['schemas']['Workload'];
      readonly priority: components['schemas']['Priority'];
      readonly determinism: components['schemas']['Determinism'];
      readonly seed: components['schemas']['Count'];
      /** @description While it waits or runs; 0 is next or running. */
      readonly queue_position?: components['schemas']['Count'];
      /** @description From now, while it waits; left out when it cannot be believed. */
      readonly predicted_start_ms?: components['schemas']['Milliseconds'];
      /** @description While it waits with a deadline; left out when it cannot be believed. */
      readonly on_time_probability?: components['schemas']['Probability'];
      readonly waiting_for?: components['schemas']['WaitingFor'];
      /** @description Executions begun so far. */
      readonly attempt: components['schemas']['Count'];
      readonly accepted_at: components['schemas']['Timestamp'];
      readonly timings: components['schemas']['TaskTimings'];
      readonly usage: components['schemas']['Usage'];
      readonly placement?: components['schemas']['Placement'];
      readonly finish_reason?: components['schemas']['FinishReason'];
      /** @enum {unknown} */
      readonly output_mode?: 'text' | 'json' | 'edits';
      readonly on_disconnect?: components['schemas']['DisconnectPolicy'];
      readonly metadata?: {
        readonly [key: string]: string;
      };
      readonly output?: components['schemas']['TaskOutput'];
      readonly receipt?: components['schemas']['Receipt'];
      /** @description What was asked, with every default filled in; only where it was asked for. */
      readonly request?: components['schemas']['TaskRequest'];
      readonly error?: components['schemas']['TaskError'];
    };
    /**
     * @description Why a task waits: `slot`, it is next and every slot is taken; `earlier_tasks`, others start before it; `session_turn`, an
     *     earlier turn of its session has not ended; `pool_paused`, an operator paused the pool's queue; `pool_draining`, an operator
     *     drains the pool; `fair_share`, it is the turn of other keys; `key_concurrency`, its key runs as many tasks as it may;
     *     `model_load`, no replica has loaded its model yet;
     *     `no_ready_replica`, every replica has failed; `engine_return`, a replay waits for the engine it began on; `empty_replica`, a
     *     replay that is to run alone waits for its replica to be empty.
     * @enum {unknown}
     */
    readonly WaitReason:
      | 'slot'
      | 'earlier_tasks'
      | 'session_turn'
      | 'pool_paused'
      | 'pool_draining'
      | 'fair_share'
      | 'key_concurrency'
      | 'model_load'
      | 'no_ready_replica'
      | 'engine_return'
      | 'empty_replica';
    /**
     * @description What a waiting task waits for.
     * @example {
     *       "reason": "earlier_tasks",
     *       "message": "3 tasks start before it.",
     *       "cure": "It moves up as they start or are canceled.",
     *       "tasks_ahead": 3,
     *       "slots": 2,
     *       "slots_busy": 2
     *     }
     */
    readonly WaitingFor: {
      readonly reason: components['schemas']['WaitReason'];
      /** @description One plain sentence. */
      readonly message: string;
      /** @description What would end the wait. */
      readonly cure: string;
      readonly tasks_ahead?: components['schemas']['Count'];
      readonly slots?: components['schemas']['Count'];
      readonly slots_busy?: components['schemas']['Count'];
    };
    /**
     * @description What would become of a task if it were submitted now.
     * @example {
     *       "admitted": true,
     *       "reason": "It would wait for 3 tasks that start before it.",
     *       "pool_id": "haiku",
     *       "pool_reason": "only_fit",
     *       "queue_position": 3,
     *       "predicted_start_ms": 1840,
     *       "backoff_ms": 0
     *     }
     */
    readonly TaskPlan: {
      readonly admitted: boolean;
      /** @description One plain sentence. */
      readonly reason: string;
      readonly pool_id?: components['schemas']['PoolId'];
      /**
       * @description Why this pool: `pinned`, the task names it; `only_fit`, no other pool fits the task; `first_fit`, it is the first of
       *     several in the order of the configuration.
       * @enum {unknown}
       */
      readonly pool_reason?: 'pinned' | 'only_fit' | 'first_fit';
      readonly queue_position?: components['schemas']['Count'];
      /** @description From now; left out when it cannot be believed. */
      readonly predicted_start_ms?: components['schemas']['Milliseconds'];
      readonly on_time_probability?: components['schemas']['Probability'];
      readonly backoff_ms?: components['schemas']['Milliseconds'];
      readonly placement?: components['schemas']['Placement'];
      readonly waiting_for?: components['schemas']['WaitingFor'];
      readonly problem?: components['schemas']['Problem'];
    };
    /** @description Phases that were reached, in milliseconds. */
    readonly TaskTimings: {
      readonly queue_time_ms?: components['schemas']['Milliseconds'];
      readonly first_token_ms?: components['schemas']['Milliseconds'];
      readonly decode_time_ms?: components['schemas']['Milliseconds'];
      readonly total_time_ms?: components['schemas']['Milliseconds'];
    };
    /** @description Tokens as the engine counted them, as far as they are known; `estimated` where it did not. */
    readonly Usage: {
      readonly tokens_in?: components['schemas']['Count'];
      readonly tokens_out?: components['schemas']['Count'];
      /**
       * @description True where the engine did not count and the service did.
       * @constant
       */
      readonly estimated?: true;
    };
    /** @description Which replica ran it, and why. */
    readonly Placement: {
      readonly replica_id: string;
      readonly reason?: string;
    };
    /** @description What a completed task produced. */
    readonly TaskOutput: {
      readonly text?: string;
      readonly embeddings?: readonly (readonly number[])[];
      readonly scores?: readonly number[];
      /** @description What the model called; never part of the text. */
      readonly tool_calls?: readonly components['schemas']['ToolCall'][];
    };
    /** @description Why a task failed or was evicted. */
    readonly TaskError: {
      readonly code: components['schemas']['ErrorCode'];
      readonly message: string;
      readonly retriable: boolean;
      readonly retry_after_ms?: components['schemas']['Milliseconds'];
      readonly details?: components['schemas']['ErrorDetails'];
    };
    readonly TaskList: {
      readonly tasks: readonly components['schemas']['Task'][];
      /** @description Absent on the last page. */
      readonly next_cursor?: string;
    };
    /** @description Every sampler setting the engine was given. */
    readonly SamplingSettings: {
      readonly seed: number;
      readonly temperature: number;
      readonly top_p: number;
      readonly top_k: number;
      readonly min_p: number;
      readonly repeat_penalty: number;
      readonly presence_penalty: number;
      readonly frequency_penalty: number;
      readonly stop: readonly string[];
    };
    /** @description What is needed to reproduce the result, and what was kept of determinism. */
    readonly Receipt: {
      readonly seed: components['schemas']['Count'];
      readonly determinism: components['schemas']['Determinism'];
      readonly engine: string;
      /** @description Exact build, including the compute backend where it changes results. */
      readonly engine_version: string;
      readonly model_id: string;
      readonly model_digest?: components['schemas']['ModelDigest'];
      readonly sampler_profile_version: string;
      /** @description Digest of the profile's content; a version never changes its content. */
      readonly sampler_profile_digest?: components['schemas']['ModelDigest'];
      readonly sampling: components['schemas']['SamplingSettings'];
      readonly max_tokens: components['schemas']['Count'];
      readonly response_format_sha256?: components['schemas']['Sha256Hex'];
      readonly prompt_sha256: components['schemas']['Sha256Hex'];
      readonly output_sha256: components['schemas']['Sha256Hex'];
      readonly tool_calls_sha256?: components['schemas']['Sha256Hex'];
      readonly tokens_in: components['schemas']['Count'];
      readonly tokens_out: components['schemas']['Count'];
      /**
       * @description How the engine's slots share its context.
       * @enum {unknown}
       */
      readonly slot_mode: 'isolated' | 'shared' | 'external';
      /** @description Whether context memory of an earlier turn was used. */
      readonly prefix_reuse: boolean;
      readonly replica_id: string;
      readonly placement_reason?: string;
      readonly attempt: components['schemas']['Count'];
      /** @description Executions that came to nothing before this one, in order. */
      readonly earlier_attempts?: readonly components['schemas']['EarlierAttempt'][];
    };
    /** @description An execution of a job that came to nothing. */
    readonly EarlierAttempt: {
      /** @description Where it ran; left out when the service ended before that was stored. */
      readonly replica_id?: string;
      /** @description An error code, RESTART when the service ended under it, or STOP when the service was stopped. */
      readonly reason: string;
    };
    /**
     * @description First frame of every stream, as told at admission.
     * @example {
     *       "task_id": "3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1",
     *       "job_id": "1a2b3c4d-0f3e-4d57-8f4e-7b1c5d0a9e21",
     *       "pool_id": "haiku",
     *       "queue_position": 3,
     *       "predicted_start_ms": 1840,
     *       "seed": 42
     *     }
     */
    readonly StartedFrame: {
      readonly task_id: components['schemas']['Uuid'];
      readonly job_id: components['schemas']['Uuid'];
      readonly session_id?: components['schemas']['SessionId'];
      readonly pool_id: components['schemas']['PoolId'];
      readonly queue_position: components['schemas']['Count'];
      readonly predicted_start_ms?: components['schemas']['Milliseconds'];
      readonly seed: components['schemas']['Count'];
    };
    /**
     * @description One piece of text. `i` counts from 0 without a gap.
     * @example {
     *       "t": " lantern",
     *       "i": 16
     *     }
     */
    readonly TokenFrame: {
      readonly t: string;
      readonly i: components['schemas']['Count'];
    };
    /**
     * @description Live figures. Additive, never stored, the first thing dropped under pressure.
     * @example {
     *       "state": "queued",
     *       "queue_position": 2,
     *       "predicted_start_ms": 1200,
     *       "queue_depth": 5,
     *       "on_time_probability": 0.87
     *     }
     */
    readonly MetricsFrame: {
      /** @enum {unknown} */
      readonly state: 'queued' | 'running';
      readonly queue_position: components['schemas']['Count'];
      readonly predicted_start_ms?: components['schemas']['Milliseconds'];
      readonly on_time_probability?: components['schemas']['Probability'];
      readonly queue_depth?: components['schemas']['Count'];
      readonly waiting_for?: components['schemas']['WaitReason'];
      readonly queue_time_ms?: components['schemas']['Milliseconds'];
      readonly replica_id?: string;
      /** @description Whether the context memory of its session is there, as far as is known. */
      readonly kv_warmth?: boolean;
      /** @description Left of the budget of its session or key, whichever is less. */
      readonly tokens_budget_remaining?: components['schemas']['Count'];
    } & {
      readonly [key: string]: unknown;
    };
    /**
     * @description Terminal frame of a task that completed or was canceled.
     * @example {
     *       "tokens_out": 0,
     *       "decode_time_ms": 0,
     *       "finish_reason": "canceled"
     *     }
     */
    readonly EndFrame: {
      readonly tokens_out: components['schemas']['Count'];
      readonly decode_time_ms: components['schemas']['Milliseconds'];
      readonly finish_reason: components['schemas']['FinishReason'];
      /** @description What the model called; present with reason `tool_calls`. */
      readonly tool_calls?: readonly components['schemas']['ToolCall'][];
      readonly receipt?: components['schemas']['Receipt'];
    };
    /**
     * @description Terminal frame of a task that failed or was evicted, or of a reader that fell out of the log.
     * @example {
     *       "code": "QUEUE_FULL_DROP_LRU",
     *       "message": "The task waited longest in the lowest priority and was evicted to make room.",
     *       "pool_id": "haiku",
     *       "retriable": true,
     *       "retry_after_ms": 1500
     *     }
     */
    readonly ErrorFrame: {
      readonly code: components['schemas']['ErrorCode'];
      readonly message: string;
      readonly engine?: string;
      readonly pool_id?: components['schemas']['PoolId'];
      readonly retriable: boolean;
      readonly retry_after_ms?: components['schemas']['Milliseconds'];
      readonly details?: components['schemas']['ErrorDetails'];
    };
    /**
     * @description A task was admitted or changed its state.
     * @example {
     *       "at": "2026-11-22T13:30:00.000Z",
     *       "task_id": "3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1",
     *       "pool_id": "haiku",
     *       "state": "running"
     *     }
     */
    readonly TaskChangedEvent: {
      readonly at: components['schemas']['Timestamp'];
      readonly task_id: components['schemas']['Uuid'];
      readonly pool_id: components['schemas']['PoolId'];
      readonly state: components['schemas']['TaskState'];
      /** @description Why it failed or was evicted. */
      readonly code?: components['schemas']['ErrorCode'];
    };
    /**
     * @description A submit was refused.
     * @example {
     *       "at": "2026-11-22T13:30:00.000Z",
     *       "code": "ADMISSION_REJECT",
     *       "pool_id": "haiku"
     *     }
     */
    readonly TaskRejectedEvent: {
      readonly at: components['schemas']['Timestamp'];
      readonly code: components['schemas']['ErrorCode'];
      readonly pool_id?: components['schemas']['PoolId'];
    };
    /**
     * @description A replica changed its state.
     * @example {
     *       "at": "2026-11-22T13:30:00.000Z",
     *       "pool_id": "haiku",
     *       "replica_id": "haiku-0",
     *       "state": "ready"
     *     }
     */
    readonly ReplicaChangedEvent: {
      readonly at: components['schemas']['Timestamp'];
      readonly pool_id: components['schemas']['PoolId'];
      readonly replica_id: string;
      readonly state: components['schemas']['ReplicaState'];
    };
    /**
     * @description Name of a model in addresses; made of its reference.
     * @example 5b1d0f6c2a9e4d37
     */
    readonly ModelId: string;
    /**
     * @example {
     *       "model_ref": "hf:org/haiku-GGUF"
     *     }
     */
    readonly ModelRequest: {
      /** @description `file:` with a path, a path below the models folder, `hf:org/repo/file.gguf`, `hf:org/repo`, or `https://`. */
      readonly model_ref: string;
      /** @description What the file must be; another file is refused. */
      readonly digest?: components['schemas']['ModelDigest'];
      /** @description Ed25519 signature of the digest's text by one of the trusted keys, in base64. */
      readonly signature?: string;
      /** @description Bill of materials, CycloneDX or SPDX, that names the file's SHA-256. */
      readonly sbom?: {
        readonly [key: string]: unknown;
      };
      /** @description Whether it stays when room is needed; default as it was, and false for a new model. */
      readonly pinned?: boolean;
      /** @description What the caller wants to remember; it takes the place of what was remembered. */
      readonly metadata?: {
        readonly [key: string]: string;
      };
    };
    /**
     * @description Whether new work may name the model.
     * @enum {unknown}
     */
    readonly ModelState: 'Active' | 'Retired';
    /**
     * @example {
     *       "state": "Retired"
     *     }
     */
    readonly ModelStateRequest: {
      readonly state: components['schemas']['ModelState'];
    };
    /**
     * @description A model of the catalog.
     * @example {
     *       "model_id": "5b1d0f6c2a9e4d37",
     *       "model_ref": "file:haiku.gguf",
     *       "state": "Active",
     *       "status": "absent",
     *       "pinned": true,
     *       "warnings": [],
     *       "added_at": "2026-11-22T13:30:00.000Z"
     *     }
     */
    readonly Model: {
      readonly model_id: components['schemas']['ModelId'];
      readonly model_ref: string;
      readonly state: components['schemas']['ModelState'];
      /**
       * @description `absent` is known and not on the disk, `pulling` is being fetched or checked, `failed` could not be installed, `damaged` is not what it was and is not loaded.
       * @enum {unknown}
       */
      readonly status: 'absent' | 'pulling' | 'installed' | 'failed' | 'damaged';
      readonly pinned: boolean;
      readonly digest?: components['schemas']['ModelDigest'];
      readonly size_bytes?: components['schemas']['Count'];
      readonly progress?: components['schemas']['PullProgress'];
      /** @description What the file calls itself. */
      readonly name?: string;
      readonly architecture?: string;
      readonly quantization?: string;
      readonly parameter_count?: components['schemas']['Count'];
      /** @description Context that the model was trained with. */
      readonly context_tokens?: components['schemas']['Count'];
      readonly device_memory?: components['schemas']['ModelMemory'];
      /** @description Pools that serve it. */
      readonly used_by?: readonly components['schemas']['PoolId'][];
      /** @description What the trust policy found missing. */
      readonly warnings: readonly string[];
      /** @description Why the last fetch or verification failed. */
      readonly fault?: {
        readonly code: components['schemas']['ErrorCode'];
        readonly message: string;
      };
      readonly metadata?: {
        readonly [key: string]: string;
      };
      readonly added_at: components['schemas']['Timestamp'];
      readonly last_used_at?: components['schemas']['Timestamp'];
      readonly verified_at?: components['schemas']['Timestamp'];
    };
    /**
     * @example {
     *       "models": []
     *     }
     */
    readonly ModelList: {
      readonly models: readonly components['schemas']['Model'][];
    };
    /**
     * @description An estimate of the device memory of one load, all layers on the device.
     * @example {
     *       "context_tokens": 512,
     *       "weights_bytes": 2388480,
     *       "context_bytes": 1048576,
     *       "total_bytes": 7631360
     *     }
     */
    readonly ModelMemory: {
      /** @description Context that was reckoned with, all slots together. */
      readonly context_tokens: components['schemas']['Count'];
      readonly weights_bytes: components['schemas']['Count'];
      readonly context_bytes: components['schemas']['Count'];
      readonly total_bytes: components['schemas']['Count'];
    };
    /**
     * @example {
     *       "done_bytes": 1048576,
     *       "total_bytes": 2448384,
     *       "bytes_per_second": 1048576
     *     }
     */
    readonly PullProgress: {
      readonly done_bytes: components['schemas']['Count'];
      readonly total_bytes?: components['schemas']['Count'];
      readonly bytes_per_second?: components['schemas']['Count'];
    };
    /**
     * @example {
     *       "verdict": "missing",
     *       "model": {
     *         "model_id": "5b1d0f6c2a9e4d37",
     *         "model_ref": "file:haiku.gguf",
     *         "state": "Active",
     *         "status": "absent",
     *         "pinned": true,
     *         "warnings": [],
     *         "added_at": "2026-11-22T13:30:00.000Z"
     *       }
     *     }
     */
    readonly ModelVerification: {
      /**
       * @description `match`, or why the model is not loaded: another digest, no file any more, or a header that is not sound.
       * @enum {unknown}
       */
      readonly verdict: 'match' | 'mismatch' | 'missing' | 'invalid';
      readonly model: components['schemas']['Model'];
    };
    /**
     * @description Something of a model is new; while it is fetched at least once per second. A model that was removed has no status.
     * @example {
     *       "at": "2026-11-22T13:30:00.000Z",
     *       "model_id": "5b1d0f6c2a9e4d37",
     *       "model_ref": "file:haiku.gguf",
     *       "status": "installed"
     *     }
     */
    readonly ModelChangedEvent: {
      readonly at: components['schemas']['Timestamp'];
      readonly model_id: components['schemas']['ModelId'];
      readonly model_ref: string;
      readonly state?: components['schemas']['ModelState'];
      readonly status?: string;
      readonly progress?: components['schemas']['PullProgress'];
    };
    readonly Session: {
      readonly session_id: components['schemas']['SessionId'];
      readonly ttl_ms_remaining: components['schemas']['Milliseconds'];
      readonly turns: components['schemas']['Count'];
      /** @description Whether a replica holds context memory of this session. */
      readonly kv_warmth: boolean;
      /** @description Size of that memory as the engine measures it; left out where it cannot tell, as while a turn runs. */
      readonly kv_bytes?: components['schemas']['Count'];
      /** @description The replica that holds it. */
      readonly replica_id?: string;
      readonly tokens_budget_remaining?: components['schemas']['Count'];
      readonly time_budget_remaining_ms?: components['schemas']['Milliseconds'];
      /** @description In millionths of the currency unit. */
      readonly cost_budget_remaining?: components['schemas']['Count'];
    };
    readonly SessionList: {
      readonly sessions: readonly components['schemas']['Session'][];
    };
    /** @description `sha256:` and the digest of the canonical content as 64 lower-case hex digits. */
    readonly ArtifactId: string;
    /**
     * @description What an artifact is. The service itself stores one trace of every job that has ended.
     * @enum {unknown}
     */
    readonly ArtifactKind: 'plan' | 'summary' | 'diff' | 'trace' | 'transcript';
    /** @description A name of the client's own. A tagged artifact is never collected. */
    readonly ArtifactTag: string;
    readonly ArtifactRequest: {
      /** @description What the id must turn out to be. */
      readonly artifact_id?: components['schemas']['ArtifactId'];
      readonly kind: components['schemas']['ArtifactKind'];
      /** @description Any JSON value; a text is a text. */
      readonly content: unknown;
      readonly tags?: readonly components['schemas']['ArtifactTag'][];
      /** @description The artifact this one was made from; it must be stored. */
      readonly parent?: components['schemas']['ArtifactId'];
    };
    /** @description What is known of an artifact beside its content. */
    readonly ArtifactInfo: {
      readonly artifact_id: components['schemas']['ArtifactId'];
      readonly kind: components['schemas']['ArtifactKind'];
      /** @description Sorted, those of every upload. */
      readonly tags: readonly components['schemas']['ArtifactTag'][];
      readonly parent?: components['schemas']['ArtifactId'];
      /** @description The task whose job left it. */
      readonly task_id?: components['schemas']['Uuid'];
      readonly created_at: components['schemas']['Timestamp'];
      /** @description Of the canonical content. */
      readonly size_bytes: components['schemas']['Count'];
    };
    /** @description An artifact with its content. */
    readonly Artifact: {
      readonly artifact_id: components['schemas']['ArtifactId'];
      readonly kind: components['schemas']['ArtifactKind'];
      readonly tags: readonly components['schemas']['ArtifactTag'][];
      readonly parent?: components['schemas']['ArtifactId'];
      readonly task_id?: components['schemas']['Uuid'];
      readonly created_at: components['schemas']['Timestamp'];
      readonly size_bytes: components['schemas']['Count'];
      /** @description As it was stored, in canonical form. */
      readonly content: unknown;
    };
    readonly ArtifactList: {
      readonly artifacts: readonly components['schemas']['ArtifactInfo'][];
      /** @description Absent on the last page. */
      readonly next_cursor?: string;
    };
    /** @description Tasks waiting, per priority. */
    readonly QueueDepth: {
      readonly interactive: components['schemas']['Count'];
      readonly batch: components['schemas']['Count'];
    };
    /** @description Bounds of the pool's queues. */
    readonly PoolLimits: {
      readonly interactive_tasks: components['schemas']['Count'];
      readonly batch_tasks: components['schemas']['Count'];
      readonly queued_bytes: components['schemas']['Count'];
      /** @enum {unknown} */
      readonly full_policy: 'reject' | 'drop-lru' | 'shed-low-priority';
    };
    /** @description What the pool's engine can keep. */
    readonly PoolFeatures: {
      readonly determinism: components['schemas']['Determinism'];
      readonly json_schema: boolean;
      readonly grammar: boolean;
      readonly tools: boolean;
      readonly session_reuse: boolean;
    };
    /** @description What the caller's key may ask of this pool; absent without keys. A figure that is absent does not apply; each counts over all pools. */
    readonly RateLimits: {
      /** @description Whether the key may use this pool. */
      readonly allowed: boolean;
      readonly priorities: readonly components['schemas']['Priority'][];
      readonly requests_per_minute?: components['schemas']['Count'];
      readonly burst?: components['schemas']['Count'];
      readonly queued_tasks?: components['schemas']['Count'];
      readonly running_tasks?: components['schemas']['Count'];
    };
    /** @description What a pool can do. Engine facts are absent until a replica has told them. */
    readonly PoolCapabilities: {
      readonly pool_id: components['schemas']['PoolId'];
      readonly engine?: string;
      readonly engine_version?: string;
      readonly model_id?: string;
      readonly model_digest?: components['schemas']['ModelDigest'];
      readonly sampler_profile_version: string;
      readonly ctx_max?: components['schemas']['Count'];
      readonly max_tokens_out: components['schemas']['Count'];
      readonly slots: components['schemas']['Count'];
      /** @description Its queue takes tasks and starts none. */
      readonly paused?: boolean;
      readonly workloads: readonly components['schemas']['Workload'][];
      readonly limits: components['schemas']['PoolLimits'];
      readonly rate_limits?: components['schemas']['RateLimits'];
      readonly features?: components['schemas']['PoolFeatures'];
    };
    readonly Capabilities: {
      /** @constant */
      readonly api_version: '1';
      readonly pools: readonly components['schemas']['PoolCapabilities'][];
    };
    readonly Pool: {
      readonly pool_id: components['schemas']['PoolId'];
      readonly engine?: string;
      readonly model_id?: string;
      /** @description At least one replica answers. */
      readonly live: boolean;
      /** @description At least one replica takes work. */
      readonly ready: boolean;
      /** @description Takes no new tasks. */
      readonly draining: boolean;
      /** @description Takes tasks and starts none. */
      readonly paused?: boolean;
      readonly slots: components['schemas']['Count'];
      readonly slots_busy: components['schemas']['Count'];
      readonly queue_depth: components['schemas']['QueueDepth'];
    };
    readonly PoolList: {
      readonly pools: readonly components['schemas']['Pool'][];
    };
    /**
     * @description State of one replica as tasks see it. `unloaded`: its engine is loaded when a task waits; `refused`: it does not fit the others of its pool, or its pins; `draining`: it is replaced and ends what it runs.
     * @enum {unknown}
     */
    readonly ReplicaState: 'loading' | 'ready' | 'unloaded' | 'failed' | 'refused' | 'draining' | 'stopped';
    /**
     * @description State of the engine behind a replica. `testing`: it answers and is tried once before tasks come; `backoff`: it has crashed and is started again in `retry_in_ms`; `failed`: it has crashed too often.
     * @enum {unknown}
     */
    readonly EngineState: 'stopped' | 'starting' | 'loading' | 'testing' | 'ready' | 'draining' | 'backoff' | 'failed';
    /** @description How much a replica serves at once; what is left out is the engine's own choice. */
    readonly Capacity: {
      readonly slots?: components['schemas']['Count'];
      readonly ctx_max?: components['schemas']['Count'];
    };
    readonly DrainRequest: {
      /**
       * @description How long what runs may go on.
       * @default 30000
       */
      readonly deadline_ms?: number;
    };
    readonly ReloadRequest: {
      /** @description As `model` in the configuration; absent is the model it has. */
      readonly new_model_ref?: string;
    };
    readonly ConfigReload: {
      readonly pools: readonly components['schemas']['PoolChange'][];
      /** @description Sections that have changed too and are applied at the next start. */
      readonly restart_needed: readonly string[];
    };
    readonly PoolChange: {
      readonly pool_id: components['schemas']['PoolId'];
      /** @enum {unknown} */
      readonly change: 'unchanged' | 'added' | 'removed' | 'reloaded' | 'failed';
      /** @description Why it has failed, in one sentence; the pool is as it was. */
      readonly reason?: string;
    };
    readonly Replica: {
      readonly replica_id: string;
      readonly state: components['schemas']['ReplicaState'];
      readonly progress_ratio?: number;
      readonly slots?: components['schemas']['Count'];
      readonly slots_busy: components['schemas']['Count'];
      readonly engine?: string;
      readonly engine_version?: string;
      readonly model_id?: string;
      readonly model_digest?: components['schemas']['ModelDigest'];
      readonly last_error?: string;
      /** @description What would mend the last error, in one sentence. */
      readonly cure?: string;
      /**
       * @description Who starts its engine.
       * @enum {unknown}
       */
      readonly provisioning?: 'embedded' | 'external' | 'managed';
      readonly engine_state?: components['schemas']['EngineState'];
      /** @description For how long the engine has been in its state. */
      readonly since_ms?: components['schemas']['Milliseconds'];
      /** @description Until the next start is tried. */
      readonly retry_in_ms?: components['schemas']['Milliseconds'];
      /** @description The cards it may use; absent is any. */
      readonly devices?: readonly string[];
      readonly capacity?: components['schemas']['Capacity'];
      readonly configured_capacity?: components['schemas']['Capacity'];
      /** @description Last lines the engine wrote, oldest first; for operators, and only with a last error. */
      readonly log_tail?: readonly string[];
    };
    /** @description A mean and the number of samples behind it. */
    readonly MeasuredMean: {
      readonly mean: components['schemas']['Milliseconds'];
      readonly sample_count: components['schemas']['Count'];
    };
    readonly PoolMetrics: {
      readonly queue_depth: components['schemas']['QueueDepth'];
      readonly slots: components['schemas']['Count'];
      readonly slots_busy: components['schemas']['Count'];
      readonly service_time_ms?: components['schemas']['MeasuredMean'];
      readonly prediction_error_ms?: components['schemas']['MeasuredMean'];
    };
    readonly PoolHealth: {
      readonly pool_id: components['schemas']['PoolId'];
      readonly live: boolean;
      readonly ready: boolean;
      readonly draining: boolean;
      readonly paused?: boolean;
      readonly last_error?: string;
      /** @description What is wrong although it serves, such as lost records of the journal; absent while nothing is. */
      readonly degraded?: string;
      readonly replicas: readonly components['schemas']['Replica'][];
      readonly metrics: components['schemas']['PoolMetrics'];
    };
    readonly Store: {
      /** @enum {string} */
      readonly backend: 'sqlite' | 'memory';
      /**
       * @description `full`: the disk has no room; `failing`: nothing can be written. New tasks are refused then, what runs goes on.
       * @enum {string}
       */
      readonly state: 'ok' | 'full' | 'failing' | 'closed';
      /** @description Committed records found missing at the start, until an operator has acknowledged it. */
      readonly lost_records: number;
    };
    readonly Health: {
      /** @constant */
      readonly status: 'ok';
    };
    readonly PoolReadiness: {
      readonly pool_id: components['schemas']['PoolId'];
      readonly ready: boolean;
      readonly draining: boolean;
      readonly last_error?: string;
    };
    readonly Readiness: {
      /** @constant */
      readonly ready: true;
      readonly pools: readonly components['schemas']['PoolReadiness'][];
    };
    /** @description An OpenAPI document. */
    readonly OpenapiDocument: {
      readonly openapi: string;
      readonly info: {
        readonly [key: string]: unknown;
      };
      readonly paths: {
        readonly [key: string]: unknown;
      };
    } & {
      readonly [key: string]: unknown;
    };
    /** @description Names the field (`field`, a JSON path, `header.x`, `query.x` or `path.x`) and the limit (`limit`, counted in `unit`) where there is one. */
    readonly ErrorDetails: {
      readonly field?: string;
      readonly expected?: string;
      readonly limit?: number;
      readonly unit?: string;
    } & {
      readonly [key: string]: unknown;
    };
    /** @description Why a request was refused or failed. */
    readonly Problem: {
      readonly code: components['schemas']['ErrorCode'];
      readonly message: string;
      /** @description Whether the same request may succeed later without a change. */
      readonly retriable: boolean;
      /** @description The policy that refused. */
      readonly policy_label?: string;
      readonly retry_after_ms?: components['schemas']['Milliseconds'];
      readonly details?: components['schemas']['ErrorDetails'];
      readonly correlation_id: string;
    };
  };
  responses: {
    /** @description A header, parameter or body field is missing, unknown, of the wrong type or out of range. Nothing changed. */
    readonly InvalidParams: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
    /** @description The service needs a bearer token. */
    readonly MissingToken: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly 'WWW-Authenticate': components['headers']['WWW-Authenticate'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
    /** @description The token is not known, or the Host or Origin is foreign. */
    readonly Forbidden: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
    /** @description There is no such thing. */
    readonly NotFound: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
    /** @description No pool serves this pool id, model, engine or workload. Nothing was stored. */
    readonly PoolUnavailable: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
    /** @description The task id belongs to another request, the event id to another job, or the session has no turns left. */
    readonly Conflict: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
    /** @description Frames after the given event id are no longer held. */
    readonly StreamGap: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
    /** @description The body is larger or deeper than the limit. */
    readonly PayloadTooLarge: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
    /** @description The body is not application/json in UTF-8 without a content coding. */
    readonly UnsupportedMediaType: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
    /** @description The deadline cannot be met. Nothing was stored. */
    readonly DeadlineUnmet: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
    /** @description The content does not have the digest it should have. */
    readonly UntrustedArtifact: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
    /** @description The disk cannot be written or read now, or has no room. Nothing was stored. */
    readonly StoreUnavailable: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly 'Retry-After': components['headers']['Retry-After'];
        readonly 'X-Backoff-Ms': components['headers']['X-Backoff-Ms'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
    /** @description The queue, the caller's share or a budget is used up. Nothing was stored. */
    readonly QueueFull: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly 'Retry-After': components['headers']['Retry-After'];
        readonly 'X-Backoff-Ms': components['headers']['X-Backoff-Ms'];
        readonly 'X-Budget-Tokens-Remaining': components['headers']['X-Budget-Tokens-Remaining'];
        readonly 'X-Budget-Time-Remaining-Ms': components['headers']['X-Budget-Time-Remaining-Ms'];
        readonly 'X-Budget-Cost-Remaining': components['headers']['X-Budget-Cost-Remaining'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
    /** @description A pool uses the model, or it is being fetched. */
    readonly ModelInUse: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
    /** @description The model that is installed has another digest. */
    readonly UntrustedModel: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
    /** @description The models folder cannot be used. */
    readonly CatalogUnavailable: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly 'Retry-After': components['headers']['Retry-After'];
        readonly 'X-Backoff-Ms': components['headers']['X-Backoff-Ms'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
    /** @description The new engines could not take over; the old ones serve on. */
    readonly ReloadFailed: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
    /** @description No capacity. The pool loads, drains or restarts, the service stops or is short of memory. Nothing was stored. */
    readonly Unavailable: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly 'Retry-After': components['headers']['Retry-After'];
        readonly 'X-Backoff-Ms': components['headers']['X-Backoff-Ms'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
    /** @description At least one pool is not ready; details.pools says which. */
    readonly NotReady: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly 'Retry-After': components['headers']['Retry-After'];
        readonly 'X-Backoff-Ms': components['headers']['X-Backoff-Ms'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
    /** @description All stream connections of this service are in use, or it is short of memory. */
    readonly TooManyStreams: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly 'Retry-After': components['headers']['Retry-After'];
        readonly 'X-Backoff-Ms': components['headers']['X-Backoff-Ms'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
    /** @description A fault of the service. The correlation id finds it in the log. */
    readonly Internal: {
      headers: {
        readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
        readonly [name: string]: unknown;
      };
      content: {
        readonly 'application/json': components['schemas']['Problem'];
      };
    };
  };
  parameters: {
    /**
     * @description The task, as submitted or as answered in the 202.
     * @example 3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1
     */
    readonly TaskIdPath: components['schemas']['Uuid'];
    /**
     * @description The session, as its tasks named it.
     * @example editor-7
     */
    readonly SessionIdPath: components['schemas']['SessionId'];
    /**
     * @description The artifact, as its upload answered.
     * @example sha256:a13fb5b5ab716eeb963773a92b7bc4583f9d33fda3e5cc0008989a6028421574
     */
    readonly ArtifactIdPath: components['schemas']['ArtifactId'];
    readonly ModelIdPath: components['schemas']['ModelId'];
    /**
     * @description The pool, as configured.
     * @example haiku
     */
    readonly PoolIdPath: components['schemas']['PoolId'];
  };
  requestBodies: never;
  headers: {
    /**
     * @description The id of the request (1 to 128 printable ASCII characters), else a new UUID. It is in every log line of the request.
     * @example 0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11
     */
    readonly 'X-Correlation-Id': string;
    /**
     * @description Path of the task.
     * @example /v1/tasks/3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1
     */
    readonly Location: string;
    /** @description Path of the model. */
    readonly ModelLocation: string;
    /**
     * @description Path of the artifact.
     * @example /v1/artifacts/sha256:a13fb5b5ab716eeb963773a92b7bc4583f9d33fda3e5cc0008989a6028421574
     */
    readonly ArtifactLocation: string;
    /**
     * @description Whole seconds to wait, rounded up.
     * @example 2
     */
    readonly 'Retry-After': number;
    /**
     * @description Milliseconds to wait.
     * @example 1500
     */
    readonly 'X-Backoff-Ms': number;
    /**
     * @description Tokens left to the session and the key, whichever has less; absent without such a budget.
     * @example 7900
     */
    readonly 'X-Budget-Tokens-Remaining': number;
    /**
     * @description Time of engines left, in milliseconds; absent without such a budget.
     * @example 60000
     */
    readonly 'X-Budget-Time-Remaining-Ms': number;
    /**
     * @description Cost left, in millionths of the currency unit; absent without such a budget.
     * @example 250000
     */
    readonly 'X-Budget-Cost-Remaining': number;
    /**
     * @description The scheme this service takes.
     * @example Bearer
     */
    readonly 'WWW-Authenticate': 'Bearer';
  };
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  readonly listTasks: {
    readonly parameters: {
      readonly query?: {
        /**
         * @description Only tasks in this state.
         * @example running
         */
        readonly state?: components['schemas']['TaskState'];
        /**
         * @description Only tasks of this pool.
         * @example haiku
         */
        readonly pool_id?: components['schemas']['PoolId'];
        /**
         * @description Only tasks of this session.
         * @example editor-7
         */
        readonly session_id?: components['schemas']['SessionId'];
        /**
         * @description Only tasks of this priority.
         * @example batch
         */
        readonly priority?: components['schemas']['Priority'];
        /**
         * @description At most this many tasks in one answer.
         * @example 50
         */
        readonly limit?: number;
        /**
         * @description The `next_cursor` of the answer before.
         * @example MTIz
         */
        readonly cursor?: string;
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description One page of tasks. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['TaskList'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 500: components['responses']['Internal'];
    };
  };
  readonly submitTask: {
    readonly parameters: {
      readonly query?: {
        /**
         * @description Only say what would become of the task, with `200`; nothing is stored, reserved or counted.
         * @example true
         */
        readonly dry_run?: boolean;
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/json': components['schemas']['TaskRequest'];
      };
    };
    readonly responses: {
      /** @description A dry run - what would become of the task, a refusal included. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['TaskPlan'];
        };
      };
      /** @description Accepted into a queue. A repeated submit answers with the body of the first. */
      readonly 202: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly Location: components['headers']['Location'];
          readonly 'X-Budget-Tokens-Remaining': components['headers']['X-Budget-Tokens-Remaining'];
          readonly 'X-Budget-Time-Remaining-Ms': components['headers']['X-Budget-Time-Remaining-Ms'];
          readonly 'X-Budget-Cost-Remaining': components['headers']['X-Budget-Cost-Remaining'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['TaskAccepted'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['PoolUnavailable'];
      readonly 409: components['responses']['Conflict'];
      readonly 413: components['responses']['PayloadTooLarge'];
      readonly 415: components['responses']['UnsupportedMediaType'];
      readonly 422: components['responses']['DeadlineUnmet'];
      readonly 429: components['responses']['QueueFull'];
      readonly 500: components['responses']['Internal'];
      readonly 503: components['responses']['Unavailable'];
    };
  };
  readonly getTask: {
    readonly parameters: {
      readonly query?: {
        /**
         * @description What is told besides; `request` is the request with every default filled in.
         * @example request
         */
        readonly include?: 'request';
      };
      readonly header?: never;
      readonly path: {
        /**
         * @description The task, as submitted or as answered in the 202.
         * @example 3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1
         */
        readonly task_id: components['parameters']['TaskIdPath'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The task as it stands. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Task'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['NotFound'];
      readonly 500: components['responses']['Internal'];
    };
  };
  readonly streamTask: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: {
        /**
         * @description The `id` of the last frame received; without it the stream starts at its first frame.
         * @example 1a2b3c4d:17
         */
        readonly 'Last-Event-ID'?: components['schemas']['EventId'];
      };
      readonly path: {
        /**
         * @description The task, as submitted or as answered in the 202.
         * @example 3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1
         */
        readonly task_id: components['parameters']['TaskIdPath'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The stream of frames. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'text/event-stream': string;
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['NotFound'];
      readonly 409: components['responses']['Conflict'];
      readonly 410: components['responses']['StreamGap'];
      readonly 500: components['responses']['Internal'];
      readonly 503: components['responses']['TooManyStreams'];
    };
  };
  readonly cancelTask: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The task, as submitted or as answered in the 202.
         * @example 3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1
         */
        readonly task_id: components['parameters']['TaskIdPath'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The task does not run any more. */
      readonly 204: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content?: never;
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['NotFound'];
      readonly 500: components['responses']['Internal'];
    };
  };
  readonly setTaskPriority: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The task, as submitted or as answered in the 202.
         * @example 3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1
         */
        readonly task_id: components['parameters']['TaskIdPath'];
      };
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/json': components['schemas']['PriorityRequest'];
      };
    };
    readonly responses: {
      /** @description The task as it stands now. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Task'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['NotFound'];
      readonly 409: components['responses']['Conflict'];
      readonly 413: components['responses']['PayloadTooLarge'];
      readonly 415: components['responses']['UnsupportedMediaType'];
      readonly 429: components['responses']['QueueFull'];
      readonly 500: components['responses']['Internal'];
    };
  };
  readonly listSessions: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description All living sessions. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['SessionList'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 500: components['responses']['Internal'];
    };
  };
  readonly getSession: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The session, as its tasks named it.
         * @example editor-7
         */
        readonly session_id: components['parameters']['SessionIdPath'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The session as it stands. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Session'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['NotFound'];
      readonly 500: components['responses']['Internal'];
    };
  };
  readonly deleteSession: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The session, as its tasks named it.
         * @example editor-7
         */
        readonly session_id: components['parameters']['SessionIdPath'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The session is gone. */
      readonly 204: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content?: never;
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['NotFound'];
      readonly 500: components['responses']['Internal'];
    };
  };
  readonly listArtifacts: {
    readonly parameters: {
      readonly query?: {
        /**
         * @description Only artifacts of this kind.
         * @example trace
         */
        readonly kind?: components['schemas']['ArtifactKind'];
        /**
         * @description Only artifacts with this tag.
         * @example release-7
         */
        readonly tag?: components['schemas']['ArtifactTag'];
        /**
         * @description Only artifacts made from this one.
         * @example sha256:a13fb5b5ab716eeb963773a92b7bc4583f9d33fda3e5cc0008989a6028421574
         */
        readonly parent?: components['schemas']['ArtifactId'];
        /**
         * @description Only the artifact of this task.
         * @example 3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1
         */
        readonly task_id?: components['schemas']['Uuid'];
        /**
         * @description At most this many artifacts in one answer.
         * @example 50
         */
        readonly limit?: number;
        /**
         * @description The `next_cursor` of the answer before.
         * @example 123
         */
        readonly cursor?: string;
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description One page of artifacts. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['ArtifactList'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 500: components['responses']['Internal'];
      readonly 503: components['responses']['StoreUnavailable'];
    };
  };
  readonly storeArtifact: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/json': components['schemas']['ArtifactRequest'];
      };
    };
    readonly responses: {
      /** @description The content was stored before. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly Location: components['headers']['ArtifactLocation'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['ArtifactInfo'];
        };
      };
      /** @description Stored; it survives a power cut. */
      readonly 201: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly Location: components['headers']['ArtifactLocation'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['ArtifactInfo'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['NotFound'];
      readonly 413: components['responses']['PayloadTooLarge'];
      readonly 415: components['responses']['UnsupportedMediaType'];
      readonly 422: components['responses']['UntrustedArtifact'];
      readonly 500: components['responses']['Internal'];
      readonly 503: components['responses']['StoreUnavailable'];
    };
  };
  readonly getArtifact: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The artifact, as its upload answered.
         * @example sha256:a13fb5b5ab716eeb963773a92b7bc4583f9d33fda3e5cc0008989a6028421574
         */
        readonly artifact_id: components['parameters']['ArtifactIdPath'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The artifact with its content. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Artifact'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['NotFound'];
      readonly 422: components['responses']['UntrustedArtifact'];
      readonly 500: components['responses']['Internal'];
      readonly 503: components['responses']['StoreUnavailable'];
    };
  };
  readonly getCapabilities: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The API version and every pool. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Capabilities'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 500: components['responses']['Internal'];
    };
  };
  readonly listPools: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description Every pool with its load. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['PoolList'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 500: components['responses']['Internal'];
    };
  };
  readonly getPoolHealth: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The pool, as configured.
         * @example haiku
         */
        readonly pool_id: components['parameters']['PoolIdPath'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The pool and its replicas. Also when it is not ready. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['PoolHealth'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['NotFound'];
      readonly 500: components['responses']['Internal'];
    };
  };
  readonly pausePool: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The pool, as configured.
         * @example haiku
         */
        readonly pool_id: components['parameters']['PoolIdPath'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The pool as it stands now. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Pool'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['NotFound'];
      readonly 500: components['responses']['Internal'];
    };
  };
  readonly resumePool: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The pool, as configured.
         * @example haiku
         */
        readonly pool_id: components['parameters']['PoolIdPath'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The pool as it stands now. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Pool'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['NotFound'];
      readonly 500: components['responses']['Internal'];
    };
  };
  readonly drainPool: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The pool, as configured.
         * @example haiku
         */
        readonly pool_id: components['parameters']['PoolIdPath'];
      };
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/json': components['schemas']['DrainRequest'];
      };
    };
    readonly responses: {
      /** @description Nothing of the pool runs any more. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Pool'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['NotFound'];
      readonly 413: components['responses']['PayloadTooLarge'];
      readonly 415: components['responses']['UnsupportedMediaType'];
      readonly 500: components['responses']['Internal'];
    };
  };
  readonly reloadPool: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The pool, as configured.
         * @example haiku
         */
        readonly pool_id: components['parameters']['PoolIdPath'];
      };
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/json': components['schemas']['ReloadRequest'];
      };
    };
    readonly responses: {
      /** @description The pool with its new engines. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Pool'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['NotFound'];
      readonly 413: components['responses']['PayloadTooLarge'];
      readonly 415: components['responses']['UnsupportedMediaType'];
      readonly 500: components['responses']['Internal'];
      readonly 502: components['responses']['ReloadFailed'];
    };
  };
  readonly loadPool: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The pool, as configured.
         * @example haiku
         */
        readonly pool_id: components['parameters']['PoolIdPath'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description Every engine of the pool is ready. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Pool'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['NotFound'];
      readonly 500: components['responses']['Internal'];
      readonly 503: components['responses']['Unavailable'];
    };
  };
  readonly unloadPool: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The pool, as configured.
         * @example haiku
         */
        readonly pool_id: components['parameters']['PoolIdPath'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description No engine of the pool is loaded. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Pool'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['NotFound'];
      readonly 500: components['responses']['Internal'];
    };
  };
  readonly reloadConfig: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description What became of each pool. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['ConfigReload'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 500: components['responses']['Internal'];
    };
  };
  readonly listModels: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The models. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['ModelList'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 500: components['responses']['Internal'];
      readonly 503: components['responses']['CatalogUnavailable'];
    };
  };
  readonly addModel: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/json': components['schemas']['ModelRequest'];
      };
    };
    readonly responses: {
      /** @description The model is installed. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly Location: components['headers']['ModelLocation'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Model'];
        };
      };
      /** @description The model is being fetched or checked. */
      readonly 202: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly Location: components['headers']['ModelLocation'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Model'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 413: components['responses']['PayloadTooLarge'];
      readonly 415: components['responses']['UnsupportedMediaType'];
      readonly 422: components['responses']['UntrustedModel'];
      readonly 500: components['responses']['Internal'];
      readonly 503: components['responses']['CatalogUnavailable'];
    };
  };
  readonly getModel: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly model_id: components['parameters']['ModelIdPath'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The model. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Model'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['NotFound'];
      readonly 500: components['responses']['Internal'];
      readonly 503: components['responses']['CatalogUnavailable'];
    };
  };
  readonly removeModel: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly model_id: components['parameters']['ModelIdPath'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The model is forgotten. */
      readonly 204: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content?: never;
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['NotFound'];
      readonly 409: components['responses']['ModelInUse'];
      readonly 500: components['responses']['Internal'];
      readonly 503: components['responses']['CatalogUnavailable'];
    };
  };
  readonly verifyModel: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly model_id: components['parameters']['ModelIdPath'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description What was found. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['ModelVerification'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['NotFound'];
      readonly 409: components['responses']['ModelInUse'];
      readonly 500: components['responses']['Internal'];
      readonly 503: components['responses']['CatalogUnavailable'];
    };
  };
  readonly setModelState: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly model_id: components['parameters']['ModelIdPath'];
      };
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/json': components['schemas']['ModelStateRequest'];
      };
    };
    readonly responses: {
      /** @description The model in its new state. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Model'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['NotFound'];
      readonly 413: components['responses']['PayloadTooLarge'];
      readonly 415: components['responses']['UnsupportedMediaType'];
      readonly 500: components['responses']['Internal'];
      readonly 503: components['responses']['CatalogUnavailable'];
    };
  };
  readonly getStore: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description Which backend keeps the tasks, and whether it can. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Store'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 500: components['responses']['Internal'];
    };
  };
  readonly acknowledgeLostRecords: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The store as it is from now on. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Store'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 500: components['responses']['Internal'];
    };
  };
  readonly backUpStore: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The copy, a SQLite database. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/vnd.sqlite3': string;
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      /** @description Tasks are kept in memory, so there is nothing to copy. */
      readonly 404: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Problem'];
        };
      };
      readonly 500: components['responses']['Internal'];
    };
  };
  readonly streamEvents: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The stream of events. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'text/event-stream': string;
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 500: components['responses']['Internal'];
      readonly 503: components['responses']['TooManyStreams'];
    };
  };
  readonly getHealth: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The event loop answers. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Health'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 403: components['responses']['Forbidden'];
    };
  };
  readonly getReadiness: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description Every pool takes and runs tasks. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Readiness'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 403: components['responses']['Forbidden'];
      readonly 503: components['responses']['NotReady'];
    };
  };
  readonly getMetrics: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The text exposition format. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'text/plain': string;
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 500: components['responses']['Internal'];
    };
  };
  readonly getOpenapi: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The contract this service was built from. */
      readonly 200: {
        headers: {
          readonly 'X-Correlation-Id': components['headers']['X-Correlation-Id'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['OpenapiDocument'];
        };
      };
      readonly 400: components['responses']['InvalidParams'];
      readonly 401: components['responses']['MissingToken'];
      readonly 403: components['responses']['Forbidden'];
      readonly 500: components['responses']['Internal'];
    };
  };
}

export type Uuid = components['schemas']['Uuid'];
export type SessionId = components['schemas']['SessionId'];
export type PoolId = components['schemas']['PoolId'];
export type EventId = components['schemas']['EventId'];
export type Timestamp = components['schemas']['Timestamp'];
export type Milliseconds = components['schemas']['Milliseconds'];
export type Probability = components['schemas']['Probability'];
export type Count = components['schemas']['Count'];
export type Sha256Hex = components['schemas']['Sha256Hex'];
export type ModelDigest = components['schemas']['ModelDigest'];
export type Workload = components['schemas']['Workload'];
export type Priority = components['schemas']['Priority'];
export type Determinism = components['schemas']['Determinism'];
export type TaskState = components['schemas']['TaskState'];
export type FinishReason = components['schemas']['FinishReason'];
export type TaskRequest = components['schemas']['TaskRequest'];
export type PriorityRequest = components['schemas']['PriorityRequest'];
export type DisconnectPolicy = components['schemas']['DisconnectPolicy'];
export type ChatMessage = components['schemas']['ChatMessage'];
export type ToolCall = components['schemas']['ToolCall'];
export type ToolDefinition = components['schemas']['ToolDefinition'];
export type ResponseFormat = components['schemas']['ResponseFormat'];
export type TaskAccepted = components['schemas']['TaskAccepted'];
export type Task = components['schemas']['Task'];
export type WaitReason = components['schemas']['WaitReason'];
export type WaitingFor = components['schemas']['WaitingFor'];
export type TaskPlan = components['schemas']['TaskPlan'];
export type TaskTimings = components['schemas']['TaskTimings'];
export type Usage = components['schemas']['Usage'];
export type Placement = components['schemas']['Placement'];
export type TaskOutput = components['schemas']['TaskOutput'];
export type TaskError = components['schemas']['TaskError'];
export type TaskList = components['schemas']['TaskList'];
export type SamplingSettings = components['schemas']['SamplingSettings'];
export type Receipt = components['schemas']['Receipt'];
export type EarlierAttempt = components['schemas']['EarlierAttempt'];
export type StartedFrame = components['schemas']['StartedFrame'];
export type TokenFrame = components['schemas']['TokenFrame'];
export type MetricsFrame = components['schemas']['MetricsFrame'];
export type EndFrame = components['schemas']['EndFrame'];
export type ErrorFrame = components['schemas']['ErrorFrame'];
export type TaskChangedEvent = components['schemas']['TaskChangedEvent'];
export type TaskRejectedEvent = components['schemas']['TaskRejectedEvent'];
export type ReplicaChangedEvent = components['schemas']['ReplicaChangedEvent'];
export type ModelId = components['schemas']['ModelId'];
export type ModelRequest = components['schemas']['ModelRequest'];
export type ModelState = components['schemas']['ModelState'];
export type ModelStateRequest = components['schemas']['ModelStateRequest'];
export type Model = components['schemas']['Model'];
export type ModelList = components['schemas']['ModelList'];
export type ModelMemory = components['schemas']['ModelMemory'];
export type PullProgress = components['schemas']['PullProgress'];
export type ModelVerification = components['schemas']['ModelVerification'];
export type ModelChangedEvent = components['schemas']['ModelChangedEvent'];
export type Session = components['schemas']['Session'];
export type SessionList = components['schemas']['SessionList'];
export type ArtifactId = components['schemas']['ArtifactId'];
export type ArtifactKind = components['schemas']['ArtifactKind'];
export type ArtifactTag = components['schemas']['ArtifactTag'];
export type ArtifactRequest = components['schemas']['ArtifactRequest'];
export type ArtifactInfo = components['schemas']['ArtifactInfo'];
export type Artifact = components['schemas']['Artifact'];
export type ArtifactList = components['schemas']['ArtifactList'];
export type QueueDepth = components['schemas']['QueueDepth'];
export type PoolLimits = components['schemas']['PoolLimits'];
export type PoolFeatures = components['schemas']['PoolFeatures'];
export type RateLimits = components['schemas']['RateLimits'];
export type PoolCapabilities = components['schemas']['PoolCapabilities'];
export type Capabilities = components['schemas']['Capabilities'];
export type Pool = components['schemas']['Pool'];
export type PoolList = components['schemas']['PoolList'];
export type ReplicaState = components['schemas']['ReplicaState'];
export type EngineState = components['schemas']['EngineState'];
export type Capacity = components['schemas']['Capacity'];
export type DrainRequest = components['schemas']['DrainRequest'];
export type ReloadRequest = components['schemas']['ReloadRequest'];
export type ConfigReload = components['schemas']['ConfigReload'];
export type PoolChange = components['schemas']['PoolChange'];
export type Replica = components['schemas']['Replica'];
export type MeasuredMean = components['schemas']['MeasuredMean'];
export type PoolMetrics = components['schemas']['PoolMetrics'];
export type PoolHealth = components['schemas']['PoolHealth'];
export type Store = components['schemas']['Store'];
export type Health = components['schemas']['Health'];
export type PoolReadiness = components['schemas']['PoolReadiness'];
export type Readiness = components['schemas']['Readiness'];
export type OpenapiDocument = components['schemas']['OpenapiDocument'];
export type ErrorDetails = components['schemas']['ErrorDetails'];
export type Problem = components['schemas']['Problem'];
