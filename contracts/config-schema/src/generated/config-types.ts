// SPDX-License-Identifier: MIT
// Generated from contracts/config.schema.yaml by: npm run xtask regen-schema
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /** @description Keys that may call, each with its own share. It holds digests, never a key itself. */
    readonly KeyFile: {
      /**
       * @description Whether a key sees, follows and cancels its own tasks and sessions only.
       * @default true
       */
      readonly isolate: boolean;
      /** @description The keys; each id and each digest once. */
      readonly keys: readonly components['schemas']['Key'][];
    };
    /** @description One key. A limit that is absent does not apply. */
    readonly Key: {
      /** @description Name of the key in tasks and logs; what is journaled refers to it. */
      readonly id: string;
      /** @description SHA-256 of the key in hex, as `llama-orch keys hash` prints it. */
      readonly sha256: string;
      /** @description For people; shown nowhere else. */
      readonly label?: string;
      /**
       * @description Whether it sees and cancels the tasks and sessions of every key.
       * @default false
       */
      readonly operator: boolean;
      /**
       * @description Its part of a pool beside the other keys that wait there.
       * @default 1
       */
      readonly weight: number;
      /** @description New tasks it may ask for, as a mean. */
      readonly requests_per_minute?: number;
      /** @description New tasks it may ask for at once after a pause; absent is a tenth of requests_per_minute. */
      readonly burst?: number;
      /** @description Its tasks that wait at once, in all pools; more are refused. */
      readonly queued_tasks?: number;
      /** @description Its tasks that run at once, in all pools; more wait, and those of other keys pass them. */
      readonly running_tasks?: number;
      /**
       * @description Priorities it may use; the first is its default.
       * @default [
       *       "interactive",
       *       "batch"
       *     ]
       */
      readonly priorities: readonly ('interactive' | 'batch')[];
      /** @description Pools it may use; absent is all. */
      readonly pools?: readonly string[];
      readonly budget?: components['schemas']['KeyBudget'];
    };
    /** @description What a key may use up; tokens read and written, time of engines, and cost by the price of the pools. */
    readonly KeyBudget: {
      /** @description Tokens. */
      readonly tokens?: number;
      /** @description Time of engines. */
      readonly time_ms?: number;
      /** @description Millionths of the currency unit. */
      readonly cost_micros?: number;
      /** @description How long it lasts until it is full again; absent is for ever. */
      readonly period_ms?: number;
    };
    /** @description The content of a sampler profile file. Every value is given, so that no default can change under it. */
    readonly SamplerProfile: {
      /** @description The name of the profile, as in `haiku-3`. */
      readonly version: string;
      readonly temperature: number;
      readonly top_p: number;
      readonly top_k: number;
      readonly min_p: number;
      readonly repeat_penalty: number;
      readonly presence_penalty: number;
      readonly frequency_penalty: number;
    };
    /** @description One model, engine and policy. */
    readonly Pool: {
      /** @description Name of the pool in the API. */
      readonly id: string;
      /**
       * @description How the engine is reached.
       * @enum {unknown}
       */
      readonly adapter: 'mock' | 'node-llama-cpp' | 'llamacpp-http' | 'vllm' | 'tgi' | 'triton' | 'openai-http';
      /** @description node-llama-cpp: path of a GGUF file, relative to the configuration file, or `builtin:haiku-tiny` (the default). llamacpp-http: the model id it is expected to serve, and where it is started, the path of its file. vllm: the name or root it is expected to serve. tgi: the model id it is expected to serve. triton: the model of its repository. openai-http: the model to ask for. mock: the model id it reports. */
      readonly model?: string;
      /**
       * @description Further names under which tasks may ask for this model.
       * @default []
       */
      readonly model_refs: readonly string[];
      /** @description Concurrent generations per replica; absent is what the engine offers. */
      readonly slots?: number;
      /** @description Engines in this process, or started by it; absent is 1. */
      readonly replicas?: number;
      /** @description Context of one slot in tokens, for node-llama-cpp and engines that are started; absent is what the model was trained with. */
      readonly ctx_max?: number;
      /**
       * @description Most tokens a task may generate; also the default of `max_tokens`.
       * @default 512
       */
      readonly max_tokens_out: number;
      /** @description What tokens cost, for budgets in cost; absent is nothing. */
      readonly price?: {
        /** @description A thousand tokens read, in millionths of the currency unit. */
        readonly in_micros_per_1k: number;
        /** @description A thousand tokens written, in millionths of the currency unit. */
        readonly out_micros_per_1k: number;
      };
      /** @description For an engine over HTTP that others start, its address, or one per replica. */
      readonly base_url?: components['schemas']['EngineUrl'] | readonly components['schemas']['EngineUrl'][];
      /** @description For an engine over HTTP, the environment variable that holds its key. */
      readonly api_key_env?: string;
      /**
       * @description Who starts the engine: `embedded` is this process itself, `external` is somebody else, `managed` is this service, which watches and ends it too. Absent is `embedded` for an adapter in this process, `managed` with a section `engine`, else `external`.
       * @enum {unknown}
       */
      readonly provisioning?: 'embedded' | 'external' | 'managed';
      readonly engine?: components['schemas']['Engine'];
      /** @description The cards its replicas may use, by the id `llama-orch doctor` shows; absent sets no bounds. Without `split` each replica has one of them, in turn. Pools on the same card are loaded in turn. */
      readonly devices?: readonly string[];
      /**
       * @description Whether it fails rather than run on the CPU.
       * @default false
       */
      readonly require_gpu: boolean;
      /**
       * @description Whether one replica is spread over all of `devices`.
       * @default false
       */
      readonly split: boolean;
      /**
       * @description Whether its engines are loaded at the start, or when a task waits for them.
       * @default always
       * @enum {unknown}
       */
      readonly load: 'always' | 'on_demand';
      /** @description For `on_demand`, the time without a task after which it is unloaded; 0 is never. */
      readonly idle_unload_ms?: number;
      /**
       * @description Whether it is never unloaded to make room.
       * @default false
       */
      readonly pinned: boolean;
      /** @description Its group of `swap.groups`. */
      readonly group?: string;
      /**
       * @description How long its tasks may wait for cards while a loaded pool on them takes new ones.
       * @default 60000
       */
      readonly max_wait_ms: number;
      /** @description Memory of one replica on its cards, until it has been measured; absent is the size of its file. */
      readonly footprint_bytes?: number;
      /** @description The sampler profile of tasks that name none; default that of the service, and `plain-1` with the adapters openai-http, tgi and triton, whose engines lack settings that `default-1` needs. */
      readonly sampler_profile?: string;
      /** @description What its engines must be; one that differs is refused. */
      readonly pins?: {
        /** @description Version of the engine. */
        readonly engine_version?: string;
        /** @description Digest of the model. */
        readonly model_digest?: string;
        /** @description Default sampler profile of the service. */
        readonly sampler_profile_version?: string;
      };
      /**
       * @description Supervision of this pool's engines; what is left out is that of the whole service.
       * @default {}
       */
      readonly watchdog: {
        /** @description How long an aborted engine may take to free its slot. */
        readonly abort_grace_ms?: number;
        /** @description How long a job may run; 0 is no limit. */
        readonly wall_ms?: number;
        /** @description How long a job may stay without a further token; 0 is no limit. */
        readonly idle_ms?: number;
        /** @description How long a job may run without a first token; 0 is no limit. */
        readonly first_token_ms?: number;
      };
      /**
       * @description Settings of the adapter, see the definitions whose names end in Options.
       * @default {}
       */
      readonly options: {
        readonly [key: string]: unknown;
      };
    } & (unknown & unknown & unknown & unknown & unknown & unknown & unknown & unknown);
    /** @description How an engine is started. It gets no shell, and nothing of our environment but what programs need to run. */
    readonly Engine: {
      /** @description A program on PATH, or the path of one; absent is the usual program of the adapter's engine. */
      readonly command?: string;
      /** @description Its arguments instead of the usual ones. `{port}`, `{model}`, `{slots}`, `{ctx}` (tokens of one slot), `{ctx_total}` (of all slots), `{devices}`, `{device_count}` and `{replica_id}` are filled in; braces around anything but a name stay. */
      readonly args?: readonly string[];
      /** @description Arguments after the usual ones. */
      readonly extra_args?: readonly string[];
      /**
       * @description Further environment variables, with the same words filled in.
       * @default {}
       */
      readonly env: {
        readonly [key: string]: string;
      };
      /** @description Its port on 127.0.0.1, for a pool of one replica; absent is a free one. */
      readonly port?: number;
      /**
       * @description How long it may take from its start until it is ready.
       * @default 600000
       */
      readonly load_timeout_ms: number;
      /**
       * @description How long it may take to end after it was asked to, before it is killed.
       * @default 3000
       */
      readonly stop_grace_ms: number;
      /**
       * @description What it writes.
       * @default {}
       */
      readonly log: {
        /** @description Where its log files lie, relative to the configuration file; absent is `engines` beside the store. */
        readonly directory?: string;
        /**
         * @description Size of one log file.
         * @default 16777216
         */
        readonly max_bytes: number;
        /**
         * @description Log files kept per replica.
         * @default 3
         */
        readonly max_files: number;
      };
    };
    /** @description Which pools may be in memory together. */
    readonly SwapGroup: {
      /** @description Name of the group. */
      readonly id: string;
      /**
       * @description Whether its pools may be loaded at the same time where their cards hold them.
       * @default false
       */
      readonly together: boolean;
    };
    /** @description How the mock engine behaves. */
    readonly MockOptions: {
      /** @description Version it reports. */
      readonly engine_version?: string;
      /** @description Time to the first piece. */
      readonly start_ms?: number;
      /** @description Time between two wake-ups. */
      readonly delay_ms?: number;
      /** @description Pieces per wake-up. */
      readonly burst?: number;
      /** @description Time until it is ready. */
      readonly load_ms?: number;
      /** @description It never becomes ready. */
      readonly fail_load?: boolean;
      /** @description Whether [[mock ...]] in a prompt steers it. */
      readonly directives?: boolean;
    };
    /** @description How node-llama-cpp runs a model. */
    readonly EmbeddedOptions: {
      /** @description Digest the model file must have. */
      readonly digest?: string;
      /**
       * @description `isolated` is one context per slot and keeps strict determinism; `shared` batches all slots in one context.
       * @enum {unknown}
       */
      readonly slot_mode?: 'isolated' | 'shared';
      /** @description Whether a GPU is used where its binary is installed. */
      readonly gpu?: boolean;
      /** @description CPU threads per slot. */
      readonly threads?: number;
    };
    /** @description How a llama.cpp server is used. */
    readonly LlamacppOptions: {
      /** @description Digest of the model it serves; absent is computed where the file can be read. */
      readonly digest?: string;
      /** @description What the server was started for; absent is completion, and chat where there is a template. */
      readonly workloads?: readonly ('completion' | 'chat' | 'embedding' | 'rerank')[];
      /** @description Until a connection stands. */
      readonly connect_timeout_ms?: number;
      /** @description Until an answer begins. */
      readonly headers_timeout_ms?: number;
      /** @description Until the server answers a job, or at least says that it is well. */
      readonly silence_timeout_ms?: number;
      /** @description Between two events. */
      readonly idle_timeout_ms?: number;
      /** @description For a whole generation. */
      readonly wall_timeout_ms?: number;
    };
    /** @description How a vLLM server is used; what it does not tell is said here. */
    readonly VllmOptions: {
      /** @description Digest of the model it serves; it does not tell. */
      readonly digest?: string;
      /** @description What the served model is for; absent is completion and chat. */
      readonly workloads?: readonly ('completion' | 'chat' | 'embedding' | 'rerank')[];
      /** @description Whether it was started with --enable-auto-tool-choice. */
      readonly tools?: boolean;
      /** @description Whether it was started with VLLM_BATCH_INVARIANT=1, which is what strict determinism needs. */
      readonly batch_invariant?: boolean;
      /** @description Whether others use it too. */
      readonly shared?: boolean;
      /** @description Until a connection stands. */
      readonly connect_timeout_ms?: number;
      /** @description Until an answer begins. */
      readonly headers_timeout_ms?: number;
      /** @description Between two events. */
      readonly idle_timeout_ms?: number;
      /** @description For a whole generation. */
      readonly wall_timeout_ms?: number;
    };
    /** @description How a server that speaks OpenAI's HTTP API is used; it tells nothing about itself. */
    readonly OpenaiOptions: {
      /** @description The model's context in tokens. */
      readonly ctx_max: number;
      /** @description The server's version for receipts. */
      readonly version?: string;
      /** @description Digest of the model it serves; it does not tell. */
      readonly digest?: string;
      /** @description What it offers for the model; absent is completion and chat. */
      readonly workloads?: readonly ('completion' | 'chat' | 'embedding' | 'rerank')[];
      /** @description Whether the model calls tools. */
      readonly tools?: boolean;
      /** @description Whether a JSON schema is taken and kept. */
      readonly json_schema?: boolean;
      /**
       * @description The name it knows the bound of a chat by; absent is max_tokens.
       * @enum {unknown}
       */
      readonly max_tokens_field?: 'max_tokens' | 'max_completion_tokens';
      /** @description Sampler fields it knows beyond OpenAI's; settings without a field are refused unless they are off. */
      readonly sampler_fields?: readonly ('top_k' | 'min_p' | 'repetition_penalty' | 'repeat_penalty')[];
      /** @description Until a connection stands. */
      readonly connect_timeout_ms?: number;
      /** @description Until an answer begins. */
      readonly headers_timeout_ms?: number;
      /** @description Between two events. */
      readonly idle_timeout_ms?: number;
      /** @description For a whole generation. */
      readonly wall_timeout_ms?: number;
    };
    /** @description How a Text Generation Inference router is used; what it does not tell is said here. */
    readonly TgiOptions: {
      /** @description Digest of the model it serves; it does not tell. */
      readonly digest?: string;
      /** @description The revision of the model it is expected to serve. */
      readonly revision?: string;
      /** @description Whether prefix caching is off and nobody else uses it, which is what strict determinism needs beside `slots: 1`. */
      readonly repeatable?: boolean;
      /** @description Whether others use it too. */
      readonly shared?: boolean;
      /** @description Until a connection stands. */
      readonly connect_timeout_ms?: number;
      /** @description Until an answer begins. */
      readonly headers_timeout_ms?: number;
      /** @description Between two events. */
      readonly idle_timeout_ms?: number;
      /** @description For a whole generation. */
      readonly wall_timeout_ms?: number;
    };
    /** @description How a model of a Triton server is used; what it does not tell is said here. */
    readonly TritonOptions: {
      /** @description The context of the model in tokens. */
      readonly ctx_max: number;
      /** @description The version of the model; absent is the choice of the server. */
      readonly model_version?: string;
      /** @description Digest of the model it serves; it does not tell. */
      readonly digest?: string;
      /** @description Where it tells its metrics; absent is port 8002 where it listens on 8000. */
      readonly metrics_url?: components['schemas']['EngineUrl'];
      /** @description The header its key is sent in; absent is a bearer token. */
      readonly key_header?: string;
      /**
       * @description How a generation is asked for; absent is generate_stream for decoupled models, else infer.
       * @enum {unknown}
       */
      readonly route?: 'generate_stream' | 'infer';
      /** @description Whether nothing is reused between requests and nobody else uses the model, which is what strict determinism needs beside `slots: 1`. */
      readonly repeatable?: boolean;
      /** @description Whether others use the model too. */
      readonly shared?: boolean;
      /** @description Until a connection stands. */
      readonly connect_timeout_ms?: number;
      /** @description Until an answer begins. */
      readonly headers_timeout_ms?: number;
      /** @description Between two events. */
      readonly idle_timeout_ms?: number;
      /** @description For a whole generation. */
      readonly wall_timeout_ms?: number;
    };
    /** @description An http or https address without user, query and fragment. */
    readonly EngineUrl: string;
    /**
     * Config
     * @description Configuration of orchestratord.
     */
    readonly Config: {
      /**
       * @description Where the service answers.
       * @default {}
       */
      readonly listen: {
        /**
         * @description Address or name to bind. Anything but loopback needs a token or a key file.
         * @default 127.0.0.1
         */
        readonly host: string;
        /**
         * @description TCP port; 0 takes a free one.
         * @default 8080
         */
        readonly port: number;
        /**
         * @description Host names a request may carry, besides the loopback names and the bound address.
         * @default []
         */
        readonly allowed_hosts: readonly string[];
      };
      /**
       * @description Who may call.
       * @default {}
       */
      readonly auth: {
        /**
         * @description Environment variable that holds the bearer token; without a value calls need none.
         * @default LLORCH_API_TOKEN
         */
        readonly token_env: string;
        /** @description YAML or JSON file of keys with limits of their own, see KeyFile, relative to the configuration file. It is read again when it changes. */
        readonly key_file?: string;
      };
      /**
       * @description Bounds of requests and connections.
       * @default {}
       */
      readonly limits: {
        /**
         * @description Largest request body.
         * @default 4194304
         */
        readonly body_bytes: number;
        /**
         * @description Deepest nesting of a request body.
         * @default 32
         */
        readonly body_depth: number;
        /**
         * @description Largest request line and headers together.
         * @default 16384
         */
        readonly header_bytes: number;
        /**
         * @description Stream connections open at once.
         * @default 10000
         */
        readonly open_streams: number;
        /** @description Resident memory above which tasks and streams are refused until it is 5 % below; absent is no such limit. Weights that an engine maps into the process count. Above 75 % of its own heap limit the service refuses in any case. */
        readonly resident_bytes?: number;
        /**
         * @description How long the headers of a request may take.
         * @default 10000
         */
        readonly headers_timeout_ms: number;
        /**
         * @description How long a whole request may take to arrive.
         * @default 30000
         */
        readonly body_timeout_ms: number;
        /**
         * @description How long an idle kept-alive connection is kept.
         * @default 5000
         */
        readonly idle_timeout_ms: number;
      };
      /**
       * @description Bounds of each pool's queues.
       * @default {}
       */
      readonly queue: {
        /**
         * @description Interactive tasks waiting per pool.
         * @default 1000
         */
        readonly interactive_tasks: number;
        /**
         * @description Batch tasks waiting per pool.
         * @default 10000
         */
        readonly batch_tasks: number;
        /**
         * @description Size of all waiting tasks of a pool together.
         * @default 268435456
         */
        readonly queued_bytes: number;
        /**
         * @description What a full queue does.
         * @default reject
         * @enum {unknown}
         */
        readonly full_policy: 'reject' | 'drop-lru' | 'shed-low-priority';
        /**
         * @description Interactive tasks in a row before a waiting batch task has its turn.
         * @default 8
         */
        readonly interactive_burst: number;
        /**
         * @description A task whose chance to start within its deadline is below this is refused; 0 refuses none.
         * @default 0.05
         */
        readonly on_time_floor: number;
      };
      /**
       * @description Token streams.
       * @default {}
       */
      readonly stream: {
        /**
         * @description Silence after which a comment line is sent.
         * @default 15000
         */
        readonly heartbeat_ms: number;
        /**
         * @description At most one metrics frame per task in this time.
         * @default 1000
         */
        readonly live_interval_ms: number;
        /**
         * @description Text kept per task for late and resuming readers.
         * @default 4194304
         */
        readonly buffer_bytes: number;
        /**
         * @description Bytes buffered for a reader before the service stops pulling for it.
         * @default 262144
         */
        readonly client_buffer_bytes: number;
        /**
         * @description How long a task whose readers have all left may go on; 0 is for ever.
         * @default 0
         */
        readonly no_reader_ms: number;
        /**
         * @description How long a reader may take nothing before it loses its connection.
         * @default 30000
         */
        readonly drain_timeout_ms: number;
      };
      /**
       * @description Conversations.
       * @default {}
       */
      readonly sessions: {
        /**
         * @description Life of a session after its last turn.
         * @default 600000
         */
        readonly ttl_ms: number;
        /**
         * @description Turns a session may have.
         * @default 8
         */
        readonly max_turns: number;
        /**
         * @description How long the slot of a session is spared for its next turn while others are free; 0 is not at all.
         * @default 10000
         */
        readonly linger_ms: number;
        /** @description Tokens, read and written, a session may use; absent is no budget. */
        readonly token_budget?: number;
        /** @description Time of engines a session may use; absent is no budget. */
        readonly time_budget_ms?: number;
        /** @description What a session may cost at the price of the pools, in millionths of the currency unit; absent is no budget. */
        readonly cost_budget_micros?: number;
      };
      /**
       * @description What stays readable of ended tasks.
       * @default {}
       */
      readonly retention: {
        /**
         * @description Ended tasks kept; at least 1 where tasks are in memory.
         * @default 1000
         */
        readonly ended_tasks: number;
        /**
         * @description Prompts and outputs of ended tasks kept in memory, all together.
         * @default 67108864
         */
        readonly transcript_bytes: number;
      };
      /**
       * @description Where tasks are kept.
       * @default {}
       */
      readonly store: {
        /**
         * @description `memory` forgets every task when the service ends; `sqlite` keeps accepted tasks, sessions and ended tasks in a directory.
         * @default sqlite
         * @enum {unknown}
         */
        readonly backend: 'sqlite' | 'memory';
        /** @description For sqlite, the directory of the database; absent is the place for state of the user who runs the service. It belongs to that user, is used by one process at a time and is named without symbolic links. */
        readonly directory?: string;
        /**
         * @description For sqlite, ended tasks kept with their output.
         * @default 10000
         */
        readonly archived_tasks: number;
        /**
         * @description For sqlite, how long an ended task is kept with its output.
         * @default 2592000000
         */
        readonly archive_age_ms: number;
      };
      /**
       * @description Plans, summaries, diffs, traces and transcripts by the digest of their content.
       * @default {}
       */
      readonly artifacts: {
        /** @description Where they are kept; absent is `artifacts` in the directory of the store, or in the place for state of the user who runs the service. It belongs to that user, is used by one process at a time and is no symbolic link. */
        readonly directory?: string;
        /**
         * @description Whether the trace of a job holds its prompt.
         * @default false
         */
        readonly keep_prompts: boolean;
        /**
         * @description Largest upload, and largest content in canonical form.
         * @default 4194304
         */
        readonly max_bytes: number;
        /**
         * @description Size of all contents above which the oldest that nothing needs are removed.
         * @default 1073741824
         */
        readonly max_total_bytes: number;
        /**
         * @description Age at which an artifact that nothing needs is removed.
         * @default 2592000000
         */
        readonly max_age_ms: number;
      };
      /**
       * @description Supervision of engines.
       * @default {}
       */
      readonly watchdog: {
        /**
         * @description How long an aborted engine may take to free its slot.
         * @default 3000
         */
        readonly abort_grace_ms: number;
        /**
         * @description How often the state of a replica is read.
         * @default 2000
         */
        readonly probe_interval_ms: number;
        /**
         * @description How long a job may run; 0 is no limit.
         * @default 3600000
         */
        readonly wall_ms: number;
        /**
         * @description How long a job may stay without a further token; 0 is no limit.
         * @default 60000
         */
        readonly idle_ms: number;
        /**
         * @description How long a job may run without a first token; 0 is no limit.
         * @default 600000
         */
        readonly first_token_ms: number;
      };
      /**
       * @description Log lines on standard output.
       * @default {}
       */
      readonly log: {
        /**
         * @description Least important level that is written.
         * @default info
         * @enum {unknown}
         */
        readonly level: 'debug' | 'info' | 'warn' | 'error';
        /**
         * @description JSON lines, or a form for people; `auto` is `pretty` on a terminal.
         * @default auto
         * @enum {unknown}
         */
        readonly format: 'auto' | 'json' | 'pretty';
      };
      /**
       * @description Graceful stop.
       * @default {}
       */
      readonly shutdown: {
        /**
         * @description How long running tasks may take to finish before they are canceled.
         * @default 20000
         */
        readonly grace_ms: number;
      };
      /**
       * @description Versioned sets of sampler values; `default-1` and `plain-1` are built in and cannot be changed.
       * @default {}
       */
      readonly sampler_profiles: {
        /** @description Folder with one YAML or JSON file for each profile, relative to this file; default none. The content of a version must never change, since receipts name it. */
        readonly directory?: string;
        /**
         * @description The profile of tasks that name none.
         * @default default-1
         */
        readonly default: string;
      };
      /**
       * @description The cards of this machine.
       * @default {}
       */
      readonly devices: {
        /**
         * @description How cards are found; `auto` takes whatever answers, `none` looks for none.
         * @default auto
         * @enum {unknown}
         */
        readonly provider: 'auto' | 'none';
        /**
         * @description How long one reading may take.
         * @default 5000
         */
        readonly read_timeout_ms: number;
      };
      /**
       * @description Pools on the same cards.
       * @default {}
       */
      readonly swap: {
        /**
         * @description Groups of pools, each named by its pools in `group`.
         * @default []
         */
        readonly groups: readonly components['schemas']['SwapGroup'][];
      };
      /**
       * @description Models that this service fetches, checks and keeps.
       * @default {}
       */
      readonly catalog: {
        /** @description The models folder, relative to this file; default `models` in the directory of the store, or where the state of the user is who runs the service. One service holds it. */
        readonly folder?: string;
        /**
         * @description Most that the folder may hold; what was used longest ago makes room.
         * @default 214748364800
         */
        readonly budget_bytes: number;
        /**
         * @description Whether a model without signature and bill of materials is refused, or given a warning.
         * @default permissive
         * @enum {unknown}
         */
        readonly trust: 'permissive' | 'strict';
        /**
         * @description Ed25519 public keys in PEM whose signatures count.
         * @default []
         */
        readonly trusted_keys: readonly string[];
        /**
         * @description Whether nothing is asked of other hosts. `HF_HUB_OFFLINE=1` in the environment does the same.
         * @default false
         */
        readonly offline: boolean;
        /**
         * @description Hosts that models may come from, or `*.` and a suffix. The host of `HF_ENDPOINT` is always allowed.
         * @default [
         *       "huggingface.co",
         *       "*.huggingface.co",
         *       "*.hf.co"
         *     ]
         */
        readonly allowed_hosts: readonly string[];
        /**
         * @description Networks in CIDR form that may be connected to although they are not public, as for a mirror of one's own.
         * @default []
         */
        readonly allowed_networks: readonly string[];
        /**
         * @description Files and folders outside the models folder that `file:` references may name, relative to this file.
         * @default []
         */
        readonly allowed_paths: readonly string[];
        /**
         * @description Largest file that is fetched.
         * @default 1099511627776
         */
        readonly max_file_bytes: number;
        /**
         * @description How long one pull may take.
         * @default 86400000
         */
        readonly max_pull_ms: number;
        /**
         * @description How long a server may send nothing.
         * @default 30000
         */
        readonly idle_timeout_ms: number;
      };
      /**
       * @description What serves tasks, in order of preference.
       * @default [
       *       {
       *         "id": "haiku",
       *         "adapter": "node-llama-cpp",
       *         "slots": 2
       *       }
       *     ]
       */
      readonly pools: readonly components['schemas']['Pool'][];
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;

export type Config = components['schemas']['Config'];
export type KeyFile = components['schemas']['KeyFile'];
export type Key = components['schemas']['Key'];
export type KeyBudget = components['schemas']['KeyBudget'];
export type SamplerProfile = components['schemas']['SamplerProfile'];
export type Pool = components['schemas']['Pool'];
export type Engine = components['schemas']['Engine'];
export type SwapGroup = components['schemas']['SwapGroup'];
export type MockOptions = components['schemas']['MockOptions'];
export type EmbeddedOptions = components['schemas']['EmbeddedOptions'];
export type LlamacppOptions = components['schemas']['LlamacppOptions'];
export type VllmOptions = components['schemas']['VllmOptions'];
export type OpenaiOptions = components['schemas']['OpenaiOptions'];
export type TgiOptions = components['schemas']['TgiOptions'];
export type TritonOptions = components['schemas']['TritonOptions'];
export type EngineUrl = components['schemas']['EngineUrl'];
