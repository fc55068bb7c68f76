// SPDX-License-Identifier: MIT
// Generated from contracts/config.schema.yaml by: npm run xtask regen-schema

/** The JSON schema (2020-12) of the configuration file. */
export const configSchema: Readonly<Record<string, unknown>> = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://llama-orch.dev/schemas/config.json',
  title: 'Config',
  description: 'Configuration of orchestratord.',
  type: 'object',
  additionalProperties: false,
  properties: {
    listen: {
      description: 'Where the service answers.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        host: {
          description: 'Address or name to bind. Anything but loopback needs a token or a key file.',
          type: 'string',
          minLength: 1,
          maxLength: 253,
          default: '127.0.0.1',
        },
        port: {
          description: 'TCP port; 0 takes a free one.',
          type: 'integer',
          minimum: 0,
          maximum: 65535,
          default: 8080,
        },
        allowed_hosts: {
          description: 'Host names a request may carry, besides the loopback names and the bound address.',
          type: 'array',
          maxItems: 64,
          uniqueItems: true,
          items: { type: 'string', pattern: '^[A-Za-z0-9.:\\[\\]_-]{1,253}$' },
          default: [],
        },
      },
    },
    auth: {
      description: 'Who may call.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        token_env: {
          description: 'Environment variable that holds the bearer token; without a value calls need none.',
          type: 'string',
          pattern: '^[A-Z_][A-Z0-9_]{0,63}$',
          default: 'LLORCH_API_TOKEN',
        },
        key_file: {
          description:
            'YAML or JSON file of keys with limits of their own, see KeyFile, relative to the configuration file. It is read again when it changes.',
          type: 'string',
          minLength: 1,
          maxLength: 4096,
        },
      },
    },
    limits: {
      description: 'Bounds of requests and connections.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        body_bytes: {
          description: 'Largest request body.',
          type: 'integer',
          minimum: 1024,
          maximum: 268435456,
          default: 4194304,
        },
        body_depth: {
          description: 'Deepest nesting of a request body.',
          type: 'integer',
          minimum: 4,
          maximum: 256,
          default: 32,
        },
        header_bytes: {
          description: 'Largest request line and headers together.',
          type: 'integer',
          minimum: 2048,
          maximum: 131072,
          default: 16384,
        },
        open_streams: {
          description: 'Stream connections open at once.',
          type: 'integer',
          minimum: 1,
          maximum: 1000000,
          default: 10000,
        },
        resident_bytes: {
          description:
            'Resident memory above which tasks and streams are refused until it is 5 % below; absent is no such limit. Weights that an engine maps into the process count. Above 80 % of its own heap limit the service refuses in any case.',
          type: 'integer',
          minimum: 16777216,
          maximum: 17592186044416,
        },
        headers_timeout_ms: {
          description: 'How long the headers of a request may take.',
          type: 'integer',
          minimum: 100,
          maximum: 600000,
          default: 10000,
        },
        body_timeout_ms: {
          description: 'How long a whole request may take to arrive.',
          type: 'integer',
          minimum: 100,
          maximum: 3600000,
          default: 30000,
        },
        idle_timeout_ms: {
          description: 'How long an idle kept-alive connection is kept.',
          type: 'integer',
          minimum: 100,
          maximum: 3600000,
          default: 5000,
        },
      },
    },
    queue: {
      description: "Bounds of each pool's queues.",
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        interactive_tasks: {
          description: 'Interactive tasks waiting per pool.',
          type: 'integer',
          minimum: 0,
          maximum: 10000000,
          default: 1000,
        },
        batch_tasks: {
          description: 'Batch tasks waiting per pool.',
          type: 'integer',
          minimum: 0,
          maximum: 10000000,
          default: 10000,
        },
        queued_bytes: {
          description: 'Size of all waiting tasks of a pool together.',
          type: 'integer',
          minimum: 1024,
          maximum: 1099511627776,
          default: 268435456,
        },
        full_policy: {
          description: 'What a full queue does.',
          enum: ['reject', 'drop-lru', 'shed-low-priority'],
          default: 'reject',
        },
        interactive_burst: {
          description: 'Interactive tasks in a row before a waiting batch task has its turn.',
          type: 'integer',
          minimum: 1,
          maximum: 1000000,
          default: 8,
        },
        on_time_floor: {
          description: 'A task whose chance to start within its deadline is below this is refused; 0 refuses none.',
          type: 'number',
          minimum: 0,
          maximum: 1,
          default: 0.05,
        },
      },
    },
    stream: {
      description: 'Token streams.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        heartbeat_ms: {
          description: 'Silence after which a comment line is sent.',
          type: 'integer',
          minimum: 10,
          maximum: 600000,
          default: 15000,
        },
        live_interval_ms: {
          description: 'At most one metrics frame per task in this time.',
          type: 'integer',
          minimum: 10,
          maximum: 600000,
          default: 1000,
        },
        buffer_bytes: {
          description: 'Text kept per task for late and resuming readers.',
          type: 'integer',
          minimum: 1024,
          maximum: 1073741824,
          default: 4194304,
        },
        client_buffer_bytes: {
          description: 'Bytes buffered for a reader before the service stops pulling for it.',
          type: 'integer',
          minimum: 1024,
          maximum: 67108864,
          default: 262144,
        },
        no_reader_ms: {
          description: 'How long a task whose readers have all left may go on; 0 is for ever.',
          type: 'integer',
          minimum: 0,
          maximum: 604800000,
          default: 0,
        },
        drain_timeout_ms: {
          description: 'How long a reader may take nothing before it loses its connection.',
          type: 'integer',
          minimum: 10,
          maximum: 3600000,
          default: 30000,
        },
      },
    },
    sessions: {
      description: 'Conversations.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        ttl_ms: {
          description: 'Life of a session after its last turn.',
          type: 'integer',
          minimum: 1000,
          maximum: 604800000,
          default: 600000,
        },
        max_turns: {
          description: 'Turns a session may have.',
          type: 'integer',
          minimum: 1,
          maximum: 1000000,
          default: 8,
        },
        linger_ms: {
          description:
            'How long the slot of a session is spared for its next turn while others are free; 0 is not at all.',
          type: 'integer',
          minimum: 0,
          maximum: 3600000,
          default: 10000,
        },
        token_budget: {
          description: 'Tokens, read and written, a session may use; absent is no budget.',
          type: 'integer',
          minimum: 1,
          maximum: 1000000000000,
        },
        time_budget_ms: {
          description: 'Time of engines a session may use; absent is no budget.',
          type: 'integer',
          minimum: 1,
          maximum: 1000000000000,
        },
        cost_budget_micros: {
          description:
            'What a session may cost at the price of the pools, in millionths of the currency unit; absent is no budget.',
          type: 'integer',
          minimum: 1,
          maximum: 1000000000000,
        },
      },
    },
    retention: {
      description: 'What stays readable of ended tasks.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        ended_tasks: {
          description: 'Ended tasks kept; at least 1 where tasks are in memory.',
          type: 'integer',
          minimum: 0,
          maximum: 10000000,
          default: 1000,
        },
        transcript_bytes: {
          description: 'Prompts and outputs of ended tasks kept in memory, all together.',
          type: 'integer',
          minimum: 0,
          maximum: 1099511627776,
          default: 67108864,
        },
      },
    },
    store: {
      description: 'Where tasks are kept.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        backend: {
          description:
            '`memory` forgets every task when the service ends; `sqlite` keeps accepted tasks, sessions and ended tasks in a directory.',
          enum: ['sqlite', 'memory'],
          default: 'sqlite',
        },
        directory: {
          description:
            'For sqlite, the directory of the database; absent is the place for state of the user who runs the service. It belongs to that user, is used by one process at a time and is named without symbolic links.',
          type: 'string',
          minLength: 1,
          maxLength: 4096,
        },
        archived_tasks: {
          description: 'For sqlite, ended tasks kept with their output.',
          type: 'integer',
          minimum: 0,
          maximum: 10000000,
          default: 10000,
        },
        archive_age_ms: {
          description: 'For sqlite, how long an ended task is kept with its output.',
          type: 'integer',
          minimum: 1000,
          maximum: 31536000000,
          default: 2592000000,
        },
      },
    },
    artifacts: {
      description: 'Plans, summaries, diffs, traces and transcripts by the digest of their content.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        directory: {
          description:
            'Where they are kept; absent is `artifacts` in the directory of the store, or in the place for state of the user who runs the service. It belongs to that user, is used by one process at a time and is no symbolic link.',
          type: 'string',
          minLength: 1,
          maxLength: 4096,
        },
        keep_prompts: { description: 'Whether the trace of a job holds its prompt.', type: 'boolean', default: false },
        max_bytes: {
          description: 'Largest upload, and largest content in canonical form.',
          type: 'integer',
          minimum: 1024,
          maximum: 268435456,
          default: 4194304,
        },
        max_total_bytes: {
          description: 'Size of all contents above which the oldest that nothing needs are removed.',
          type: 'integer',
          minimum: 1024,
          maximum: 1099511627776,
          default: 1073741824,
        },
        max_age_ms: {
          description: 'Age at which an artifact that nothing needs is removed.',
          type: 'integer',
          minimum: 1000,
          maximum: 31536000000,
          default: 2592000000,
        },
      },
    },
    watchdog: {
      description: 'Supervision of engines.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        abort_grace_ms: {
          description: 'How long an aborted engine may take to free its slot.',
          type: 'integer',
          minimum: 10,
          maximum: 600000,
          default: 3000,
        },
        probe_interval_ms: {
          description: 'How often the state of a replica is read.',
          type: 'integer',
          minimum: 10,
          maximum: 600000,
          default: 2000,
        },
        wall_ms: {
          description: 'How long a job may run; 0 is no limit.',
          type: 'integer',
          minimum: 0,
          maximum: 604800000,
          default: 3600000,
        },
        idle_ms: {
          description: 'How long a job may stay without a further token; 0 is no limit.',
          type: 'integer',
          minimum: 0,
          maximum: 86400000,
          default: 60000,
        },
        first_token_ms: {
          description: 'How long a job may run without a first token; 0 is no limit.',
          type: 'integer',
          minimum: 0,
          maximum: 86400000,
          default: 600000,
        },
      },
    },
    log: {
      description: 'Log lines on standard output.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        level: {
          description: 'Least important level that is written.',
          enum: ['debug', 'info', 'warn', 'error'],
          default: 'info',
        },
        format: {
          description: 'JSON lines, or a form for people; `auto` is `pretty` on a terminal.',
          enum: ['auto', 'json', 'pretty'],
          default: 'auto',
        },
      },
    },
    shutdown: {
      description: 'Graceful stop.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        grace_ms: {
          description: 'How long running tasks may take to finish before they are canceled.',
          type: 'integer',
          minimum: 0,
          maximum: 3600000,
          default: 20000,
        },
      },
    },
    sampler_profiles: {
      description: 'Versioned sets of sampler values; `default-1` is built in and cannot be changed.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        directory: {
          description:
            'Folder with one YAML or JSON file for each profile, relative to this file; default none. The content of a version must never change, since receipts name it.',
          type: 'string',
          minLength: 1,
        },
        default: {
          description: 'The profile of tasks that name none.',
          type: 'string',
          pattern: '^[a-z0-9][a-z0-9._-]{0,63}$',
          default: 'default-1',
        },
      },
    },
    devices: {
      description: 'The cards of this machine.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        provider: {
          description: 'How cards are found; `auto` takes whatever answers, `none` looks for none.',
          enum: ['auto', 'none'],
          default: 'auto',
        },
        read_timeout_ms: {
          description: 'How long one reading may take.',
          type: 'integer',
          minimum: 100,
          maximum: 60000,
          default: 5000,
        },
      },
    },
    swap: {
      description: 'Pools on the same cards.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        groups: {
          description: 'Groups of pools, each named by its pools in `group`.',
          type: 'array',
          maxItems: 64,
          items: { $ref: '#/$defs/SwapGroup' },
          default: [],
        },
      },
    },
    catalog: {
      description: 'Models on disk, and where they may come from.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        folder: {
          description:
            'Where models lie, relative to the configuration file; absent is `models` in the directory of the store, or in the place for state of the user who runs the service.',
          type: 'string',
          minLength: 1,
          maxLength: 4096,
        },
        budget_bytes: {
          description:
            'Size of all models together above which those that nothing needs are removed, oldest use first.',
          type: 'integer',
          minimum: 1048576,
          maximum: 1125899906842624,
          default: 107374182400,
        },
        trust: {
          description: 'What a model without a known digest is: `permissive` warns, `strict` refuses.',
          enum: ['permissive', 'strict'],
          default: 'permissive',
        },
        offline: { description: 'Whether nothing is ever fetched.', type: 'boolean', default: false },
        allowed_hosts: {
          description: 'Hosts that models may be fetched from, with their subdomains; absent is every public one.',
          type: 'array',
          maxItems: 256,
          uniqueItems: true,
          items: { type: 'string', pattern: '^[A-Za-z0-9.:\\[\\]_-]{1,253}$' },
        },
      },
    },
    pools: {
      description: 'What serves tasks, in order of preference.',
      type: 'array',
      minItems: 1,
      maxItems: 64,
      items: { $ref: '#/$defs/Pool' },
      default: [{ id: 'haiku', adapter: 'node-llama-cpp', slots: 2 }],
    },
  },
  $defs: {
    KeyFile: {
      description: 'Keys that may call, each with its own share. It holds digests, never a key itself.',
      type: 'object',
      additionalProperties: false,
      required: ['keys'],
      properties: {
        isolate: {
          description: 'Whether a key sees, follows and cancels its own tasks and sessions only.',
          type: 'boolean',
          default: true,
        },
        keys: {
          description: 'The keys; each id and each digest once.',
          type: 'array',
          minItems: 1,
          maxItems: 1024,
          items: { $ref: '#/$defs/Key' },
        },
      },
    },
    Key: {
      description: 'One key. A limit that is absent does not apply.',
      type: 'object',
      additionalProperties: false,
      required: ['id', 'sha256'],
      properties: {
        id: {
          description: 'Name of the key in tasks and logs; what is journaled refers to it.',
          type: 'string',
          pattern: '^[a-z0-9][a-z0-9._-]{0,63}$',
        },
        sha256: {
          description: 'SHA-256 of the key in hex, as `llama-orch keys hash` prints it.',
          type: 'string',
          pattern: '^[0-9a-f]{64}$',
        },
        label: { description: 'For people; shown nowhere else.', type: 'string', maxLength: 256 },
        operator: {
          description: 'Whether it sees and cancels the tasks and sessions of every key.',
          type: 'boolean',
          default: false,
        },
        weight: {
          description: 'Its part of a pool beside the other keys that wait there.',
          type: 'integer',
          minimum: 1,
          maximum: 1000,
          default: 1,
        },
        requests_per_minute: {
          description: 'New tasks it may ask for, as a mean.',
          type: 'integer',
          minimum: 1,
          maximum: 6000000,
        },
        burst: {
          description: 'New tasks it may ask for at once after a pause; absent is a tenth of requests_per_minute.',
          type: 'integer',
          minimum: 1,
          maximum: 6000000,
        },
        queued_tasks: {
          description: 'Its tasks that wait at once, in all pools; more are refused.',
          type: 'integer',
          minimum: 0,
          maximum: 10000000,
        },
        running_tasks: {
          description: 'Its tasks that run at once, in all pools; more wait, and those of other keys pass them.',
          type: 'integer',
          minimum: 1,
          maximum: 1000000,
        },
        priorities: {
          description: 'Priorities it may use; the first is its default.',
          type: 'array',
          minItems: 1,
          maxItems: 2,
          uniqueItems: true,
          items: { enum: ['interactive', 'batch'] },
          default: ['interactive', 'batch'],
        },
        pools: {
          description: 'Pools it may use; absent is all.',
          type: 'array',
          minItems: 1,
          maxItems: 64,
          uniqueItems: true,
          items: { type: 'string', pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' },
        },
        budget: { $ref: '#/$defs/KeyBudget' },
      },
    },
    KeyBudget: {
      description:
        'What a key may use up; tokens read and written, time of engines, and cost by the price of the pools.',
      type: 'object',
      additionalProperties: false,
      minProperties: 1,
      properties: {
        tokens: { description: 'Tokens.', type: 'integer', minimum: 1, maximum: 1000000000000 },
        time_ms: { description: 'Time of engines.', type: 'integer', minimum: 1, maximum: 1000000000000 },
        cost_micros: {
          description: 'Millionths of the currency unit.',
          type: 'integer',
          minimum: 1,
          maximum: 1000000000000,
        },
        period_ms: {
          description: 'How long it lasts until it is full again; absent is for ever.',
          type: 'integer',
          minimum: 1000,
          maximum: 31536000000,
        },
      },
    },
    SamplerProfile: {
      description:
        'The content of a sampler profile file. Every value is given, so that no default can change under it.',
      type: 'object',
      additionalProperties: false,
      required: [
        'version',
        'temperature',
        'top_p',
        'top_k',
        'min_p',
        'repeat_penalty',
        'presence_penalty',
        'frequency_penalty',
      ],
      properties: {
        version: {
          description: 'The name of the profile, as in `haiku-3`.',
          type: 'string',
          pattern: '^(?!default-1$)[a-z0-9][a-z0-9._-]{0,63}$',
        },
        temperature: { type: 'number', minimum: 0, maximum: 5 },
        top_p: { type: 'number', exclusiveMinimum: 0, maximum: 1 },
        top_k: { type: 'integer', minimum: 0, maximum: 1000000 },
        min_p: { type: 'number', minimum: 0, maximum: 1 },
        repeat_penalty: { type: 'number', exclusiveMinimum: 0, maximum: 10 },
        presence_penalty: { type: 'number', minimum: -2, maximum: 2 },
        frequency_penalty: { type: 'number', minimum: -2, maximum: 2 },
      },
    },
    Pool: {
      description: 'One model, engine and policy.',
      type: 'object',
      additionalProperties: false,
      required: ['id', 'adapter'],
      properties: {
        id: { description: 'Name of the pool in the API.', type: 'string', pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' },
        adapter: {
          description: 'How the engine is reached.',
          enum: ['mock', 'node-llama-cpp', 'llamacpp-http', 'vllm', 'tgi', 'triton', 'openai-http'],
        },
        model: {
          description:
            'node-llama-cpp: path of a GGUF file, relative to the configuration file, or `builtin:haiku-tiny` (the default). llamacpp-http: the model id it is expected to serve, and where it is started, the path of its file. vllm: the name or root it is expected to serve. tgi: the model id it is expected to serve. triton: the model of its repository. openai-http: the model to ask for. mock: the model id it reports.',
          type: 'string',
          minLength: 1,
          maxLength: 4096,
        },
        model_refs: {
          description: 'Further names under which tasks may ask for this model.',
          type: 'array',
          maxItems: 64,
          uniqueItems: true,
          items: { type: 'string', minLength: 1, maxLength: 512 },
          default: [],
        },
        slots: {
          description: 'Concurrent generations per replica; absent is what the engine offers.',
          type: 'integer',
          minimum: 1,
          maximum: 1024,
        },
        replicas: {
          description: 'Engines in this process, or started by it; absent is 1.',
          type: 'integer',
          minimum: 1,
          maximum: 64,
        },
        ctx_max: {
          description:
            'Context of one slot in tokens, for node-llama-cpp and engines that are started; absent is what the model was trained with.',
          type: 'integer',
          minimum: 16,
          maximum: 16777216,
        },
        max_tokens_out: {
          description: 'Most tokens a task may generate; also the default of `max_tokens`.',
          type: 'integer',
          minimum: 1,
          maximum: 16777216,
          default: 512,
        },
        price: {
          description: 'What tokens cost, for budgets in cost; absent is nothing.',
          type: 'object',
          additionalProperties: false,
          required: ['in_micros_per_1k', 'out_micros_per_1k'],
          properties: {
            in_micros_per_1k: {
              description: 'A thousand tokens read, in millionths of the currency unit.',
              type: 'integer',
              minimum: 0,
              maximum: 1000000000,
            },
            out_micros_per_1k: {
              description: 'A thousand tokens written, in millionths of the currency unit.',
              type: 'integer',
              minimum: 0,
              maximum: 1000000000,
            },
          },
        },
        base_url: {
          description: 'For an engine over HTTP that others start, its address, or one per replica.',
          oneOf: [
            { $ref: '#/$defs/EngineUrl' },
            { type: 'array', minItems: 1, maxItems: 64, uniqueItems: true, items: { $ref: '#/$defs/EngineUrl' } },
          ],
        },
        api_key_env: {
          description: 'For an engine over HTTP, the environment variable that holds its key.',
          type: 'string',
          pattern: '^[A-Z_][A-Z0-9_]{0,63}$',
        },
        provisioning: {
          description:
            'Who starts the engine: `embedded` is this process itself, `external` is somebody else, `managed` is this service, which watches and ends it too. Absent is `embedded` for an adapter in this process, `managed` with a section `engine`, else `external`.',
          enum: ['embedded', 'external', 'managed'],
        },
        engine: { $ref: '#/$defs/Engine' },
        devices: {
          description:
            'The cards its replicas may use, by the id `llama-orch doctor` shows; absent sets no bounds. Without `split` each replica has one of them, in turn. Pools on the same card are loaded in turn.',
          type: 'array',
          minItems: 1,
          maxItems: 64,
          uniqueItems: true,
          items: { type: 'string', pattern: '^(nvidia|amd|apple):[0-9]{1,3}$' },
        },
        require_gpu: { description: 'Whether it fails rather than run on the CPU.', type: 'boolean', default: false },
        split: { description: 'Whether one replica is spread over all of `devices`.', type: 'boolean', default: false },
        load: {
          description: 'Whether its engines are loaded at the start, or when a task waits for them.',
          enum: ['always', 'on_demand'],
          default: 'always',
        },
        idle_unload_ms: {
          description: 'For `on_demand`, the time without a task after which it is unloaded; 0 is never.',
          type: 'integer',
          minimum: 0,
          maximum: 604800000,
        },
        pinned: { description: 'Whether it is never unloaded to make room.', type: 'boolean', default: false },
        group: { description: 'Its group of `swap.groups`.', type: 'string', pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' },
        max_wait_ms: {
          description: 'How long its tasks may wait for cards while a loaded pool on them takes new ones.',
          type: 'integer',
          minimum: 0,
          maximum: 86400000,
          default: 60000,
        },
        footprint_bytes: {
          description:
            'Memory of one replica on its cards, until it has been measured; absent is the size of its file.',
          type: 'integer',
          minimum: 1,
          maximum: 17592186044416,
        },
        pins: {
          description: 'What its engines must be; one that differs is refused.',
          type: 'object',
          additionalProperties: false,
          minProperties: 1,
          properties: {
            engine_version: { description: 'Version of the engine.', type: 'string', minLength: 1, maxLength: 256 },
            model_digest: { description: 'Digest of the model.', type: 'string', pattern: '^sha256:[0-9a-f]{64}$' },
            sampler_profile_version: {
              description: 'Default sampler profile of the service.',
              type: 'string',
              pattern: '^[a-z0-9][a-z0-9._-]{0,63}$',
            },
          },
        },
        watchdog: {
          description: "Supervision of this pool's engines; what is left out is that of the whole service.",
          type: 'object',
          additionalProperties: false,
          default: {},
          properties: {
            abort_grace_ms: {
              description: 'How long an aborted engine may take to free its slot.',
              type: 'integer',
              minimum: 10,
              maximum: 600000,
            },
            wall_ms: {
              description: 'How long a job may run; 0 is no limit.',
              type: 'integer',
              minimum: 0,
              maximum: 604800000,
            },
            idle_ms: {
              description: 'How long a job may stay without a further token; 0 is no limit.',
              type: 'integer',
              minimum: 0,
              maximum: 86400000,
            },
            first_token_ms: {
              description: 'How long a job may run without a first token; 0 is no limit.',
              type: 'integer',
              minimum: 0,
              maximum: 86400000,
            },
          },
        },
        options: {
          description: 'Settings of the adapter, see the definitions whose names end in Options.',
          type: 'object',
          additionalProperties: true,
          default: {},
        },
      },
      allOf: [
        {
          if: { properties: { adapter: { const: 'mock' } } },
          then: { properties: { options: { $ref: '#/$defs/MockOptions' } } },
        },
        {
          if: { properties: { adapter: { const: 'node-llama-cpp' } } },
          then: { properties: { options: { $ref: '#/$defs/EmbeddedOptions' } } },
        },
        {
          if: { properties: { adapter: { const: 'llamacpp-http' } } },
          then: { properties: { options: { $ref: '#/$defs/LlamacppOptions' } } },
        },
        {
          if: { properties: { adapter: { const: 'vllm' } } },
          then: { properties: { options: { $ref: '#/$defs/VllmOptions' } } },
        },
        {
          if: { properties: { adapter: { const: 'tgi' } } },
          then: { properties: { options: { $ref: '#/$defs/TgiOptions' } } },
        },
        {
          if: { properties: { adapter: { const: 'triton' } } },
          then: { required: ['model', 'options'], properties: { options: { $ref: '#/$defs/TritonOptions' } } },
        },
        {
          if: { properties: { adapter: { const: 'openai-http' } } },
          then: {
            required: ['model', 'options'],
            properties: { options: { $ref: '#/$defs/OpenaiOptions' }, engine: { required: ['command'] } },
            if: { properties: { provisioning: { const: 'managed' } }, required: ['provisioning'] },
            then: { required: ['engine'] },
          },
        },
        {
          if: { properties: { adapter: { enum: ['mock', 'node-llama-cpp'] } } },
          then: {
            properties: { base_url: false, api_key_env: false, engine: false, provisioning: { const: 'embedded' } },
          },
          else: {
            properties: { provisioning: { enum: ['external', 'managed'] } },
            if: {
              anyOf: [
                { properties: { provisioning: { const: 'managed' } }, required: ['provisioning'] },
                { properties: { provisioning: false }, required: ['engine'] },
              ],
            },
            then: { properties: { base_url: false } },
            else: { required: ['base_url'], properties: { replicas: false, ctx_max: false, engine: false } },
          },
        },
      ],
    },
    Engine: {
      description:
        'How an engine is started. It gets no shell, and nothing of our environment but what programs need to run.',
      type: 'object',
      additionalProperties: false,
      properties: {
        command: {
          description: "A program on PATH, or the path of one; absent is the usual program of the adapter's engine.",
          type: 'string',
          minLength: 1,
          maxLength: 4096,
        },
        args: {
          description:
            'Its arguments instead of the usual ones. `{port}`, `{model}`, `{slots}`, `{ctx}` (tokens of one slot), `{ctx_total}` (of all slots), `{devices}`, `{device_count}` and `{replica_id}` are filled in; braces around anything but a name stay.',
          type: 'array',
          maxItems: 256,
          items: { type: 'string', maxLength: 4096 },
        },
        extra_args: {
          description: 'Arguments after the usual ones.',
          type: 'array',
          maxItems: 256,
          items: { type: 'string', maxLength: 4096 },
        },
        env: {
          description: 'Further environment variables, with the same words filled in.',
          type: 'object',
          maxProperties: 256,
          propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_]{0,127}$' },
          additionalProperties: { type: 'string', maxLength: 32768 },
          default: {},
        },
        port: {
          description: 'Its port on 127.0.0.1, for a pool of one replica; absent is a free one.',
          type: 'integer',
          minimum: 1,
          maximum: 65535,
        },
        load_timeout_ms: {
          description: 'How long it may take from its start until it is ready.',
          type: 'integer',
          minimum: 100,
          maximum: 86400000,
          default: 600000,
        },
        stop_grace_ms: {
          description: 'How long it may take to end after it was asked to, before it is killed.',
          type: 'integer',
          minimum: 0,
          maximum: 600000,
          default: 3000,
        },
        log: {
          description: 'What it writes.',
          type: 'object',
          additionalProperties: false,
          default: {},
          properties: {
            directory: {
              description:
                'Where its log files lie, relative to the configuration file; absent is `engines` beside the store.',
              type: 'string',
              minLength: 1,
              maxLength: 4096,
            },
            max_bytes: {
              description: 'Size of one log file.',
              type: 'integer',
              minimum: 4096,
              maximum: 1073741824,
              default: 16777216,
            },
            max_files: {
              description: 'Log files kept per replica.',
              type: 'integer',
              minimum: 1,
              maximum: 100,
              default: 3,
            },
          },
        },
      },
    },
    SwapGroup: {
      description: 'Which pools may be in memory together.',
      type: 'object',
      additionalProperties: false,
      required: ['id'],
      properties: {
        id: { description: 'Name of the group.', type: 'string', pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' },
        together: {
          description: 'Whether its pools may be loaded at the same time where their cards hold them.',
          type: 'boolean',
          default: false,
        },
      },
    },
    MockOptions: {
      description: 'How the mock engine behaves.',
      type: 'object',
      additionalProperties: false,
      properties: {
        engine_version: { description: 'Version it reports.', type: 'string', minLength: 1, maxLength: 64 },
        start_ms: { description: 'Time to the first piece.', type: 'integer', minimum: 0, maximum: 600000 },
        delay_ms: { description: 'Time between two wake-ups.', type: 'integer', minimum: 0, maximum: 600000 },
        burst: { description: 'Pieces per wake-up.', type: 'integer', minimum: 1, maximum: 100000 },
        load_ms: { description: 'Time until it is ready.', type: 'integer', minimum: 0, maximum: 600000 },
        fail_load: { description: 'It never becomes ready.', type: 'boolean' },
        directives: { description: 'Whether [[mock ...]] in a prompt steers it.', type: 'boolean' },
      },
    },
    EmbeddedOptions: {
      description: 'How node-llama-cpp runs a model.',
      type: 'object',
      additionalProperties: false,
      properties: {
        digest: { description: 'Digest the model file must have.', type: 'string', pattern: '^sha256:[0-9a-f]{64}$' },
        slot_mode: {
          description:
            '`isolated` is one context per slot and keeps strict determinism; `shared` batches all slots in one context.',
          enum: ['isolated', 'shared'],
        },
        gpu: { description: 'Whether a GPU is used where its binary is installed.', type: 'boolean' },
        threads: { description: 'CPU threads per slot.', type: 'integer', minimum: 1, maximum: 1024 },
      },
    },
    LlamacppOptions: {
      description: 'How a llama.cpp server is used.',
      type: 'object',
      additionalProperties: false,
      properties: {
        digest: {
          description: 'Digest of the model it serves; absent is computed where the file can be read.',
          type: 'string',
          pattern: '^sha256:[0-9a-f]{64}$',
        },
        workloads: {
          description: 'What the server was started for; absent is completion, and chat where there is a template.',
          type: 'array',
          minItems: 1,
          uniqueItems: true,
          items: { enum: ['completion', 'chat', 'embedding', 'rerank'] },
        },
        connect_timeout_ms: { description: 'Until a connection stands.', type: 'integer', minimum: 1, maximum: 600000 },
        headers_timeout_ms: { description: 'Until an answer begins.', type: 'integer', minimum: 1, maximum: 3600000 },
        silence_timeout_ms: {
          description: 'Until the server answers a job, or at least says that it is well.',
          type: 'integer',
          minimum: 2,
          maximum: 600000,
        },
        idle_timeout_ms: { description: 'Between two events.', type: 'integer', minimum: 1, maximum: 3600000 },
        wall_timeout_ms: { description: 'For a whole generation.', type: 'integer', minimum: 1, maximum: 86400000 },
      },
    },
    VllmOptions: {
      description: 'How a vLLM server is used; what it does not tell is said here.',
      type: 'object',
      additionalProperties: false,
      properties: {
        digest: {
          description: 'Digest of the model it serves; it does not tell.',
          type: 'string',
          pattern: '^sha256:[0-9a-f]{64}$',
        },
        workloads: {
          description: 'What the served model is for; absent is completion and chat.',
          type: 'array',
          minItems: 1,
          uniqueItems: true,
          items: { enum: ['completion', 'chat', 'embedding', 'rerank'] },
        },
        tools: { description: 'Whether it was started with --enable-auto-tool-choice.', type: 'boolean' },
        batch_invariant: {
          description: 'Whether it was started with VLLM_BATCH_INVARIANT=1, which is what strict determinism needs.',
          type: 'boolean',
        },
        shared: { description: 'Whether others use it too.', type: 'boolean' },
        connect_timeout_ms: { description: 'Until a connection stands.', type: 'integer', minimum: 1, maximum: 600000 },
        headers_timeout_ms: { description: 'Until an answer begins.', type: 'integer', minimum: 1, maximum: 3600000 },
        idle_timeout_ms: { description: 'Between two events.', type: 'integer', minimum: 1, maximum: 3600000 },
        wall_timeout_ms: { description: 'For a whole generation.', type: 'integer', minimum: 1, maximum: 86400000 },
      },
    },
    OpenaiOptions: {
      description: "How a server that speaks OpenAI's HTTP API is used; it tells nothing about itself.",
      type: 'object',
      additionalProperties: false,
      required: ['ctx_max'],
      properties: {
        ctx_max: { description: "The model's context in tokens.", type: 'integer', minimum: 16, maximum: 16777216 },
        version: { description: "The server's version for receipts.", type: 'string', minLength: 1, maxLength: 128 },
        digest: {
          description: 'Digest of the model it serves; it does not tell.',
          type: 'string',
          pattern: '^sha256:[0-9a-f]{64}$',
        },
        workloads: {
          description: 'What it offers for the model; absent is completion and chat.',
          type: 'array',
          minItems: 1,
          uniqueItems: true,
          items: { enum: ['completion', 'chat', 'embedding', 'rerank'] },
        },
        tools: { description: 'Whether the model calls tools.', type: 'boolean' },
        json_schema: { description: 'Whether a JSON schema is taken and kept.', type: 'boolean' },
        max_tokens_field: {
          description: 'The name it knows the bound of a chat by; absent is max_tokens.',
          enum: ['max_tokens', 'max_completion_tokens'],
        },
        sampler_fields: {
          description:
            "Sampler fields it knows beyond OpenAI's; settings without a field are refused unless they are off.",
          type: 'array',
          uniqueItems: true,
          items: { enum: ['top_k', 'min_p', 'repetition_penalty', 'repeat_penalty'] },
        },
        connect_timeout_ms: { description: 'Until a connection stands.', type: 'integer', minimum: 1, maximum: 600000 },
        headers_timeout_ms: { description: 'Until an answer begins.', type: 'integer', minimum: 1, maximum: 3600000 },
        idle_timeout_ms: { description: 'Between two events.', type: 'integer', minimum: 1, maximum: 3600000 },
        wall_timeout_ms: { description: 'For a whole generation.', type: 'integer', minimum: 1, maximum: 86400000 },
      },
    },
    TgiOptions: {
      description: 'How a Text Generation Inference router is used; what it does not tell is said here.',
      type: 'object',
      additionalProperties: false,
      properties: {
        digest: {
          description: 'Digest of the model it serves; it does not tell.',
          type: 'string',
          pattern: '^sha256:[0-9a-f]{64}$',
        },
        revision: {
          description: 'The revision of the model it is expected to serve.',
          type: 'string',
          minLength: 1,
          maxLength: 128,
        },
        repeatable: {
          description:
            'Whether prefix caching is off and nobody else uses it, which is what strict determinism needs beside `slots: 1`.',
          type: 'boolean',
        },
        shared: { description: 'Whether others use it too.', type: 'boolean' },
        connect_timeout_ms: { description: 'Until a connection stands.', type: 'integer', minimum: 1, maximum: 600000 },
        headers_timeout_ms: { description: 'Until an answer begins.', type: 'integer', minimum: 1, maximum: 3600000 },
        idle_timeout_ms: { description: 'Between two events.', type: 'integer', minimum: 1, maximum: 3600000 },
        wall_timeout_ms: { description: 'For a whole generation.', type: 'integer', minimum: 1, maximum: 86400000 },
      },
    },
    TritonOptions: {
      description: 'How a model of a Triton server is used; what it does not tell is said here.',
      type: 'object',
      additionalProperties: false,
      required: ['ctx_max'],
      properties: {
        ctx_max: {
          description: 'The context of the model in tokens.',
          type: 'integer',
          minimum: 16,
          maximum: 16777216,
        },
        model_version: {
          description: 'The version of the model; absent is the choice of the server.',
          type: 'string',
          pattern: '^[0-9]{1,18}$',
        },
        digest: {
          description: 'Digest of the model it serves; it does not tell.',
          type: 'string',
          pattern: '^sha256:[0-9a-f]{64}$',
        },
        metrics_url: {
          description: 'Where it tells its metrics; absent is port 8002 where it listens on 8000.',
          $ref: '#/$defs/EngineUrl',
        },
        key_header: {
          description: 'The header its key is sent in; absent is a bearer token.',
          type: 'string',
          pattern: '^[A-Za-z0-9-]{1,64}$',
        },
        route: {
          description: 'How a generation is asked for; absent is generate_stream for decoupled models, else infer.',
          enum: ['generate_stream', 'infer'],
        },
        repeatable: {
          description:
            'Whether nothing is reused between requests and nobody else uses the model, which is what strict determinism needs beside `slots: 1`.',
          type: 'boolean',
        },
        shared: { description: 'Whether others use the model too.', type: 'boolean' },
        connect_timeout_ms: { description: 'Until a connection stands.', type: 'integer', minimum: 1, maximum: 600000 },
        headers_timeout_ms: { description: 'Until an answer begins.', type: 'integer', minimum: 1, maximum: 3600000 },
        idle_timeout_ms: { description: 'Between two events.', type: 'integer', minimum: 1, maximum: 3600000 },
        wall_timeout_ms: { description: 'For a whole generation.', type: 'integer', minimum: 1, maximum: 86400000 },
      },
    },
    EngineUrl: {
      description: 'An http or https address without user, query and fragment.',
      type: 'string',
      pattern: '^https?://[^/?#@\\s]+(/[^?#\\s]*)?$',
      maxLength: 2048,
    },
  },
};
