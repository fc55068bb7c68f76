// SPDX-License-Identifier: MIT
// Generated from contracts/openapi/openapi.yaml by: npm run xtask regen-openapi

/** The OpenAPI document, as `GET /openapi.json` serves it. */
export const openapiDocument: Readonly<Record<string, unknown>> = {
  openapi: '3.1.0',
  info: {
    title: 'llama-orch',
    version: '1.0.0',
    summary: 'OrchQueue v1, the data plane and control plane of a queue-first LLM orchestrator.',
    description:
      'A task is submitted, admitted or refused at once, queued, run on an engine and streamed as server-sent events.\n\n- Bodies are UTF-8 JSON in snake_case. An unknown request field is refused; a client ignores response fields it does not know.\n- Every response carries `X-Correlation-Id`, echoed from the request or new.\n- Every refusal is a `Problem`. `429` and `503` always carry `Retry-After` in seconds and `X-Backoff-Ms`.\n',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: 'http://127.0.0.1:8080', description: 'The default of a freshly started service.' }],
  tags: [
    { name: 'tasks', description: 'Submit, follow and cancel work.' },
    { name: 'sessions', description: 'Conversations whose context memory an engine keeps.' },
    {
      name: 'artifacts',
      description: 'Plans, summaries, diffs, traces and transcripts, kept by the digest of their content.',
    },
    { name: 'pools', description: 'What serves the work.' },
    { name: 'catalog', description: 'Models, where they come from and whether they can be trusted.' },
    { name: 'store', description: 'Where accepted tasks are kept.' },
    { name: 'service', description: 'State of the service itself.' },
  ],
  security: [{}, { bearer: [] }],
  paths: {
    '/v1/tasks': {
      post: {
        operationId: 'submitTask',
        tags: ['tasks'],
        summary: 'Submit a task',
        description:
          'Admission is decided at once: `202` means the task is in a queue, any other status that nothing was stored.\nThe same `task_id` with the same body answers as the first time; with another body it is refused with `409`.\nThe body is also read as JSON when it is sent the way `curl -d` sends it, as `application/x-www-form-urlencoded`, but not from a browser.\n',
        'x-orch': ['ORCH-2100', 'ORCH-2101', 'ORCH-2102', 'ORCH-2103', 'ORCH-2104', 'ORCH-2105', 'ORCH-2106'],
        parameters: [
          {
            name: 'dry_run',
            in: 'query',
            description: 'Only say what would become of the task, with `200`; nothing is stored, reserved or counted.',
            schema: { type: 'boolean', default: false },
            example: true,
          },
        ],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: { $ref: '#/components/schemas/TaskRequest' },
              examples: {
                smallest: {
                  summary: 'Everything but the work itself has a default',
                  value: { prompt: 'Write a haiku about the word forty-two.' },
                },
                chat: {
                  summary: 'A chat turn of a session, reproducible',
                  value: {
                    task_id: '3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1',
                    session_id: 'editor-7',
                    workload: 'chat',
                    pool_id: 'haiku',
                    priority: 'interactive',
                    messages: [
                      { role: 'system', content: 'Answer with a haiku.' },
                      { role: 'user', content: 'Use the word lantern.' },
                    ],
                    max_tokens: 64,
                    deadline_ms: 30000,
                    seed: 42,
                    determinism: 'strict',
                    temperature: 0.8,
                    metadata: { agent: 'reviewer' },
                  },
                },
                embedding: {
                  summary: 'Vectors for two texts',
                  value: { workload: 'embedding', inputs: ['first text', 'second text'], priority: 'batch' },
                },
              },
            },
          },
        },
        responses: {
          '200': {
            description: 'A dry run - what would become of the task, a refusal included.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/TaskPlan' },
                examples: {
                  waits: {
                    value: {
                      admitted: true,
                      reason: 'It would wait. 3 tasks start before it.',
                      pool_id: 'haiku',
                      pool_reason: 'only_fit',
                      queue_position: 3,
                      predicted_start_ms: 1840,
                      backoff_ms: 0,
                    },
                  },
                },
              },
            },
          },
          '202': {
            description: 'Accepted into a queue. A repeated submit answers with the body of the first.',
            headers: {
              'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' },
              Location: { $ref: '#/components/headers/Location' },
              'X-Budget-Tokens-Remaining': { $ref: '#/components/headers/X-Budget-Tokens-Remaining' },
              'X-Budget-Time-Remaining-Ms': { $ref: '#/components/headers/X-Budget-Time-Remaining-Ms' },
              'X-Budget-Cost-Remaining': { $ref: '#/components/headers/X-Budget-Cost-Remaining' },
            },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/TaskAccepted' },
                examples: {
                  queued: {
                    value: {
                      task_id: '3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1',
                      job_id: '1a2b3c4d-0f3e-4d57-8f4e-7b1c5d0a9e21',
                      pool_id: 'haiku',
                      state: 'queued',
                      queue_position: 3,
                      predicted_start_ms: 1840,
                      backoff_ms: 0,
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': { $ref: '#/components/responses/PoolUnavailable' },
          '409': { $ref: '#/components/responses/Conflict' },
          '413': { $ref: '#/components/responses/PayloadTooLarge' },
          '415': { $ref: '#/components/responses/UnsupportedMediaType' },
          '422': { $ref: '#/components/responses/DeadlineUnmet' },
          '429': { $ref: '#/components/responses/QueueFull' },
          '500': { $ref: '#/components/responses/Internal' },
          '503': { $ref: '#/components/responses/Unavailable' },
        },
      },
      get: {
        operationId: 'listTasks',
        tags: ['tasks'],
        summary: 'List tasks',
        description:
          'Newest first, without outputs and receipts. Ended tasks stay readable until the retention bound drops them.',
        'x-orch': ['ORCH-2110', 'ORCH-2111'],
        parameters: [
          {
            name: 'state',
            in: 'query',
            description: 'Only tasks in this state.',
            schema: { $ref: '#/components/schemas/TaskState' },
            example: 'running',
          },
          {
            name: 'pool_id',
            in: 'query',
            description: 'Only tasks of this pool.',
            schema: { $ref: '#/components/schemas/PoolId' },
            example: 'haiku',
          },
          {
            name: 'session_id',
            in: 'query',
            description: 'Only tasks of this session.',
            schema: { $ref: '#/components/schemas/SessionId' },
            example: 'editor-7',
          },
          {
            name: 'priority',
            in: 'query',
            description: 'Only tasks of this priority.',
            schema: { $ref: '#/components/schemas/Priority' },
            example: 'batch',
          },
          {
            name: 'limit',
            in: 'query',
            description: 'At most this many tasks in one answer.',
            schema: { type: 'integer', minimum: 1, maximum: 500, default: 100 },
            example: 50,
          },
          {
            name: 'cursor',
            in: 'query',
            description: 'The `next_cursor` of the answer before.',
            schema: { type: 'string', minLength: 1, maxLength: 256, pattern: '^[\\x21-\\x7e]+$' },
            example: 'MTIz',
          },
        ],
        responses: {
          '200': {
            description: 'One page of tasks.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/TaskList' },
                examples: {
                  page: {
                    value: {
                      tasks: [
                        {
                          task_id: '3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1',
                          job_id: '1a2b3c4d-0f3e-4d57-8f4e-7b1c5d0a9e21',
                          pool_id: 'haiku',
                          state: 'running',
                          workload: 'chat',
                          priority: 'interactive',
                          determinism: 'strict',
                          seed: 42,
                          queue_position: 0,
                          attempt: 1,
                          accepted_at: '2026-11-22T13:30:00.000Z',
                          timings: { queue_time_ms: 12 },
                          usage: { tokens_out: 7 },
                        },
                      ],
                      next_cursor: 'MTIz',
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '500': { $ref: '#/components/responses/Internal' },
        },
      },
    },
    '/v1/tasks/{task_id}': {
      parameters: [{ $ref: '#/components/parameters/TaskIdPath' }],
      get: {
        operationId: 'getTask',
        tags: ['tasks'],
        summary: 'Read one task',
        description: 'State, position, timings and usage now; receipt and output once the task has ended.',
        'x-orch': ['ORCH-2120', 'ORCH-2121', 'ORCH-1238'],
        parameters: [
          {
            name: 'include',
            in: 'query',
            description: 'What is told besides; `request` is the request with every default filled in.',
            schema: { enum: ['request'] },
            example: 'request',
          },
        ],
        responses: {
          '200': {
            description: 'The task as it stands.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Task' },
                examples: {
                  completed: {
                    value: {
                      task_id: '3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1',
                      job_id: '1a2b3c4d-0f3e-4d57-8f4e-7b1c5d0a9e21',
                      session_id: 'editor-7',
                      pool_id: 'haiku',
                      state: 'completed',
                      workload: 'chat',
                      priority: 'interactive',
                      determinism: 'strict',
                      seed: 42,
                      attempt: 1,
                      accepted_at: '2026-11-22T13:30:00.000Z',
                      timings: { queue_time_ms: 12, first_token_ms: 31, decode_time_ms: 48 },
                      usage: { tokens_in: 14, tokens_out: 17 },
                      placement: { replica_id: 'haiku-0', reason: 'only ready replica' },
                      finish_reason: 'stop',
                      output: { text: 'a lantern wakes up\nthe river keeps its secret\nmoths remember light' },
                      receipt: {
                        seed: 42,
                        determinism: 'strict',
                        engine: 'node-llama-cpp',
                        engine_version: '3.21.1+cpu',
                        model_id: 'haiku-tiny',
                        model_digest: 'sha256:886be79a3d8e1c4f0b2a5c6d7e8f90123456789abcdef0123456789abcdef30d',
                        sampler_profile_version: 'default-1',
                        sampling: {
                          seed: 42,
                          temperature: 0.8,
                          top_p: 0.95,
                          top_k: 40,
                          min_p: 0.05,
                          repeat_penalty: 1,
                          presence_penalty: 0,
                          frequency_penalty: 0,
                          stop: [],
                        },
                        max_tokens: 64,
                        prompt_sha256: '5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef',
                        output_sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
                        tokens_in: 14,
                        tokens_out: 17,
                        slot_mode: 'isolated',
                        prefix_reuse: false,
                        replica_id: 'haiku-0',
                        attempt: 1,
                      },
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': { $ref: '#/components/responses/NotFound' },
          '500': { $ref: '#/components/responses/Internal' },
        },
      },
    },
    '/v1/tasks/{task_id}/stream': {
      parameters: [{ $ref: '#/components/parameters/TaskIdPath' }],
      get: {
        operationId: 'streamTask',
        tags: ['tasks'],
        summary: 'Follow one task',
        description:
          'Order: `started`, then `token` frames with `i` counting from 0, then exactly one `end` or `error`. `metrics` frames may come\nanywhere between. Several readers may follow one task; a closed connection does not end the task.\nEvery frame has an `id`; `Last-Event-ID` continues after it. Comment lines keep a silent connection alive.\n',
        'x-orch': [
          'ORCH-2130',
          'ORCH-2131',
          'ORCH-2132',
          'ORCH-2133',
          'ORCH-2134',
          'ORCH-2135',
          'ORCH-2136',
          'ORCH-2137',
          'ORCH-2138',
          'ORCH-2139',
        ],
        parameters: [
          {
            name: 'Last-Event-ID',
            in: 'header',
            description: 'The `id` of the last frame received; without it the stream starts at its first frame.',
            schema: { $ref: '#/components/schemas/EventId' },
            example: '1a2b3c4d:17',
          },
        ],
        responses: {
          '200': {
            description: 'The stream of frames.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'text/event-stream': {
                schema: { type: 'string' },
                'x-sse-frames': {
                  started: { $ref: '#/components/schemas/StartedFrame' },
                  token: { $ref: '#/components/schemas/TokenFrame' },
                  metrics: { $ref: '#/components/schemas/MetricsFrame' },
                  end: { $ref: '#/components/schemas/EndFrame' },
                  error: { $ref: '#/components/schemas/ErrorFrame' },
                },
                examples: {
                  short: {
                    value:
                      'id: 1a2b3c4d:0\nevent: started\ndata: {"task_id":"3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1","job_id":"1a2b3c4d-0f3e-4d57-8f4e-7b1c5d0a9e21","pool_id":"haiku","queue_position":0,"predicted_start_ms":0,"seed":42}\n\nid: 1a2b3c4d:1\nevent: token\ndata: {"t":"a","i":0}\n\nid: 1a2b3c4d:2\nevent: end\ndata: {"tokens_out":1,"decode_time_ms":3,"finish_reason":"length"}\n\n',
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': { $ref: '#/components/responses/NotFound' },
          '409': { $ref: '#/components/responses/Conflict' },
          '410': { $ref: '#/components/responses/StreamGap' },
          '500': { $ref: '#/components/responses/Internal' },
          '503': { $ref: '#/components/responses/TooManyStreams' },
        },
      },
    },
    '/v1/tasks/{task_id}/cancel': {
      parameters: [{ $ref: '#/components/parameters/TaskIdPath' }],
      post: {
        operationId: 'cancelTask',
        tags: ['tasks'],
        summary: 'Cancel one task',
        description:
          "Idempotent, in every phase, also after the task has ended. Once it has answered, no reader gets another token and the\nengine's slot is free. Takes no body.\n",
        'x-orch': ['ORCH-2150', 'ORCH-2151'],
        responses: {
          '204': {
            description: 'The task does not run any more.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': { $ref: '#/components/responses/NotFound' },
          '500': { $ref: '#/components/responses/Internal' },
        },
      },
    },
    '/v1/tasks/{task_id}/priority': {
      parameters: [{ $ref: '#/components/parameters/TaskIdPath' }],
      post: {
        operationId: 'setTaskPriority',
        tags: ['tasks'],
        summary: 'Change the priority of a waiting task',
        description:
          'The task goes to the end of its new priority. Idempotent: the priority it has already changes nothing. Refused with `409`\nonce the task runs or has ended, and with `429` where that priority has no place; then it keeps its own.\n',
        'x-orch': ['ORCH-1282'],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: { $ref: '#/components/schemas/PriorityRequest' },
              examples: { batch: { value: { priority: 'batch' } } },
            },
          },
        },
        responses: {
          '200': {
            description: 'The task as it stands now.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Task' },
                examples: {
                  moved: {
                    value: {
                      task_id: '3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1',
                      job_id: '1a2b3c4d-0f3e-4d57-8f4e-7b1c5d0a9e21',
                      pool_id: 'haiku',
                      state: 'queued',
                      workload: 'chat',
                      priority: 'batch',
                      determinism: 'strict',
                      seed: 42,
                      queue_position: 9,
                      attempt: 0,
                      accepted_at: '2026-11-22T13:30:00.000Z',
                      timings: {},
                      usage: {},
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': { $ref: '#/components/responses/NotFound' },
          '409': { $ref: '#/components/responses/Conflict' },
          '413': { $ref: '#/components/responses/PayloadTooLarge' },
          '415': { $ref: '#/components/responses/UnsupportedMediaType' },
          '429': { $ref: '#/components/responses/QueueFull' },
          '500': { $ref: '#/components/responses/Internal' },
        },
      },
    },
    '/v1/sessions': {
      get: {
        operationId: 'listSessions',
        tags: ['sessions'],
        summary: 'List sessions',
        'x-orch': ['ORCH-2160'],
        responses: {
          '200': {
            description: 'All living sessions.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/SessionList' },
                examples: {
                  one: {
                    value: {
                      sessions: [{ session_id: 'editor-7', ttl_ms_remaining: 599000, turns: 1, kv_warmth: true }],
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '500': { $ref: '#/components/responses/Internal' },
        },
      },
    },
    '/v1/sessions/{session_id}': {
      parameters: [{ $ref: '#/components/parameters/SessionIdPath' }],
      get: {
        operationId: 'getSession',
        tags: ['sessions'],
        summary: 'Read one session',
        'x-orch': ['ORCH-2161'],
        responses: {
          '200': {
            description: 'The session as it stands.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Session' },
                examples: {
                  warm: {
                    value: {
                      session_id: 'editor-7',
                      ttl_ms_remaining: 599000,
                      turns: 1,
                      kv_warmth: true,
                      tokens_budget_remaining: 7900,
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': { $ref: '#/components/responses/NotFound' },
          '500': { $ref: '#/components/responses/Internal' },
        },
      },
      delete: {
        operationId: 'deleteSession',
        tags: ['sessions'],
        summary: 'End one session',
        description: 'Forgets the session. Tasks of it that wait or run are not touched.',
        'x-orch': ['ORCH-2162'],
        responses: {
          '204': {
            description: 'The session is gone.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': { $ref: '#/components/responses/NotFound' },
          '500': { $ref: '#/components/responses/Internal' },
        },
      },
    },
    '/v1/artifacts': {
      post: {
        operationId: 'storeArtifact',
        tags: ['artifacts'],
        summary: 'Store an artifact',
        description:
          'The id is `sha256:` and the digest of `content` in its canonical form (RFC 8785). Equal content is stored once: kind, parent\nand time are those of the first upload, tags are those of all. The body may be as large as `artifacts.max_bytes`.\n',
        'x-orch': ['ORCH-1330', 'ORCH-1333', 'ORCH-1335'],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: { $ref: '#/components/schemas/ArtifactRequest' },
              examples: {
                plan: {
                  summary: 'A plan, kept as long as it has its tag',
                  value: { kind: 'plan', content: { steps: ['read', 'write'] }, tags: ['release-7'] },
                },
                diff: {
                  summary: 'A text made from that plan, refused if its digest is another one',
                  value: {
                    artifact_id: 'sha256:b2e1db64830e7ffab353ed7a505db2b075fca96274539f0bef8db7ca6b3da85c',
                    kind: 'diff',
                    content: '- a\n+ b\n',
                    parent: 'sha256:a13fb5b5ab716eeb963773a92b7bc4583f9d33fda3e5cc0008989a6028421574',
                  },
                },
              },
            },
          },
        },
        responses: {
          '200': {
            description: 'The content was stored before.',
            headers: {
              'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' },
              Location: { $ref: '#/components/headers/ArtifactLocation' },
            },
            content: { 'application/json': { schema: { $ref: '#/components/schemas/ArtifactInfo' } } },
          },
          '201': {
            description: 'Stored; it survives a power cut.',
            headers: {
              'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' },
              Location: { $ref: '#/components/headers/ArtifactLocation' },
            },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/ArtifactInfo' },
                examples: {
                  stored: {
                    value: {
                      artifact_id: 'sha256:a13fb5b5ab716eeb963773a92b7bc4583f9d33fda3e5cc0008989a6028421574',
                      kind: 'plan',
                      tags: ['release-7'],
                      created_at: '2026-11-22T13:30:00.000Z',
                      size_bytes: 26,
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': { $ref: '#/components/responses/NotFound' },
          '413': { $ref: '#/components/responses/PayloadTooLarge' },
          '415': { $ref: '#/components/responses/UnsupportedMediaType' },
          '422': { $ref: '#/components/responses/UntrustedArtifact' },
          '500': { $ref: '#/components/responses/Internal' },
          '503': { $ref: '#/components/responses/StoreUnavailable' },
        },
      },
      get: {
        operationId: 'listArtifacts',
        tags: ['artifacts'],
        summary: 'List artifacts',
        description: 'Newest first, without their contents.',
        'x-orch': ['ORCH-1330'],
        parameters: [
          {
            name: 'kind',
            in: 'query',
            description: 'Only artifacts of this kind.',
            schema: { $ref: '#/components/schemas/ArtifactKind' },
            example: 'trace',
          },
          {
            name: 'tag',
            in: 'query',
            description: 'Only artifacts with this tag.',
            schema: { $ref: '#/components/schemas/ArtifactTag' },
            example: 'release-7',
          },
          {
            name: 'parent',
            in: 'query',
            description: 'Only artifacts made from this one.',
            schema: { $ref: '#/components/schemas/ArtifactId' },
            example: 'sha256:a13fb5b5ab716eeb963773a92b7bc4583f9d33fda3e5cc0008989a6028421574',
          },
          {
            name: 'task_id',
            in: 'query',
            description: 'Only the artifact of this task.',
            schema: { $ref: '#/components/schemas/Uuid' },
            example: '3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1',
          },
          {
            name: 'limit',
            in: 'query',
            description: 'At most this many artifacts in one answer.',
            schema: { type: 'integer', minimum: 1, maximum: 500, default: 100 },
            example: 50,
          },
          {
            name: 'cursor',
            in: 'query',
            description: 'The `next_cursor` of the answer before.',
            schema: { type: 'string', pattern: '^[1-9][0-9]{0,14}$' },
            example: '123',
          },
        ],
        responses: {
          '200': {
            description: 'One page of artifacts.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/ArtifactList' },
                examples: {
                  page: {
                    value: {
                      artifacts: [
                        {
                          artifact_id: 'sha256:a13fb5b5ab716eeb963773a92b7bc4583f9d33fda3e5cc0008989a6028421574',
                          kind: 'trace',
                          tags: [],
                          task_id: '3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1',
                          created_at: '2026-11-22T13:30:00.000Z',
                          size_bytes: 1204,
                        },
                      ],
                      next_cursor: '123',
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '500': { $ref: '#/components/responses/Internal' },
          '503': { $ref: '#/components/responses/StoreUnavailable' },
        },
      },
    },
    '/v1/artifacts/{artifact_id}': {
      parameters: [{ $ref: '#/components/parameters/ArtifactIdPath' }],
      get: {
        operationId: 'getArtifact',
        tags: ['artifacts'],
        summary: 'Read one artifact',
        description:
          'The content is verified before the last byte is sent. Of a large one that is damaged the first bytes may have been sent when\nthat is found out; then the connection breaks, and the body is shorter than its `Content-Length`.\n',
        'x-orch': ['ORCH-1332', 'ORCH-1335'],
        responses: {
          '200': {
            description: 'The artifact with its content.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Artifact' },
                examples: {
                  plan: {
                    value: {
                      artifact_id: 'sha256:a13fb5b5ab716eeb963773a92b7bc4583f9d33fda3e5cc0008989a6028421574',
                      kind: 'plan',
                      tags: ['release-7'],
                      created_at: '2026-11-22T13:30:00.000Z',
                      size_bytes: 26,
                      content: { steps: ['read', 'write'] },
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': { $ref: '#/components/responses/NotFound' },
          '422': { $ref: '#/components/responses/UntrustedArtifact' },
          '500': { $ref: '#/components/responses/Internal' },
          '503': { $ref: '#/components/responses/StoreUnavailable' },
        },
      },
    },
    '/v1/capabilities': {
      get: {
        operationId: 'getCapabilities',
        tags: ['pools'],
        summary: 'What this service can do',
        'x-orch': ['ORCH-2200', 'ORCH-1460'],
        responses: {
          '200': {
            description: 'The API version and every pool.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Capabilities' },
                examples: {
                  embedded: {
                    value: {
                      api_version: '1',
                      pools: [
                        {
                          pool_id: 'haiku',
                          engine: 'node-llama-cpp',
                          engine_version: '3.21.1+cpu',
                          model_id: 'haiku-tiny',
                          model_digest: 'sha256:886be79a3d8e1c4f0b2a5c6d7e8f90123456789abcdef0123456789abcdef30d',
                          sampler_profile_version: 'default-1',
                          ctx_max: 512,
                          max_tokens_out: 512,
                          slots: 2,
                          workloads: ['completion', 'chat', 'embedding'],
                          limits: {
                            interactive_tasks: 1000,
                            batch_tasks: 10000,
                            queued_bytes: 268435456,
                            full_policy: 'reject',
                          },
                          features: {
                            determinism: 'strict',
                            json_schema: true,
                            grammar: true,
                            tools: false,
                            session_reuse: true,
                          },
                        },
                      ],
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '500': { $ref: '#/components/responses/Internal' },
        },
      },
    },
    '/v1/pools': {
      get: {
        operationId: 'listPools',
        tags: ['pools'],
        summary: 'List pools',
        'x-orch': ['ORCH-2205'],
        responses: {
          '200': {
            description: 'Every pool with its load.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/PoolList' },
                examples: {
                  one: {
                    value: {
                      pools: [
                        {
                          pool_id: 'haiku',
                          engine: 'node-llama-cpp',
                          model_id: 'haiku-tiny',
                          live: true,
                          ready: true,
                          draining: false,
                          slots: 2,
                          slots_busy: 1,
                          queue_depth: { interactive: 0, batch: 3 },
                        },
                      ],
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '500': { $ref: '#/components/responses/Internal' },
        },
      },
    },
    '/v1/pools/{pool_id}/health': {
      parameters: [{ $ref: '#/components/parameters/PoolIdPath' }],
      get: {
        operationId: 'getPoolHealth',
        tags: ['pools'],
        summary: 'Health of one pool',
        'x-orch': ['ORCH-2210', 'ORCH-1407'],
        responses: {
          '200': {
            description: 'The pool and its replicas. Also when it is not ready.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/PoolHealth' },
                examples: {
                  ready: {
                    value: {
                      pool_id: 'haiku',
                      live: true,
                      ready: true,
                      draining: false,
                      replicas: [
                        {
                          replica_id: 'haiku-0',
                          state: 'ready',
                          slots: 2,
                          slots_busy: 1,
                          engine: 'node-llama-cpp',
                          engine_version: '3.21.1+cpu',
                          model_id: 'haiku-tiny',
                          model_digest: 'sha256:886be79a3d8e1c4f0b2a5c6d7e8f90123456789abcdef0123456789abcdef30d',
                          provisioning: 'embedded',
                          engine_state: 'ready',
                          since_ms: 91200,
                        },
                      ],
                      metrics: { queue_depth: { interactive: 0, batch: 3 }, slots: 2, slots_busy: 1 },
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': { $ref: '#/components/responses/NotFound' },
          '500': { $ref: '#/components/responses/Internal' },
        },
      },
    },
    '/v1/pools/{pool_id}/pause': {
      parameters: [{ $ref: '#/components/parameters/PoolIdPath' }],
      post: {
        operationId: 'pausePool',
        tags: ['pools'],
        summary: 'Pause the queue of a pool',
        description:
          'Tasks are taken within the bound and none is started; what runs goes on. Idempotent; outlives a restart. Takes no body.',
        'x-orch': ['ORCH-1283'],
        responses: {
          '200': {
            description: 'The pool as it stands now.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Pool' },
                examples: {
                  paused: {
                    value: {
                      pool_id: 'haiku',
                      live: true,
                      ready: true,
                      draining: false,
                      paused: true,
                      slots: 2,
                      slots_busy: 1,
                      queue_depth: { interactive: 0, batch: 3 },
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': { $ref: '#/components/responses/NotFound' },
          '500': { $ref: '#/components/responses/Internal' },
        },
      },
    },
    '/v1/pools/{pool_id}/resume': {
      parameters: [{ $ref: '#/components/parameters/PoolIdPath' }],
      post: {
        operationId: 'resumePool',
        tags: ['pools'],
        summary: 'Let a pool go on after a pause or a drain',
        description: 'Idempotent. Takes no body.',
        'x-orch': ['ORCH-1283', 'ORCH-1451'],
        responses: {
          '200': {
            description: 'The pool as it stands now.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Pool' },
                examples: {
                  resumed: {
                    value: {
                      pool_id: 'haiku',
                      live: true,
                      ready: true,
                      draining: false,
                      paused: false,
                      slots: 2,
                      slots_busy: 1,
                      queue_depth: { interactive: 0, batch: 3 },
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': { $ref: '#/components/responses/NotFound' },
          '500': { $ref: '#/components/responses/Internal' },
        },
      },
    },
    '/v1/pools/{pool_id}/drain': {
      parameters: [{ $ref: '#/components/parameters/PoolIdPath' }],
      post: {
        operationId: 'drainPool',
        tags: ['pools'],
        summary: 'Take a pool out of service',
        description:
          'New tasks are refused `POOL_UNREADY`, none is started, and what runs goes on until `deadline_ms`; what is left then waits for\na replay where it is strict, and else ends `WORKER_RESET`. What waits stays. Answers when nothing runs any more.\nIdempotent; of several deadlines the earliest counts, and `resume` ends it.\n',
        'x-orch': ['ORCH-1450'],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: { $ref: '#/components/schemas/DrainRequest' },
              examples: { usual: { value: { deadline_ms: 30000 } } },
            },
          },
        },
        responses: {
          '200': {
            description: 'Nothing of the pool runs any more.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Pool' },
                examples: {
                  done: {
                    value: {
                      pool_id: 'haiku',
                      live: true,
                      ready: false,
                      draining: true,
                      slots: 2,
                      slots_busy: 0,
                      queue_depth: { interactive: 0, batch: 3 },
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': { $ref: '#/components/responses/NotFound' },
          '413': { $ref: '#/components/responses/PayloadTooLarge' },
          '415': { $ref: '#/components/responses/UnsupportedMediaType' },
          '500': { $ref: '#/components/responses/Internal' },
        },
      },
    },
    '/v1/pools/{pool_id}/reload': {
      parameters: [{ $ref: '#/components/parameters/PoolIdPath' }],
      post: {
        operationId: 'reloadPool',
        tags: ['pools'],
        summary: 'Give a pool another model',
        description:
          'The new model is loaded and tested beside the old one, or instead of it where both do not fit; then the pool changes over in\none step. Tasks wait meanwhile and none fails. When anything goes wrong the old model serves on and `details` names the\n`step`, the `reason` and the `cure`. Without `new_model_ref` the engines are loaded anew. Answers when the old engines\nhave ended.\n',
        'x-orch': ['ORCH-1452'],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: { $ref: '#/components/schemas/ReloadRequest' },
              examples: { usual: { value: { new_model_ref: 'models/haiku-2.gguf' } } },
            },
          },
        },
        responses: {
          '200': {
            description: 'The pool with its new engines.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Pool' },
                examples: {
                  done: {
                    value: {
                      pool_id: 'haiku',
                      live: true,
                      ready: true,
                      draining: false,
                      slots: 2,
                      slots_busy: 0,
                      queue_depth: { interactive: 0, batch: 3 },
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': { $ref: '#/components/responses/NotFound' },
          '413': { $ref: '#/components/responses/PayloadTooLarge' },
          '415': { $ref: '#/components/responses/UnsupportedMediaType' },
          '500': { $ref: '#/components/responses/Internal' },
          '502': { $ref: '#/components/responses/ReloadFailed' },
        },
      },
    },
    '/v1/pools/{pool_id}/load': {
      parameters: [{ $ref: '#/components/parameters/PoolIdPath' }],
      post: {
        operationId: 'loadPool',
        tags: ['pools'],
        summary: 'Load the engines of a pool',
        description: 'Answers when they are ready. Idempotent. Takes no body.\n',
        'x-orch': ['ORCH-1454'],
        responses: {
          '200': {
            description: 'Every engine of the pool is ready.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Pool' },
                examples: {
                  done: {
                    value: {
                      pool_id: 'haiku',
                      live: true,
                      ready: true,
                      draining: false,
                      slots: 2,
                      slots_busy: 0,
                      queue_depth: { interactive: 0, batch: 3 },
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': { $ref: '#/components/responses/NotFound' },
          '500': { $ref: '#/components/responses/Internal' },
          '503': { $ref: '#/components/responses/Unavailable' },
        },
      },
    },
    '/v1/pools/{pool_id}/unload': {
      parameters: [{ $ref: '#/components/parameters/PoolIdPath' }],
      post: {
        operationId: 'unloadPool',
        tags: ['pools'],
        summary: 'Unload the engines of a pool',
        description:
          'Running jobs are waited for, never ended; answers when the memory is free. A task that comes loads the pool again.\nIdempotent. Takes no body.\n',
        'x-orch': ['ORCH-1454'],
        responses: {
          '200': {
            description: 'No engine of the pool is loaded.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Pool' },
                examples: {
                  done: {
                    value: {
                      pool_id: 'haiku',
                      live: true,
                      ready: false,
                      draining: false,
                      slots: 0,
                      slots_busy: 0,
                      queue_depth: { interactive: 0, batch: 3 },
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': { $ref: '#/components/responses/NotFound' },
          '500': { $ref: '#/components/responses/Internal' },
        },
      },
    },
    '/v1/config/reload': {
      post: {
        operationId: 'reloadConfig',
        tags: ['service'],
        summary: 'Read the configuration again',
        description:
          'What has changed in `pools` is applied pool by pool; a pool whose section is the same keeps its engines, its queue and its\njobs. A file that cannot be used changes nothing, and `details.faults` names every fault. Takes no body.\n',
        'x-orch': ['ORCH-1455', 'ORCH-5100'],
        responses: {
          '200': {
            description: 'What became of each pool.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/ConfigReload' },
                examples: {
                  one: {
                    value: {
                      pools: [
                        { pool_id: 'haiku', change: 'unchanged' },
                        { pool_id: 'sonnet', change: 'reloaded' },
                      ],
                      restart_needed: ['queue'],
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '500': { $ref: '#/components/responses/Internal' },
        },
      },
    },
    '/v1/catalog/models': {
      post: {
        operationId: 'addModel',
        tags: ['catalog'],
        summary: 'Register a model and fetch it',
        description:
          'Answers at once; the model is fetched, checked and installed meanwhile, which `GET` of the model and `/v1/events` tell of. A\nmodel that is there is answered as it is; one that could not be installed, or was removed to make room, is tried again and\ngoes on where it was.\n',
        'x-orch': ['ORCH-1602', 'ORCH-1612'],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: { $ref: '#/components/schemas/ModelRequest' },
              examples: { hub: { value: { model_ref: 'hf:org/haiku-GGUF/haiku-Q4_K_M.gguf' } } },
            },
          },
        },
        responses: {
          '200': {
            description: 'The model is installed.',
            headers: {
              'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' },
              Location: { $ref: '#/components/headers/ModelLocation' },
            },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Model' },
                examples: {
                  usual: {
                    value: {
                      model_id: '5b1d0f6c2a9e4d37',
                      model_ref: 'hf:org/haiku-GGUF/haiku-Q4_K_M.gguf',
                      state: 'Active',
                      status: 'installed',
                      pinned: false,
                      digest: 'sha256:886be79a2bd4a0ca3a0cf3ff34b8d8c5ad04d9f2cc1d3c1d2a51d8d5a2b7c30d',
                      size_bytes: 2448384,
                      architecture: 'llama',
                      quantization: 'Q4_K_M',
                      parameter_count: 1193088,
                      context_tokens: 512,
                      device_memory: {
                        context_tokens: 512,
                        weights_bytes: 2388480,
                        context_bytes: 1048576,
                        total_bytes: 7631360,
                      },
                      warnings: ['The model has no signature.'],
                      added_at: '2026-11-22T13:30:00.000Z',
                    },
                  },
                },
              },
            },
          },
          '202': {
            description: 'The model is being fetched or checked.',
            headers: {
              'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' },
              Location: { $ref: '#/components/headers/ModelLocation' },
            },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Model' },
                examples: {
                  usual: {
                    value: {
                      model_id: '5b1d0f6c2a9e4d37',
                      model_ref: 'hf:org/haiku-GGUF/haiku-Q4_K_M.gguf',
                      state: 'Active',
                      status: 'pulling',
                      pinned: false,
                      progress: { done_bytes: 1048576, total_bytes: 2448384, bytes_per_second: 1048576 },
                      warnings: [],
                      added_at: '2026-11-22T13:30:00.000Z',
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '413': { $ref: '#/components/responses/PayloadTooLarge' },
          '415': { $ref: '#/components/responses/UnsupportedMediaType' },
          '422': { $ref: '#/components/responses/UntrustedModel' },
          '500': { $ref: '#/components/responses/Internal' },
          '503': { $ref: '#/components/responses/CatalogUnavailable' },
        },
      },
      get: {
        operationId: 'listModels',
        tags: ['catalog'],
        summary: 'All models that the catalog knows',
        description: 'The oldest first.',
        'x-orch': ['ORCH-1602'],
        responses: {
          '200': {
            description: 'The models.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/ModelList' },
                examples: { none: { value: { models: [] } } },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '500': { $ref: '#/components/responses/Internal' },
          '503': { $ref: '#/components/responses/CatalogUnavailable' },
        },
      },
    },
    '/v1/catalog/models/{model_id}': {
      parameters: [{ $ref: '#/components/parameters/ModelIdPath' }],
      get: {
        operationId: 'getModel',
        tags: ['catalog'],
        summary: 'One model, with its progress while it is fetched',
        description: 'What the model is and needs is told once it is installed.',
        'x-orch': ['ORCH-1602', 'ORCH-1613', 'ORCH-1631'],
        responses: {
          '200': {
            description: 'The model.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Model' },
                examples: {
                  usual: {
                    value: {
                      model_id: '5b1d0f6c2a9e4d37',
                      model_ref: 'hf:org/haiku-GGUF/haiku-Q4_K_M.gguf',
                      state: 'Active',
                      status: 'installed',
                      pinned: false,
                      digest: 'sha256:886be79a2bd4a0ca3a0cf3ff34b8d8c5ad04d9f2cc1d3c1d2a51d8d5a2b7c30d',
                      size_bytes: 2448384,
                      architecture: 'llama',
                      quantization: 'Q4_K_M',
                      parameter_count: 1193088,
                      context_tokens: 512,
                      device_memory: {
                        context_tokens: 512,
                        weights_bytes: 2388480,
                        context_bytes: 1048576,
                        total_bytes: 7631360,
                      },
                      warnings: ['The model has no signature.'],
                      added_at: '2026-11-22T13:30:00.000Z',
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': { $ref: '#/components/responses/NotFound' },
          '500': { $ref: '#/components/responses/Internal' },
          '503': { $ref: '#/components/responses/CatalogUnavailable' },
        },
      },
      delete: {
        operationId: 'removeModel',
        tags: ['catalog'],
        summary: 'Forget a model and remove what was downloaded of it',
        description:
          'A fetch that runs is ended. A file that people put into the models folder themselves stays there.',
        'x-orch': ['ORCH-1602'],
        responses: {
          '204': {
            description: 'The model is forgotten.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': { $ref: '#/components/responses/NotFound' },
          '409': { $ref: '#/components/responses/ModelInUse' },
          '500': { $ref: '#/components/responses/Internal' },
          '503': { $ref: '#/components/responses/CatalogUnavailable' },
        },
      },
    },
    '/v1/catalog/models/{model_id}/verify': {
      parameters: [{ $ref: '#/components/parameters/ModelIdPath' }],
      post: {
        operationId: 'verifyModel',
        tags: ['catalog'],
        summary: "Read a model's file again",
        description:
          'Hashes the file, checks its header and answers with what was found; a large file takes its time. What is not `match` is not\nloaded again. Takes no body.\n',
        'x-orch': ['ORCH-1632'],
        responses: {
          '200': {
            description: 'What was found.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/ModelVerification' },
                examples: {
                  usual: {
                    value: {
                      verdict: 'match',
                      model: {
                        model_id: '5b1d0f6c2a9e4d37',
                        model_ref: 'hf:org/haiku-GGUF/haiku-Q4_K_M.gguf',
                        state: 'Active',
                        status: 'installed',
                        pinned: false,
                        digest: 'sha256:886be79a2bd4a0ca3a0cf3ff34b8d8c5ad04d9f2cc1d3c1d2a51d8d5a2b7c30d',
                        size_bytes: 2448384,
                        architecture: 'llama',
                        quantization: 'Q4_K_M',
                        parameter_count: 1193088,
                        context_tokens: 512,
                        device_memory: {
                          context_tokens: 512,
                          weights_bytes: 2388480,
                          context_bytes: 1048576,
                          total_bytes: 7631360,
                        },
                        warnings: ['The model has no signature.'],
                        added_at: '2026-11-22T13:30:00.000Z',
                      },
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': { $ref: '#/components/responses/NotFound' },
          '409': { $ref: '#/components/responses/ModelInUse' },
          '500': { $ref: '#/components/responses/Internal' },
          '503': { $ref: '#/components/responses/CatalogUnavailable' },
        },
      },
    },
    '/v1/catalog/models/{model_id}/state': {
      parameters: [{ $ref: '#/components/parameters/ModelIdPath' }],
      post: {
        operationId: 'setModelState',
        tags: ['catalog'],
        summary: 'Take a model out of use, or back',
        description:
          '`Retired` drains the pools that serve the model, and refuses submits that name it; `Active` takes it back and resumes them.\n',
        'x-orch': ['ORCH-1603'],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: { $ref: '#/components/schemas/ModelStateRequest' },
              examples: { retire: { value: { state: 'Retired' } } },
            },
          },
        },
        responses: {
          '200': {
            description: 'The model in its new state.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Model' },
                examples: {
                  usual: {
                    value: {
                      model_id: '5b1d0f6c2a9e4d37',
                      model_ref: 'hf:org/haiku-GGUF/haiku-Q4_K_M.gguf',
                      state: 'Active',
                      status: 'installed',
                      pinned: false,
                      digest: 'sha256:886be79a2bd4a0ca3a0cf3ff34b8d8c5ad04d9f2cc1d3c1d2a51d8d5a2b7c30d',
                      size_bytes: 2448384,
                      architecture: 'llama',
                      quantization: 'Q4_K_M',
                      parameter_count: 1193088,
                      context_tokens: 512,
                      device_memory: {
                        context_tokens: 512,
                        weights_bytes: 2388480,
                        context_bytes: 1048576,
                        total_bytes: 7631360,
                      },
                      warnings: ['The model has no signature.'],
                      added_at: '2026-11-22T13:30:00.000Z',
                    },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': { $ref: '#/components/responses/NotFound' },
          '413': { $ref: '#/components/responses/PayloadTooLarge' },
          '415': { $ref: '#/components/responses/UnsupportedMediaType' },
          '500': { $ref: '#/components/responses/Internal' },
          '503': { $ref: '#/components/responses/CatalogUnavailable' },
        },
      },
    },
    '/v1/store': {
      get: {
        operationId: 'getStore',
        tags: ['store'],
        summary: 'How the store of tasks is',
        'x-orch': ['ORCH-1218'],
        responses: {
          '200': {
            description: 'Which backend keeps the tasks, and whether it can.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Store' },
                examples: { well: { value: { backend: 'sqlite', state: 'ok', lost_records: 0 } } },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '500': { $ref: '#/components/responses/Internal' },
        },
      },
    },
    '/v1/store/acknowledge': {
      post: {
        operationId: 'acknowledgeLostRecords',
        tags: ['store'],
        summary: 'Take note of lost records',
        description:
          'An operator has seen that the journal lost records: pools are no longer degraded by it. Idempotent; what is lost stays lost.\n',
        'x-orch': ['ORCH-1218'],
        responses: {
          '200': {
            description: 'The store as it is from now on.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Store' },
                examples: { noted: { value: { backend: 'sqlite', state: 'ok', lost_records: 0 } } },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '500': { $ref: '#/components/responses/Internal' },
        },
      },
    },
    '/v1/store/backup': {
      post: {
        operationId: 'backUpStore',
        tags: ['store'],
        summary: 'Back the tasks up',
        description:
          'A consistent copy of the store with every task accepted before the call, prompts and outputs included. The service goes on\nmeanwhile; new tasks wait until the copy is made. `llama-orch restore` puts it into an empty directory.\n',
        'x-orch': ['ORCH-1215'],
        responses: {
          '200': {
            description: 'The copy, a SQLite database.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: { 'application/vnd.sqlite3': { schema: { type: 'string', format: 'binary' } } },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '404': {
            description: 'Tasks are kept in memory, so there is nothing to copy.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
          },
          '500': { $ref: '#/components/responses/Internal' },
        },
      },
    },
    '/v1/events': {
      get: {
        operationId: 'streamEvents',
        tags: ['service'],
        summary: 'Follow what happens',
        description:
          'Live server-sent events of the whole service: tasks, replicas and models. Nothing is replayed; a client that falls behind loses the\nconnection and reads `/v1/tasks` and `/v1/pools` again.\n',
        'x-orch': ['ORCH-2220', 'ORCH-2221'],
        responses: {
          '200': {
            description: 'The stream of events.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'text/event-stream': {
                schema: { type: 'string' },
                'x-sse-frames': {
                  'task-changed': { $ref: '#/components/schemas/TaskChangedEvent' },
                  'task-rejected': { $ref: '#/components/schemas/TaskRejectedEvent' },
                  'replica-changed': { $ref: '#/components/schemas/ReplicaChangedEvent' },
                  'model-changed': { $ref: '#/components/schemas/ModelChangedEvent' },
                },
                examples: {
                  admitted: {
                    value:
                      'id: 7\nevent: task-changed\ndata: {"at":"2026-11-22T13:30:00.000Z","task_id":"3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1","pool_id":"haiku","state":"queued"}\n\n',
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '500': { $ref: '#/components/responses/Internal' },
          '503': { $ref: '#/components/responses/TooManyStreams' },
        },
      },
    },
    '/healthz': {
      get: {
        operationId: 'getHealth',
        tags: ['service'],
        summary: 'The process is alive',
        security: [],
        'x-orch': ['ORCH-2230'],
        responses: {
          '200': {
            description: 'The event loop answers.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Health' },
                examples: { ok: { value: { status: 'ok' } } },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '403': { $ref: '#/components/responses/Forbidden' },
        },
      },
    },
    '/readyz': {
      get: {
        operationId: 'getReadiness',
        tags: ['service'],
        summary: 'Every pool is ready',
        security: [],
        'x-orch': ['ORCH-2235'],
        responses: {
          '200': {
            description: 'Every pool takes and runs tasks.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Readiness' },
                examples: {
                  ready: { value: { ready: true, pools: [{ pool_id: 'haiku', ready: true, draining: false }] } },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '503': { $ref: '#/components/responses/NotReady' },
        },
      },
    },
    '/metrics': {
      get: {
        operationId: 'getMetrics',
        tags: ['service'],
        summary: 'Prometheus metrics',
        'x-orch': ['ORCH-2240'],
        responses: {
          '200': {
            description: 'The text exposition format.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'text/plain': {
                schema: { type: 'string' },
                examples: {
                  counter: {
                    value:
                      '# HELP tasks_enqueued_total Tasks accepted into a queue.\n# TYPE tasks_enqueued_total counter\ntasks_enqueued_total{pool_id="haiku",priority="interactive"} 12\n',
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '500': { $ref: '#/components/responses/Internal' },
        },
      },
    },
    '/openapi.json': {
      get: {
        operationId: 'getOpenapi',
        tags: ['service'],
        summary: 'This document',
        'x-orch': ['ORCH-2245'],
        responses: {
          '200': {
            description: 'The contract this service was built from.',
            headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/OpenapiDocument' },
                examples: {
                  shortened: {
                    value: { openapi: '3.1.0', info: { title: 'llama-orch', version: '1.0.0' }, paths: {} },
                  },
                },
              },
            },
          },
          '400': { $ref: '#/components/responses/InvalidParams' },
          '401': { $ref: '#/components/responses/MissingToken' },
          '403': { $ref: '#/components/responses/Forbidden' },
          '500': { $ref: '#/components/responses/Internal' },
        },
      },
    },
  },
  components: {
    securitySchemes: {
      bearer: {
        type: 'http',
        scheme: 'bearer',
        description: 'Needed when the service was started with a token, always when it listens beyond loopback.',
      },
    },
    parameters: {
      TaskIdPath: {
        name: 'task_id',
        in: 'path',
        required: true,
        description: 'The task, as submitted or as answered in the 202.',
        schema: { $ref: '#/components/schemas/Uuid' },
        example: '3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1',
      },
      SessionIdPath: {
        name: 'session_id',
        in: 'path',
        required: true,
        description: 'The session, as its tasks named it.',
        schema: { $ref: '#/components/schemas/SessionId' },
        example: 'editor-7',
      },
      ArtifactIdPath: {
        name: 'artifact_id',
        in: 'path',
        required: true,
        description: 'The artifact, as its upload answered.',
        schema: { $ref: '#/components/schemas/ArtifactId' },
        example: 'sha256:a13fb5b5ab716eeb963773a92b7bc4583f9d33fda3e5cc0008989a6028421574',
      },
      ModelIdPath: { name: 'model_id', in: 'path', required: true, schema: { $ref: '#/components/schemas/ModelId' } },
      PoolIdPath: {
        name: 'pool_id',
        in: 'path',
        required: true,
        description: 'The pool, as configured.',
        schema: { $ref: '#/components/schemas/PoolId' },
        example: 'haiku',
      },
    },
    headers: {
      'X-Correlation-Id': {
        description:
          'The id of the request (1 to 128 printable ASCII characters), else a new UUID. It is in every log line of the request.',
        required: true,
        schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,128}$' },
        example: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
      },
      Location: {
        description: 'Path of the task.',
        required: true,
        schema: { type: 'string' },
        example: '/v1/tasks/3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1',
      },
      ModelLocation: { description: 'Path of the model.', required: true, schema: { type: 'string' } },
      ArtifactLocation: {
        description: 'Path of the artifact.',
        required: true,
        schema: { type: 'string' },
        example: '/v1/artifacts/sha256:a13fb5b5ab716eeb963773a92b7bc4583f9d33fda3e5cc0008989a6028421574',
      },
      'Retry-After': {
        description: 'Whole seconds to wait, rounded up.',
        required: true,
        schema: { type: 'integer', minimum: 1 },
        example: 2,
      },
      'X-Backoff-Ms': {
        description: 'Milliseconds to wait.',
        required: true,
        schema: { type: 'integer', minimum: 0 },
        example: 1500,
      },
      'X-Budget-Tokens-Remaining': {
        description: 'Tokens left to the session and the key, whichever has less; absent without such a budget.',
        schema: { type: 'integer', minimum: 0 },
        example: 7900,
      },
      'X-Budget-Time-Remaining-Ms': {
        description: 'Time of engines left, in milliseconds; absent without such a budget.',
        schema: { type: 'integer', minimum: 0 },
        example: 60000,
      },
      'X-Budget-Cost-Remaining': {
        description: 'Cost left, in millionths of the currency unit; absent without such a budget.',
        schema: { type: 'integer', minimum: 0 },
        example: 250000,
      },
      'WWW-Authenticate': {
        description: 'The scheme this service takes.',
        required: true,
        schema: { const: 'Bearer' },
        example: 'Bearer',
      },
    },
    responses: {
      InvalidParams: {
        description:
          'A header, parameter or body field is missing, unknown, of the wrong type or out of range. Nothing changed.',
        headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              range: {
                value: {
                  code: 'INVALID_PARAMS',
                  message: '$.max_tokens must be >= 1',
                  retriable: false,
                  details: { field: '$.max_tokens', expected: '>= 1' },
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
      MissingToken: {
        description: 'The service needs a bearer token.',
        headers: {
          'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' },
          'WWW-Authenticate': { $ref: '#/components/headers/WWW-Authenticate' },
        },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              missing: {
                value: {
                  code: 'MISSING_TOKEN',
                  message: 'This service needs a bearer token.',
                  retriable: false,
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
      Forbidden: {
        description: 'The token is not known, or the Host or Origin is foreign.',
        headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              origin: {
                value: {
                  code: 'FOREIGN_ORIGIN',
                  message: 'The Host or Origin header names a site that may not drive this service.',
                  retriable: false,
                  details: { field: 'header.host' },
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
      NotFound: {
        description: 'There is no such thing.',
        headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              unknown: {
                value: {
                  code: 'NOT_FOUND',
                  message: 'There is no such route, task, session or pool.',
                  retriable: false,
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
      PoolUnavailable: {
        description: 'No pool serves this pool id, model, engine or workload. Nothing was stored.',
        headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              model: {
                value: {
                  code: 'POOL_UNAVAILABLE',
                  message: 'No pool serves this pool id, model, engine or workload.',
                  retriable: false,
                  details: { field: '$.model_ref' },
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
      Conflict: {
        description:
          'The task id belongs to another request, the event id to another job, or the session has no turns left.',
        headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              conflict: {
                value: {
                  code: 'TASK_CONFLICT',
                  message: 'The task id belongs to another request, or the event id to another job.',
                  retriable: false,
                  details: { field: '$.task_id' },
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
      StreamGap: {
        description: 'Frames after the given event id are no longer held.',
        headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              gap: {
                value: {
                  code: 'STREAM_GAP',
                  message:
                    'Frames after the given event id are no longer held; the stream cannot be continued without a gap.',
                  retriable: false,
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
      PayloadTooLarge: {
        description: 'The body is larger or deeper than the limit.',
        headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              bytes: {
                value: {
                  code: 'PAYLOAD_TOO_LARGE',
                  message: 'The body is larger than 4194304 bytes.',
                  retriable: false,
                  details: { field: '$', limit: 4194304, unit: 'bytes' },
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
      UnsupportedMediaType: {
        description: 'The body is not application/json in UTF-8 without a content coding.',
        headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              form: {
                value: {
                  code: 'UNSUPPORTED_MEDIA_TYPE',
                  message: 'The body is not application/json in UTF-8 without a content coding.',
                  retriable: false,
                  details: { field: 'header.content-type' },
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
      DeadlineUnmet: {
        description: 'The deadline cannot be met. Nothing was stored.',
        headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              deadline: {
                value: {
                  code: 'DEADLINE_UNMET',
                  message: 'The deadline cannot be met, or it passed while the task waited.',
                  retriable: false,
                  details: { field: '$.deadline_ms', predicted_start_ms: 42000, on_time_probability: 0.01 },
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
      UntrustedArtifact: {
        description: 'The content does not have the digest it should have.',
        headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              damaged: {
                value: {
                  code: 'UNTRUSTED_ARTIFACT',
                  message: 'The stored content of this artifact is damaged.',
                  retriable: false,
                  details: { field: 'path.artifact_id' },
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
      StoreUnavailable: {
        description: 'The disk cannot be written or read now, or has no room. Nothing was stored.',
        headers: {
          'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' },
          'Retry-After': { $ref: '#/components/headers/Retry-After' },
          'X-Backoff-Ms': { $ref: '#/components/headers/X-Backoff-Ms' },
        },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              room: {
                value: {
                  code: 'STORE_UNAVAILABLE',
                  message: 'The artifacts that are needed fill the room for artifacts.',
                  retriable: true,
                  retry_after_ms: 1000,
                  details: { limit: 1073741824, unit: 'bytes' },
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
      QueueFull: {
        description: "The queue, the caller's share or a budget is used up. Nothing was stored.",
        headers: {
          'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' },
          'Retry-After': { $ref: '#/components/headers/Retry-After' },
          'X-Backoff-Ms': { $ref: '#/components/headers/X-Backoff-Ms' },
          'X-Budget-Tokens-Remaining': { $ref: '#/components/headers/X-Budget-Tokens-Remaining' },
          'X-Budget-Time-Remaining-Ms': { $ref: '#/components/headers/X-Budget-Time-Remaining-Ms' },
          'X-Budget-Cost-Remaining': { $ref: '#/components/headers/X-Budget-Cost-Remaining' },
        },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              full: {
                value: {
                  code: 'ADMISSION_REJECT',
                  message: 'The queue of this pool and priority is full; nothing was stored.',
                  retriable: true,
                  policy_label: 'reject',
                  retry_after_ms: 1500,
                  details: { limit: 1000, unit: 'tasks', pool_id: 'haiku', priority: 'interactive' },
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
              limited: {
                value: {
                  code: 'RATE_LIMITED',
                  message: "The caller's own share is used up.",
                  retriable: true,
                  policy_label: 'requests_per_minute',
                  retry_after_ms: 750,
                  details: { limit: 80, unit: 'requests_per_minute' },
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
              budget: {
                value: {
                  code: 'BUDGET_EXHAUSTED',
                  message: 'The session or key has no budget left for this task.',
                  retriable: false,
                  policy_label: 'key_budget',
                  retry_after_ms: 60000,
                  details: { field: '$.max_tokens', budget: 'key_tokens', limit: 100, unit: 'tokens' },
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
      ModelInUse: {
        description: 'A pool uses the model, or it is being fetched.',
        headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              usual: {
                value: {
                  code: 'TASK_CONFLICT',
                  message: 'The model is used by haiku.',
                  retriable: false,
                  details: { pools: ['haiku'] },
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
      UntrustedModel: {
        description: 'The model that is installed has another digest.',
        headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              usual: {
                value: {
                  code: 'UNTRUSTED_ARTIFACT',
                  message: 'The model that is installed has another digest.',
                  retriable: false,
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
      CatalogUnavailable: {
        description: 'The models folder cannot be used.',
        headers: {
          'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' },
          'Retry-After': { $ref: '#/components/headers/Retry-After' },
          'X-Backoff-Ms': { $ref: '#/components/headers/X-Backoff-Ms' },
        },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              usual: {
                value: {
                  code: 'STORE_UNAVAILABLE',
                  message: 'The models folder cannot be used.',
                  retriable: true,
                  retry_after_ms: 1000,
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
      ReloadFailed: {
        description: 'The new engines could not take over; the old ones serve on.',
        headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              broken: {
                value: {
                  code: 'RELOAD_FAILED',
                  message: 'The new model could not take over; the pool serves on as before.',
                  retriable: false,
                  details: {
                    step: 'load',
                    reason: 'The engine ended with exit code 1 while it loaded.',
                    cure: 'Check the path of the model, its format and whether the engine supports it.',
                  },
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
      Unavailable: {
        description:
          'No capacity. The pool loads, drains or restarts, the service stops or is short of memory. Nothing was stored.',
        headers: {
          'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' },
          'Retry-After': { $ref: '#/components/headers/Retry-After' },
          'X-Backoff-Ms': { $ref: '#/components/headers/X-Backoff-Ms' },
        },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              loading: {
                value: {
                  code: 'POOL_UNREADY',
                  message: 'The pool exists and is loading, draining or restarting.',
                  retriable: true,
                  retry_after_ms: 1000,
                  details: { pool_id: 'haiku' },
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
      NotReady: {
        description: 'At least one pool is not ready; details.pools says which.',
        headers: {
          'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' },
          'Retry-After': { $ref: '#/components/headers/Retry-After' },
          'X-Backoff-Ms': { $ref: '#/components/headers/X-Backoff-Ms' },
        },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              loading: {
                value: {
                  code: 'POOL_UNREADY',
                  message: 'Not every pool is ready.',
                  retriable: true,
                  retry_after_ms: 1000,
                  details: { pools: [{ pool_id: 'haiku', ready: false, draining: false }] },
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
      TooManyStreams: {
        description: 'All stream connections of this service are in use, or it is short of memory.',
        headers: {
          'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' },
          'Retry-After': { $ref: '#/components/headers/Retry-After' },
          'X-Backoff-Ms': { $ref: '#/components/headers/X-Backoff-Ms' },
        },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              streams: {
                value: {
                  code: 'TOO_MANY_STREAMS',
                  message: 'All stream connections of this service are in use.',
                  retriable: true,
                  retry_after_ms: 1000,
                  details: { limit: 10000, unit: 'streams' },
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
              memory: {
                value: {
                  code: 'MEMORY_PRESSURE',
                  message:
                    'The service is short of memory: it takes nothing new until running jobs have given some back.',
                  retriable: true,
                  retry_after_ms: 1000,
                  details: { limit: 1717986918, unit: 'bytes', memory: 'heap' },
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
      Internal: {
        description: 'A fault of the service. The correlation id finds it in the log.',
        headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: {
              fault: {
                value: {
                  code: 'INTERNAL',
                  message: 'A fault of the service; the correlation id finds it in the log.',
                  retriable: true,
                  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
                },
              },
            },
          },
        },
      },
    },
    schemas: {
      Uuid: {
        description: 'A UUID in its usual form.',
        type: 'string',
        pattern: '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$',
      },
      SessionId: {
        description: "The client's name of a session.",
        type: 'string',
        pattern: '^[A-Za-z0-9._:-]{1,128}$',
      },
      PoolId: { description: "A pool's configured name.", type: 'string', pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' },
      EventId: {
        description: 'First eight hex digits of the job id, a colon, the sequence number of the frame.',
        type: 'string',
        pattern: '^[0-9a-f]{8}:(0|[1-9][0-9]{0,9})$',
      },
      Timestamp: {
        description: 'Wall time, RFC 3339 in UTC with milliseconds.',
        type: 'string',
        pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$',
      },
      Milliseconds: { description: 'A duration in milliseconds.', type: 'number', minimum: 0 },
      Probability: { description: 'A chance, in hundredths.', type: 'number', minimum: 0, maximum: 1 },
      Count: { description: 'A number of things.', type: 'integer', minimum: 0 },
      Sha256Hex: { description: 'A digest as 64 lower-case hex digits.', type: 'string', pattern: '^[0-9a-f]{64}$' },
      ModelDigest: { description: 'Digest of the model file.', type: 'string', pattern: '^sha256:[0-9a-f]{64}$' },
      Workload: {
        description: 'What kind of work a task asks for.',
        enum: ['completion', 'chat', 'embedding', 'rerank'],
      },
      Priority: { description: 'Rank in the pool; higher first, FIFO inside one.', enum: ['interactive', 'batch'] },
      Determinism: {
        description: 'Whether a result must be reproducible byte for byte.',
        enum: ['strict', 'best_effort'],
      },
      TaskState: {
        description: 'Where a task stands. The last four are final.',
        enum: ['queued', 'running', 'completed', 'canceled', 'evicted', 'failed'],
      },
      FinishReason: { description: 'Why the generation ended.', enum: ['stop', 'length', 'tool_calls', 'canceled'] },
      ErrorCode: {
        description: 'The closed vocabulary of `contracts/errors.yaml`.',
        enum: [
          'INVALID_PARAMS',
          'ADMISSION_REJECT',
          'QUEUE_FULL_DROP_LRU',
          'RATE_LIMITED',
          'BUDGET_EXHAUSTED',
          'DEADLINE_UNMET',
          'MODEL_DEPRECATED',
          'UNTRUSTED_ARTIFACT',
          'POOL_UNREADY',
          'POOL_UNAVAILABLE',
          'REPLICA_EXHAUSTED',
          'DECODE_TIMEOUT',
          'WORKER_RESET',
          'TASK_POISONED',
          'SESSION_LIMIT',
          'TASK_CONFLICT',
          'STREAM_GAP',
          'NOT_FOUND',
          'METHOD_NOT_ALLOWED',
          'UNSUPPORTED_MEDIA_TYPE',
          'MISSING_TOKEN',
          'BAD_TOKEN',
          'FOREIGN_ORIGIN',
          'PAYLOAD_TOO_LARGE',
          'HEADERS_TOO_LARGE',
          'REQUEST_TIMEOUT',
          'TOO_MANY_STREAMS',
          'STORE_UNAVAILABLE',
          'MEMORY_PRESSURE',
          'RELOAD_FAILED',
          'FETCH_REFUSED',
          'FETCH_FAILED',
          'DISK_BUDGET_EXCEEDED',
          'INTERNAL',
        ],
      },
      TaskRequest: {
        description:
          'A task. Only the work itself is needed: `prompt`, `messages` or `inputs`, as the workload says:\n`completion` takes `prompt`; `chat` takes `messages` and may take `tools`; `embedding` takes `inputs`;\n`rerank` takes the query as `prompt` and the documents as `inputs`.\n',
        type: 'object',
        additionalProperties: false,
        properties: {
          task_id: {
            $ref: '#/components/schemas/Uuid',
            description: 'The idempotency key; made by the server when absent.',
          },
          session_id: { $ref: '#/components/schemas/SessionId', description: 'The session this is a turn of.' },
          workload: {
            $ref: '#/components/schemas/Workload',
            description: 'Default `completion` with `prompt`, `chat` with `messages`, `embedding` with `inputs`.',
          },
          model_ref: {
            description: 'A model by the id or a name the pool is configured with; default any.',
            type: 'string',
            minLength: 1,
            maxLength: 512,
          },
          engine: {
            description: 'Only pools of this engine; default any.',
            type: 'string',
            pattern: '^[a-z0-9][a-z0-9._-]{0,63}$',
          },
          pool_id: { $ref: '#/components/schemas/PoolId', description: 'Only this pool; never falls back.' },
          ctx: {
            description: 'Context the task needs, in tokens; default what the pool has.',
            type: 'integer',
            minimum: 1,
            maximum: 16777216,
          },
          priority: { $ref: '#/components/schemas/Priority', description: 'Default `interactive`.' },
          prompt: { description: 'Text to complete, or the query of a rerank.', type: 'string', minLength: 1 },
          messages: {
            description: 'The conversation so far.',
            type: 'array',
            minItems: 1,
            maxItems: 4096,
            items: { $ref: '#/components/schemas/ChatMessage' },
          },
          inputs: {
            description: 'Texts to embed, or documents to rerank.',
            type: 'array',
            minItems: 1,
            maxItems: 4096,
            items: { type: 'string', minLength: 1 },
          },
          max_tokens: {
            description: "Most tokens to generate; default and ceiling are the pool's `max_tokens_out`.",
            type: 'integer',
            minimum: 1,
            maximum: 16777216,
          },
          deadline_ms: {
            description: 'The job must have started this long after submission; default none.',
            type: 'integer',
            minimum: 1,
            maximum: 604800000,
          },
          expected_tokens: {
            description: "The client's guess of the output length, used for predictions only.",
            type: 'integer',
            minimum: 1,
            maximum: 16777216,
          },
          seed: {
            description: 'Drawn by the server and reported when absent.',
            type: 'integer',
            minimum: 0,
            maximum: 4294967294,
          },
          determinism: {
            $ref: '#/components/schemas/Determinism',
            description: "Default `strict`, or `best_effort` where the pool's engine cannot keep it.",
          },
          sampler_profile_version: {
            description: 'The sampler profile whose values the overrides below replace; default `default-1`.',
            type: 'string',
            pattern: '^[a-z0-9][a-z0-9._-]{0,63}$',
          },
          temperature: { description: '0 is greedy.', type: 'number', minimum: 0, maximum: 5 },
          top_p: { description: '1 is off.', type: 'number', exclusiveMinimum: 0, maximum: 1 },
          top_k: { description: '0 is off.', type: 'integer', minimum: 0, maximum: 1000000 },
          min_p: { description: '0 is off.', type: 'number', minimum: 0, maximum: 1 },
          repeat_penalty: { description: '1 is off.', type: 'number', exclusiveMinimum: 0, maximum: 10 },
          presence_penalty: { description: '0 is off.', type: 'number', minimum: -2, maximum: 2 },
          frequency_penalty: { description: '0 is off.', type: 'number', minimum: -2, maximum: 2 },
          stop: {
            description: 'Texts that end the generation; not part of the output.',
            type: 'array',
            maxItems: 16,
            items: { type: 'string', minLength: 1, maxLength: 256 },
          },
          response_format: { $ref: '#/components/schemas/ResponseFormat' },
          tools: {
            description: 'Functions the model may call; only with `messages`.',
            type: 'array',
            minItems: 1,
            maxItems: 128,
            items: { $ref: '#/components/schemas/ToolDefinition' },
          },
          tool_choice: {
            description: 'Whether the model may call a tool or must; only with `tools`. Default `auto`.',
            enum: ['auto', 'required'],
          },
          kv_hint: {
            description:
              'Whether context memory of earlier turns may be used; default `reuse`. Never changes a strict result.',
            enum: ['reuse', 'cold'],
          },
          output_mode: {
            description:
              "How the client will read the output; a hint that never changes the model's work. Default `text`.",
            enum: ['text', 'json', 'edits'],
          },
          on_disconnect: {
            $ref: '#/components/schemas/DisconnectPolicy',
            description: 'What happens when the last reader of its stream has left. Default `detach`.',
          },
          metadata: {
            description: "Names and texts of the client's own, given back with the task.",
            type: 'object',
            maxProperties: 32,
            propertyNames: { pattern: '^[A-Za-z0-9._-]{1,64}$' },
            additionalProperties: { type: 'string', maxLength: 1024 },
          },
        },
      },
      PriorityRequest: {
        type: 'object',
        additionalProperties: false,
        required: ['priority'],
        properties: { priority: { $ref: '#/components/schemas/Priority' } },
      },
      DisconnectPolicy: {
        description:
          '`detach`: the task goes on, for as long as the service lets tasks run that nobody reads any more. `cancel`: it is canceled at once.',
        enum: ['detach', 'cancel'],
      },
      ChatMessage: {
        type: 'object',
        additionalProperties: false,
        required: ['role', 'content'],
        properties: {
          role: { enum: ['system', 'user', 'assistant', 'tool'] },
          content: { type: 'string' },
          tool_calls: {
            description: 'For role `assistant`, the tools it called.',
            type: 'array',
            minItems: 1,
            maxItems: 128,
            items: { $ref: '#/components/schemas/ToolCall' },
          },
          tool_call_id: {
            description: 'For role `tool`, the call this answers.',
            type: 'string',
            minLength: 1,
            maxLength: 128,
          },
        },
      },
      ToolCall: {
        description: 'What the model wants a tool to be called with.',
        type: 'object',
        additionalProperties: false,
        required: ['id', 'name', 'arguments'],
        properties: {
          id: { type: 'string', minLength: 1, maxLength: 128 },
          name: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
          arguments: { description: 'JSON text, as the model wrote it.', type: 'string' },
        },
      },
      ToolDefinition: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'parameters'],
        properties: {
          name: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
          description: { type: 'string', maxLength: 8192 },
          parameters: { description: 'JSON Schema of the arguments.', type: 'object', additionalProperties: true },
        },
      },
      ResponseFormat: {
        description: "A constraint on the output's form. `json_schema` takes `schema`, `grammar` takes `grammar`.",
        type: 'object',
        additionalProperties: false,
        required: ['type'],
        properties: {
          type: { enum: ['json_schema', 'grammar'] },
          schema: { description: 'JSON Schema of the output.', type: 'object', additionalProperties: true },
          grammar: { description: 'A GBNF grammar.', type: 'string', minLength: 1, maxLength: 131072 },
        },
      },
      TaskAccepted: {
        type: 'object',
        additionalProperties: false,
        required: ['task_id', 'job_id', 'pool_id', 'state', 'queue_position', 'backoff_ms'],
        properties: {
          task_id: { $ref: '#/components/schemas/Uuid' },
          job_id: { $ref: '#/components/schemas/Uuid' },
          pool_id: { $ref: '#/components/schemas/PoolId' },
          state: { $ref: '#/components/schemas/TaskState' },
          queue_position: {
            $ref: '#/components/schemas/Count',
            description: 'Tasks that start before this one; 0 is next or already running.',
          },
          predicted_start_ms: {
            $ref: '#/components/schemas/Milliseconds',
            description: 'From acceptance; left out when it cannot be believed.',
          },
          backoff_ms: {
            $ref: '#/components/schemas/Milliseconds',
            description: 'How long to wait before the next submit; 0 when there is room.',
          },
        },
      },
      Task: {
        type: 'object',
        additionalProperties: false,
        required: [
          'task_id',
          'job_id',
          'pool_id',
          'state',
          'workload',
          'priority',
          'determinism',
          'seed',
          'attempt',
          'accepted_at',
          'timings',
          'usage',
        ],
        properties: {
          task_id: { $ref: '#/components/schemas/Uuid' },
          job_id: { $ref: '#/components/schemas/Uuid' },
          session_id: { $ref: '#/components/schemas/SessionId' },
          pool_id: { $ref: '#/components/schemas/PoolId' },
          state: { $ref: '#/components/schemas/TaskState' },
          workload: { $ref: '#/components/schemas/Workload' },
          priority: { $ref: '#/components/schemas/Priority' },
          determinism: { $ref: '#/components/schemas/Determinism' },
          seed: { $ref: '#/components/schemas/Count' },
          queue_position: {
            $ref: '#/components/schemas/Count',
            description: 'While it waits or runs; 0 is next or running.',
          },
          predicted_start_ms: {
            $ref: '#/components/schemas/Milliseconds',
            description: 'From now, while it waits; left out when it cannot be believed.',
          },
          on_time_probability: {
            $ref: '#/components/schemas/Probability',
            description: 'While it waits with a deadline; left out when it cannot be believed.',
          },
          waiting_for: { $ref: '#/components/schemas/WaitingFor' },
          attempt: { $ref: '#/components/schemas/Count', description: 'Executions begun so far.' },
          accepted_at: { $ref: '#/components/schemas/Timestamp' },
          timings: { $ref: '#/components/schemas/TaskTimings' },
          usage: { $ref: '#/components/schemas/Usage' },
          placement: { $ref: '#/components/schemas/Placement' },
          finish_reason: { $ref: '#/components/schemas/FinishReason' },
          output_mode: { enum: ['text', 'json', 'edits'] },
          on_disconnect: { $ref: '#/components/schemas/DisconnectPolicy' },
          metadata: { type: 'object', additionalProperties: { type: 'string' } },
          output: { $ref: '#/components/schemas/TaskOutput' },
          receipt: { $ref: '#/components/schemas/Receipt' },
          request: {
            description: 'What was asked, with every default filled in; only where it was asked for.',
            allOf: [{ $ref: '#/components/schemas/TaskRequest' }],
          },
          error: { $ref: '#/components/schemas/TaskError' },
        },
      },
      WaitReason: {
        description:
          "Why a task waits: `slot`, it is next and every slot is taken; `earlier_tasks`, others start before it; `session_turn`, an\nearlier turn of its session has not ended; `pool_paused`, an operator paused the pool's queue; `pool_draining`, an operator\ndrains the pool; `fair_share`, it is the turn of other keys; `key_concurrency`, its key runs as many tasks as it may;\n`model_load`, no replica has loaded its model yet;\n`no_ready_replica`, every replica has failed; `engine_return`, a replay waits for the engine it began on; `empty_replica`, a\nreplay that is to run alone waits for its replica to be empty.\n",
        enum: [
          'slot',
          'earlier_tasks',
          'session_turn',
          'pool_paused',
          'pool_draining',
          'fair_share',
          'key_concurrency',
          'model_load',
          'no_ready_replica',
          'engine_return',
          'empty_replica',
        ],
      },
      WaitingFor: {
        description: 'What a waiting task waits for.',
        type: 'object',
        additionalProperties: false,
        required: ['reason', 'message', 'cure'],
        properties: {
          reason: { $ref: '#/components/schemas/WaitReason' },
          message: { description: 'One plain sentence.', type: 'string' },
          cure: { description: 'What would end the wait.', type: 'string' },
          tasks_ahead: { $ref: '#/components/schemas/Count' },
          slots: { $ref: '#/components/schemas/Count' },
          slots_busy: { $ref: '#/components/schemas/Count' },
        },
        examples: [
          {
            reason: 'earlier_tasks',
            message: '3 tasks start before it.',
            cure: 'It moves up as they start or are canceled.',
            tasks_ahead: 3,
            slots: 2,
            slots_busy: 2,
          },
        ],
      },
      TaskPlan: {
        description: 'What would become of a task if it were submitted now.',
        type: 'object',
        additionalProperties: false,
        required: ['admitted', 'reason'],
        properties: {
          admitted: { type: 'boolean' },
          reason: { description: 'One plain sentence.', type: 'string' },
          pool_id: { $ref: '#/components/schemas/PoolId' },
          pool_reason: {
            description:
              'Why this pool: `pinned`, the task names it; `only_fit`, no other pool fits the task; `first_fit`, it is the first of\nseveral in the order of the configuration.\n',
            enum: ['pinned', 'only_fit', 'first_fit'],
          },
          queue_position: { $ref: '#/components/schemas/Count' },
          predicted_start_ms: {
            $ref: '#/components/schemas/Milliseconds',
            description: 'From now; left out when it cannot be believed.',
          },
          on_time_probability: { $ref: '#/components/schemas/Probability' },
          backoff_ms: { $ref: '#/components/schemas/Milliseconds' },
          placement: { $ref: '#/components/schemas/Placement' },
          waiting_for: { $ref: '#/components/schemas/WaitingFor' },
          problem: { $ref: '#/components/schemas/Problem' },
        },
        examples: [
          {
            admitted: true,
            reason: 'It would wait for 3 tasks that start before it.',
            pool_id: 'haiku',
            pool_reason: 'only_fit',
            queue_position: 3,
            predicted_start_ms: 1840,
            backoff_ms: 0,
          },
        ],
      },
      TaskTimings: {
        description: 'Phases that were reached, in milliseconds.',
        type: 'object',
        additionalProperties: false,
        properties: {
          queue_time_ms: { $ref: '#/components/schemas/Milliseconds' },
          first_token_ms: { $ref: '#/components/schemas/Milliseconds' },
          decode_time_ms: { $ref: '#/components/schemas/Milliseconds' },
          total_time_ms: { $ref: '#/components/schemas/Milliseconds' },
        },
      },
      Usage: {
        description: 'Tokens as the engine counted them, as far as they are known; `estimated` where it did not.',
        type: 'object',
        additionalProperties: false,
        properties: {
          tokens_in: { $ref: '#/components/schemas/Count' },
          tokens_out: { $ref: '#/components/schemas/Count' },
          estimated: {
            description: 'True where the engine did not count and the service did.',
            type: 'boolean',
            const: true,
          },
        },
      },
      Placement: {
        description: 'Which replica ran it, and why.',
        type: 'object',
        additionalProperties: false,
        required: ['replica_id'],
        properties: { replica_id: { type: 'string' }, reason: { type: 'string' } },
      },
      TaskOutput: {
        description: 'What a completed task produced.',
        type: 'object',
        additionalProperties: false,
        properties: {
          text: { type: 'string' },
          embeddings: { type: 'array', items: { type: 'array', items: { type: 'number' } } },
          scores: { type: 'array', items: { type: 'number' } },
          tool_calls: {
            description: 'What the model called; never part of the text.',
            type: 'array',
            items: { $ref: '#/components/schemas/ToolCall' },
          },
        },
      },
      TaskError: {
        description: 'Why a task failed or was evicted.',
        type: 'object',
        additionalProperties: false,
        required: ['code', 'message', 'retriable'],
        properties: {
          code: { $ref: '#/components/schemas/ErrorCode' },
          message: { type: 'string' },
          retriable: { type: 'boolean' },
          retry_after_ms: { $ref: '#/components/schemas/Milliseconds' },
          details: { $ref: '#/components/schemas/ErrorDetails' },
        },
      },
      TaskList: {
        type: 'object',
        additionalProperties: false,
        required: ['tasks'],
        properties: {
          tasks: { type: 'array', items: { $ref: '#/components/schemas/Task' } },
          next_cursor: { description: 'Absent on the last page.', type: 'string' },
        },
      },
      SamplingSettings: {
        description: 'Every sampler setting the engine was given.',
        type: 'object',
        additionalProperties: false,
        required: [
          'seed',
          'temperature',
          'top_p',
          'top_k',
          'min_p',
          'repeat_penalty',
          'presence_penalty',
          'frequency_penalty',
          'stop',
        ],
        properties: {
          seed: { type: 'integer' },
          temperature: { type: 'number' },
          top_p: { type: 'number' },
          top_k: { type: 'integer' },
          min_p: { type: 'number' },
          repeat_penalty: { type: 'number' },
          presence_penalty: { type: 'number' },
          frequency_penalty: { type: 'number' },
          stop: { type: 'array', items: { type: 'string' } },
        },
      },
      Receipt: {
        description: 'What is needed to reproduce the result, and what was kept of determinism.',
        type: 'object',
        additionalProperties: false,
        required: [
          'seed',
          'determinism',
          'engine',
          'engine_version',
          'model_id',
          'sampler_profile_version',
          'sampling',
          'max_tokens',
          'prompt_sha256',
          'output_sha256',
          'tokens_in',
          'tokens_out',
          'slot_mode',
          'prefix_reuse',
          'replica_id',
          'attempt',
        ],
        properties: {
          seed: { $ref: '#/components/schemas/Count' },
          determinism: { $ref: '#/components/schemas/Determinism' },
          engine: { type: 'string' },
          engine_version: {
            description: 'Exact build, including the compute backend where it changes results.',
            type: 'string',
          },
          model_id: { type: 'string' },
          model_digest: { $ref: '#/components/schemas/ModelDigest' },
          sampler_profile_version: { type: 'string' },
          sampler_profile_digest: {
            description: "Digest of the profile's content; a version never changes its content.",
            allOf: [{ $ref: '#/components/schemas/ModelDigest' }],
          },
          sampling: { $ref: '#/components/schemas/SamplingSettings' },
          max_tokens: { $ref: '#/components/schemas/Count' },
          response_format_sha256: { $ref: '#/components/schemas/Sha256Hex' },
          prompt_sha256: { $ref: '#/components/schemas/Sha256Hex' },
          output_sha256: { $ref: '#/components/schemas/Sha256Hex' },
          tool_calls_sha256: { $ref: '#/components/schemas/Sha256Hex' },
          tokens_in: { $ref: '#/components/schemas/Count' },
          tokens_out: { $ref: '#/components/schemas/Count' },
          slot_mode: {
            description: "How the engine's slots share its context.",
            enum: ['isolated', 'shared', 'external'],
          },
          prefix_reuse: { description: 'Whether context memory of an earlier turn was used.', type: 'boolean' },
          replica_id: { type: 'string' },
          placement_reason: { type: 'string' },
          attempt: { $ref: '#/components/schemas/Count' },
          earlier_attempts: {
            type: 'array',
            description: 'Executions that came to nothing before this one, in order.',
            items: { $ref: '#/components/schemas/EarlierAttempt' },
          },
        },
      },
      EarlierAttempt: {
        description: 'An execution of a job that came to nothing.',
        type: 'object',
        additionalProperties: false,
        required: ['reason'],
        properties: {
          replica_id: {
            type: 'string',
            description: 'Where it ran; left out when the service ended before that was stored.',
          },
          reason: {
            type: 'string',
            description:
              'An error code, RESTART when the service ended under it, or STOP when the service was stopped.',
          },
        },
      },
      StartedFrame: {
        description: 'First frame of every stream, as told at admission.',
        type: 'object',
        additionalProperties: false,
        required: ['task_id', 'job_id', 'pool_id', 'queue_position', 'seed'],
        properties: {
          task_id: { $ref: '#/components/schemas/Uuid' },
          job_id: { $ref: '#/components/schemas/Uuid' },
          session_id: { $ref: '#/components/schemas/SessionId' },
          pool_id: { $ref: '#/components/schemas/PoolId' },
          queue_position: { $ref: '#/components/schemas/Count' },
          predicted_start_ms: { $ref: '#/components/schemas/Milliseconds' },
          seed: { $ref: '#/components/schemas/Count' },
        },
        examples: [
          {
            task_id: '3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1',
            job_id: '1a2b3c4d-0f3e-4d57-8f4e-7b1c5d0a9e21',
            pool_id: 'haiku',
            queue_position: 3,
            predicted_start_ms: 1840,
            seed: 42,
          },
        ],
      },
      TokenFrame: {
        description: 'One piece of text. `i` counts from 0 without a gap.',
        type: 'object',
        additionalProperties: false,
        required: ['t', 'i'],
        properties: { t: { type: 'string', minLength: 1 }, i: { $ref: '#/components/schemas/Count' } },
        examples: [{ t: ' lantern', i: 16 }],
      },
      MetricsFrame: {
        description: 'Live figures. Additive, never stored, the first thing dropped under pressure.',
        type: 'object',
        additionalProperties: true,
        required: ['state', 'queue_position'],
        properties: {
          state: { enum: ['queued', 'running'] },
          queue_position: { $ref: '#/components/schemas/Count' },
          predicted_start_ms: { $ref: '#/components/schemas/Milliseconds' },
          on_time_probability: { $ref: '#/components/schemas/Probability' },
          queue_depth: { $ref: '#/components/schemas/Count' },
          waiting_for: { $ref: '#/components/schemas/WaitReason' },
          queue_time_ms: { $ref: '#/components/schemas/Milliseconds' },
          replica_id: { type: 'string' },
          kv_warmth: {
            description: 'Whether the context memory of its session is there, as far as is known.',
            type: 'boolean',
          },
          tokens_budget_remaining: {
            $ref: '#/components/schemas/Count',
            description: 'Left of the budget of its session or key, whichever is less.',
          },
        },
        examples: [
          { state: 'queued', queue_position: 2, predicted_start_ms: 1200, queue_depth: 5, on_time_probability: 0.87 },
        ],
      },
      EndFrame: {
        description: 'Terminal frame of a task that completed or was canceled.',
        type: 'object',
        additionalProperties: false,
        required: ['tokens_out', 'decode_time_ms', 'finish_reason'],
        properties: {
          tokens_out: { $ref: '#/components/schemas/Count' },
          decode_time_ms: { $ref: '#/components/schemas/Milliseconds' },
          finish_reason: { $ref: '#/components/schemas/FinishReason' },
          tool_calls: {
            description: 'What the model called; present with reason `tool_calls`.',
            type: 'array',
            items: { $ref: '#/components/schemas/ToolCall' },
          },
          receipt: { $ref: '#/components/schemas/Receipt' },
        },
        examples: [{ tokens_out: 0, decode_time_ms: 0, finish_reason: 'canceled' }],
      },
      ErrorFrame: {
        description: 'Terminal frame of a task that failed or was evicted, or of a reader that fell out of the log.',
        type: 'object',
        additionalProperties: false,
        required: ['code', 'message', 'retriable'],
        properties: {
          code: { $ref: '#/components/schemas/ErrorCode' },
          message: { type: 'string' },
          engine: { type: 'string' },
          pool_id: { $ref: '#/components/schemas/PoolId' },
          retriable: { type: 'boolean' },
          retry_after_ms: { $ref: '#/components/schemas/Milliseconds' },
          details: { $ref: '#/components/schemas/ErrorDetails' },
        },
        examples: [
          {
            code: 'QUEUE_FULL_DROP_LRU',
            message: 'The task waited longest in the lowest priority and was evicted to make room.',
            pool_id: 'haiku',
            retriable: true,
            retry_after_ms: 1500,
          },
        ],
      },
      TaskChangedEvent: {
        description: 'A task was admitted or changed its state.',
        type: 'object',
        additionalProperties: false,
        required: ['at', 'task_id', 'pool_id', 'state'],
        properties: {
          at: { $ref: '#/components/schemas/Timestamp' },
          task_id: { $ref: '#/components/schemas/Uuid' },
          pool_id: { $ref: '#/components/schemas/PoolId' },
          state: { $ref: '#/components/schemas/TaskState' },
          code: { $ref: '#/components/schemas/ErrorCode', description: 'Why it failed or was evicted.' },
        },
        examples: [
          {
            at: '2026-11-22T13:30:00.000Z',
            task_id: '3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1',
            pool_id: 'haiku',
            state: 'running',
          },
        ],
      },
      TaskRejectedEvent: {
        description: 'A submit was refused.',
        type: 'object',
        additionalProperties: false,
        required: ['at', 'code'],
        properties: {
          at: { $ref: '#/components/schemas/Timestamp' },
          code: { $ref: '#/components/schemas/ErrorCode' },
          pool_id: { $ref: '#/components/schemas/PoolId' },
        },
        examples: [{ at: '2026-11-22T13:30:00.000Z', code: 'ADMISSION_REJECT', pool_id: 'haiku' }],
      },
      ReplicaChangedEvent: {
        description: 'A replica changed its state.',
        type: 'object',
        additionalProperties: false,
        required: ['at', 'pool_id', 'replica_id', 'state'],
        properties: {
          at: { $ref: '#/components/schemas/Timestamp' },
          pool_id: { $ref: '#/components/schemas/PoolId' },
          replica_id: { type: 'string' },
          state: { $ref: '#/components/schemas/ReplicaState' },
        },
        examples: [{ at: '2026-11-22T13:30:00.000Z', pool_id: 'haiku', replica_id: 'haiku-0', state: 'ready' }],
      },
      ModelId: {
        description: 'Name of a model in addresses; made of its reference.',
        type: 'string',
        pattern: '^[0-9a-f]{16}$',
        examples: ['5b1d0f6c2a9e4d37'],
      },
      ModelRequest: {
        type: 'object',
        additionalProperties: false,
        required: ['model_ref'],
        properties: {
          model_ref: {
            description:
              '`file:` with a path, a path below the models folder, `hf:org/repo/file.gguf`, `hf:org/repo`, or `https://`.',
            type: 'string',
            minLength: 1,
            maxLength: 2048,
          },
          digest: {
            $ref: '#/components/schemas/ModelDigest',
            description: 'What the file must be; another file is refused.',
          },
          signature: {
            description: "Ed25519 signature of the digest's text by one of the trusted keys, in base64.",
            type: 'string',
            minLength: 1,
            maxLength: 1024,
          },
          sbom: {
            description: "Bill of materials, CycloneDX or SPDX, that names the file's SHA-256.",
            type: 'object',
            additionalProperties: true,
          },
          pinned: {
            description: 'Whether it stays when room is needed; default as it was, and false for a new model.',
            type: 'boolean',
          },
          metadata: {
            description: 'What the caller wants to remember; it takes the place of what was remembered.',
            type: 'object',
            maxProperties: 32,
            additionalProperties: { type: 'string', maxLength: 1024 },
          },
        },
        examples: [{ model_ref: 'hf:org/haiku-GGUF' }],
      },
      ModelState: { description: 'Whether new work may name the model.', enum: ['Active', 'Retired'] },
      ModelStateRequest: {
        type: 'object',
        additionalProperties: false,
        required: ['state'],
        properties: { state: { $ref: '#/components/schemas/ModelState' } },
        examples: [{ state: 'Retired' }],
      },
      Model: {
        description: 'A model of the catalog.',
        type: 'object',
        additionalProperties: false,
        required: ['model_id', 'model_ref', 'state', 'status', 'pinned', 'warnings', 'added_at'],
        properties: {
          model_id: { $ref: '#/components/schemas/ModelId' },
          model_ref: { type: 'string' },
          state: { $ref: '#/components/schemas/ModelState' },
          status: {
            description:
              '`absent` is known and not on the disk, `pulling` is being fetched or checked, `failed` could not be installed, `damaged` is not what it was and is not loaded.',
            enum: ['absent', 'pulling', 'installed', 'failed', 'damaged'],
          },
          pinned: { type: 'boolean' },
          digest: { $ref: '#/components/schemas/ModelDigest' },
          size_bytes: { $ref: '#/components/schemas/Count' },
          progress: { $ref: '#/components/schemas/PullProgress' },
          name: { description: 'What the file calls itself.', type: 'string' },
          architecture: { type: 'string' },
          quantization: { type: 'string' },
          parameter_count: { $ref: '#/components/schemas/Count' },
          context_tokens: {
            $ref: '#/components/schemas/Count',
            description: 'Context that the model was trained with.',
          },
          device_memory: { $ref: '#/components/schemas/ModelMemory' },
          used_by: {
            description: 'Pools that serve it.',
            type: 'array',
            items: { $ref: '#/components/schemas/PoolId' },
          },
          warnings: { description: 'What the trust policy found missing.', type: 'array', items: { type: 'string' } },
          fault: {
            description: 'Why the last fetch or verification failed.',
            type: 'object',
            additionalProperties: false,
            required: ['code', 'message'],
            properties: { code: { $ref: '#/components/schemas/ErrorCode' }, message: { type: 'string' } },
          },
          metadata: { type: 'object', additionalProperties: { type: 'string' } },
          added_at: { $ref: '#/components/schemas/Timestamp' },
          last_used_at: { $ref: '#/components/schemas/Timestamp' },
          verified_at: { $ref: '#/components/schemas/Timestamp' },
        },
        examples: [
          {
            model_id: '5b1d0f6c2a9e4d37',
            model_ref: 'file:haiku.gguf',
            state: 'Active',
            status: 'absent',
            pinned: true,
            warnings: [],
            added_at: '2026-11-22T13:30:00.000Z',
          },
        ],
      },
      ModelList: {
        type: 'object',
        additionalProperties: false,
        required: ['models'],
        properties: { models: { type: 'array', items: { $ref: '#/components/schemas/Model' } } },
        examples: [{ models: [] }],
      },
      ModelMemory: {
        description: 'An estimate of the device memory of one load, all layers on the device.',
        type: 'object',
        additionalProperties: false,
        required: ['context_tokens', 'weights_bytes', 'context_bytes', 'total_bytes'],
        properties: {
          context_tokens: {
            $ref: '#/components/schemas/Count',
            description: 'Context that was reckoned with, all slots together.',
          },
          weights_bytes: { $ref: '#/components/schemas/Count' },
          context_bytes: { $ref: '#/components/schemas/Count' },
          total_bytes: { $ref: '#/components/schemas/Count' },
        },
        examples: [{ context_tokens: 512, weights_bytes: 2388480, context_bytes: 1048576, total_bytes: 7631360 }],
      },
      PullProgress: {
        type: 'object',
        additionalProperties: false,
        required: ['done_bytes'],
        properties: {
          done_bytes: { $ref: '#/components/schemas/Count' },
          total_bytes: { $ref: '#/components/schemas/Count' },
          bytes_per_second: { $ref: '#/components/schemas/Count' },
        },
        examples: [{ done_bytes: 1048576, total_bytes: 2448384, bytes_per_second: 1048576 }],
      },
      ModelVerification: {
        type: 'object',
        additionalProperties: false,
        required: ['verdict', 'model'],
        properties: {
          verdict: {
            description:
              '`match`, or why the model is not loaded: another digest, no file any more, or a header that is not sound.',
            enum: ['match', 'mismatch', 'missing', 'invalid'],
          },
          model: { $ref: '#/components/schemas/Model' },
        },
        examples: [
          {
            verdict: 'missing',
            model: {
              model_id: '5b1d0f6c2a9e4d37',
              model_ref: 'file:haiku.gguf',
              state: 'Active',
              status: 'absent',
              pinned: true,
              warnings: [],
              added_at: '2026-11-22T13:30:00.000Z',
            },
          },
        ],
      },
      ModelChangedEvent: {
        description:
          'Something of a model is new; while it is fetched at least once per second. A model that was removed has no status.',
        type: 'object',
        additionalProperties: false,
        required: ['at', 'model_id', 'model_ref'],
        properties: {
          at: { $ref: '#/components/schemas/Timestamp' },
          model_id: { $ref: '#/components/schemas/ModelId' },
          model_ref: { type: 'string' },
          state: { $ref: '#/components/schemas/ModelState' },
          status: { type: 'string' },
          progress: { $ref: '#/components/schemas/PullProgress' },
        },
        examples: [
          {
            at: '2026-11-22T13:30:00.000Z',
            model_id: '5b1d0f6c2a9e4d37',
            model_ref: 'file:haiku.gguf',
            status: 'installed',
          },
        ],
      },
      Session: {
        type: 'object',
        additionalProperties: false,
        required: ['session_id', 'ttl_ms_remaining', 'turns', 'kv_warmth'],
        properties: {
          session_id: { $ref: '#/components/schemas/SessionId' },
          ttl_ms_remaining: { $ref: '#/components/schemas/Milliseconds' },
          turns: { $ref: '#/components/schemas/Count' },
          kv_warmth: { description: 'Whether a replica holds context memory of this session.', type: 'boolean' },
          kv_bytes: {
            $ref: '#/components/schemas/Count',
            description:
              'Size of that memory as the engine measures it; left out where it cannot tell, as while a turn runs.',
          },
          replica_id: { description: 'The replica that holds it.', type: 'string' },
          tokens_budget_remaining: { $ref: '#/components/schemas/Count' },
          time_budget_remaining_ms: { $ref: '#/components/schemas/Milliseconds' },
          cost_budget_remaining: {
            $ref: '#/components/schemas/Count',
            description: 'In millionths of the currency unit.',
          },
        },
      },
      SessionList: {
        type: 'object',
        additionalProperties: false,
        required: ['sessions'],
        properties: { sessions: { type: 'array', items: { $ref: '#/components/schemas/Session' } } },
      },
      ArtifactId: {
        description: '`sha256:` and the digest of the canonical content as 64 lower-case hex digits.',
        type: 'string',
        pattern: '^sha256:[0-9a-f]{64}$',
      },
      ArtifactKind: {
        description: 'What an artifact is. The service itself stores one trace of every job that has ended.',
        enum: ['plan', 'summary', 'diff', 'trace', 'transcript'],
      },
      ArtifactTag: {
        description: "A name of the client's own. A tagged artifact is never collected.",
        type: 'string',
        pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$',
      },
      ArtifactRequest: {
        type: 'object',
        additionalProperties: false,
        required: ['kind', 'content'],
        properties: {
          artifact_id: { $ref: '#/components/schemas/ArtifactId', description: 'What the id must turn out to be.' },
          kind: { $ref: '#/components/schemas/ArtifactKind' },
          content: { description: 'Any JSON value; a text is a text.' },
          tags: { type: 'array', maxItems: 32, uniqueItems: true, items: { $ref: '#/components/schemas/ArtifactTag' } },
          parent: {
            $ref: '#/components/schemas/ArtifactId',
            description: 'The artifact this one was made from; it must be stored.',
          },
        },
      },
      ArtifactInfo: {
        description: 'What is known of an artifact beside its content.',
        type: 'object',
        additionalProperties: false,
        required: ['artifact_id', 'kind', 'tags', 'created_at', 'size_bytes'],
        properties: {
          artifact_id: { $ref: '#/components/schemas/ArtifactId' },
          kind: { $ref: '#/components/schemas/ArtifactKind' },
          tags: {
            description: 'Sorted, those of every upload.',
            type: 'array',
            items: { $ref: '#/components/schemas/ArtifactTag' },
          },
          parent: { $ref: '#/components/schemas/ArtifactId' },
          task_id: { $ref: '#/components/schemas/Uuid', description: 'The task whose job left it.' },
          created_at: { $ref: '#/components/schemas/Timestamp' },
          size_bytes: { $ref: '#/components/schemas/Count', description: 'Of the canonical content.' },
        },
      },
      Artifact: {
        description: 'An artifact with its content.',
        type: 'object',
        additionalProperties: false,
        required: ['artifact_id', 'kind', 'tags', 'created_at', 'size_bytes', 'content'],
        properties: {
          artifact_id: { $ref: '#/components/schemas/ArtifactId' },
          kind: { $ref: '#/components/schemas/ArtifactKind' },
          tags: { type: 'array', items: { $ref: '#/components/schemas/ArtifactTag' } },
          parent: { $ref: '#/components/schemas/ArtifactId' },
          task_id: { $ref: '#/components/schemas/Uuid' },
          created_at: { $ref: '#/components/schemas/Timestamp' },
          size_bytes: { $ref: '#/components/schemas/Count' },
          content: { description: 'As it was stored, in canonical form.' },
        },
      },
      ArtifactList: {
        type: 'object',
        additionalProperties: false,
        required: ['artifacts'],
        properties: {
          artifacts: { type: 'array', items: { $ref: '#/components/schemas/ArtifactInfo' } },
          next_cursor: { description: 'Absent on the last page.', type: 'string' },
        },
      },
      QueueDepth: {
        description: 'Tasks waiting, per priority.',
        type: 'object',
        additionalProperties: false,
        required: ['interactive', 'batch'],
        properties: {
          interactive: { $ref: '#/components/schemas/Count' },
          batch: { $ref: '#/components/schemas/Count' },
        },
      },
      PoolLimits: {
        description: "Bounds of the pool's queues.",
        type: 'object',
        additionalProperties: false,
        required: ['interactive_tasks', 'batch_tasks', 'queued_bytes', 'full_policy'],
        properties: {
          interactive_tasks: { $ref: '#/components/schemas/Count' },
          batch_tasks: { $ref: '#/components/schemas/Count' },
          queued_bytes: { $ref: '#/components/schemas/Count' },
          full_policy: { enum: ['reject', 'drop-lru', 'shed-low-priority'] },
        },
      },
      PoolFeatures: {
        description: "What the pool's engine can keep.",
        type: 'object',
        additionalProperties: false,
        required: ['determinism', 'json_schema', 'grammar', 'tools', 'session_reuse'],
        properties: {
          determinism: { $ref: '#/components/schemas/Determinism' },
          json_schema: { type: 'boolean' },
          grammar: { type: 'boolean' },
          tools: { type: 'boolean' },
          session_reuse: { type: 'boolean' },
        },
      },
      RateLimits: {
        description:
          "What the caller's key may ask of this pool; absent without keys. A figure that is absent does not apply; each counts over all pools.",
        type: 'object',
        additionalProperties: false,
        required: ['allowed', 'priorities'],
        properties: {
          allowed: { description: 'Whether the key may use this pool.', type: 'boolean' },
          priorities: { type: 'array', items: { $ref: '#/components/schemas/Priority' } },
          requests_per_minute: { $ref: '#/components/schemas/Count' },
          burst: { $ref: '#/components/schemas/Count' },
          queued_tasks: { $ref: '#/components/schemas/Count' },
          running_tasks: { $ref: '#/components/schemas/Count' },
        },
      },
      PoolCapabilities: {
        description: 'What a pool can do. Engine facts are absent until a replica has told them.',
        type: 'object',
        additionalProperties: false,
        required: ['pool_id', 'sampler_profile_version', 'max_tokens_out', 'slots', 'workloads', 'limits'],
        properties: {
          pool_id: { $ref: '#/components/schemas/PoolId' },
          engine: { type: 'string' },
          engine_version: { type: 'string' },
          model_id: { type: 'string' },
          model_digest: { $ref: '#/components/schemas/ModelDigest' },
          sampler_profile_version: { type: 'string' },
          ctx_max: { $ref: '#/components/schemas/Count' },
          max_tokens_out: { $ref: '#/components/schemas/Count' },
          slots: { $ref: '#/components/schemas/Count' },
          paused: { description: 'Its queue takes tasks and starts none.', type: 'boolean' },
          workloads: { type: 'array', items: { $ref: '#/components/schemas/Workload' } },
          limits: { $ref: '#/components/schemas/PoolLimits' },
          rate_limits: { $ref: '#/components/schemas/RateLimits' },
          features: { $ref: '#/components/schemas/PoolFeatures' },
        },
      },
      Capabilities: {
        type: 'object',
        additionalProperties: false,
        required: ['api_version', 'pools'],
        properties: {
          api_version: { const: '1' },
          pools: { type: 'array', items: { $ref: '#/components/schemas/PoolCapabilities' } },
        },
      },
      Pool: {
        type: 'object',
        additionalProperties: false,
        required: ['pool_id', 'live', 'ready', 'draining', 'slots', 'slots_busy', 'queue_depth'],
        properties: {
          pool_id: { $ref: '#/components/schemas/PoolId' },
          engine: { type: 'string' },
          model_id: { type: 'string' },
          live: { description: 'At least one replica answers.', type: 'boolean' },
          ready: { description: 'At least one replica takes work.', type: 'boolean' },
          draining: { description: 'Takes no new tasks.', type: 'boolean' },
          paused: { description: 'Takes tasks and starts none.', type: 'boolean' },
          slots: { $ref: '#/components/schemas/Count' },
          slots_busy: { $ref: '#/components/schemas/Count' },
          queue_depth: { $ref: '#/components/schemas/QueueDepth' },
        },
      },
      PoolList: {
        type: 'object',
        additionalProperties: false,
        required: ['pools'],
        properties: { pools: { type: 'array', items: { $ref: '#/components/schemas/Pool' } } },
      },
      ReplicaState: {
        description:
          'State of one replica as tasks see it. `unloaded`: its engine is loaded when a task waits; `refused`: it does not fit the others of its pool, or its pins; `draining`: it is replaced and ends what it runs.',
        enum: ['loading', 'ready', 'unloaded', 'failed', 'refused', 'draining', 'stopped'],
      },
      EngineState: {
        description:
          'State of the engine behind a replica. `testing`: it answers and is tried once before tasks come; `backoff`: it has crashed and is started again in `retry_in_ms`; `failed`: it has crashed too often.',
        enum: ['stopped', 'starting', 'loading', 'testing', 'ready', 'draining', 'backoff', 'failed'],
      },
      Capacity: {
        description: "How much a replica serves at once; what is left out is the engine's own choice.",
        type: 'object',
        additionalProperties: false,
        properties: { slots: { $ref: '#/components/schemas/Count' }, ctx_max: { $ref: '#/components/schemas/Count' } },
      },
      DrainRequest: {
        type: 'object',
        additionalProperties: false,
        properties: {
          deadline_ms: {
            description: 'How long what runs may go on.',
            type: 'integer',
            minimum: 0,
            maximum: 86400000,
            default: 30000,
          },
        },
      },
      ReloadRequest: {
        type: 'object',
        additionalProperties: false,
        properties: {
          new_model_ref: {
            description: 'As `model` in the configuration; absent is the model it has.',
            type: 'string',
            minLength: 1,
            maxLength: 4096,
          },
        },
      },
      ConfigReload: {
        type: 'object',
        additionalProperties: false,
        required: ['pools', 'restart_needed'],
        properties: {
          pools: { type: 'array', items: { $ref: '#/components/schemas/PoolChange' } },
          restart_needed: {
            description: 'Sections that have changed too and are applied at the next start.',
            type: 'array',
            items: { type: 'string' },
          },
        },
      },
      PoolChange: {
        type: 'object',
        additionalProperties: false,
        required: ['pool_id', 'change'],
        properties: {
          pool_id: { $ref: '#/components/schemas/PoolId' },
          change: { enum: ['unchanged', 'added', 'removed', 'reloaded', 'failed'] },
          reason: { description: 'Why it has failed, in one sentence; the pool is as it was.', type: 'string' },
        },
      },
      Replica: {
        type: 'object',
        additionalProperties: false,
        required: ['replica_id', 'state', 'slots_busy'],
        properties: {
          replica_id: { type: 'string' },
          state: { $ref: '#/components/schemas/ReplicaState' },
          progress_ratio: { type: 'number', minimum: 0, maximum: 1 },
          slots: { $ref: '#/components/schemas/Count' },
          slots_busy: { $ref: '#/components/schemas/Count' },
          engine: { type: 'string' },
          engine_version: { type: 'string' },
          model_id: { type: 'string' },
          model_digest: { $ref: '#/components/schemas/ModelDigest' },
          last_error: { type: 'string' },
          cure: { description: 'What would mend the last error, in one sentence.', type: 'string' },
          provisioning: { description: 'Who starts its engine.', enum: ['embedded', 'external', 'managed'] },
          engine_state: { $ref: '#/components/schemas/EngineState' },
          since_ms: {
            $ref: '#/components/schemas/Milliseconds',
            description: 'For how long the engine has been in its state.',
          },
          retry_in_ms: { $ref: '#/components/schemas/Milliseconds', description: 'Until the next start is tried.' },
          devices: { description: 'The cards it may use; absent is any.', type: 'array', items: { type: 'string' } },
          capacity: { $ref: '#/components/schemas/Capacity' },
          configured_capacity: { $ref: '#/components/schemas/Capacity' },
          log_tail: {
            description: 'Last lines the engine wrote, oldest first; for operators, and only with a last error.',
            type: 'array',
            items: { type: 'string' },
          },
        },
      },
      MeasuredMean: {
        description: 'A mean and the number of samples behind it.',
        type: 'object',
        additionalProperties: false,
        required: ['mean', 'sample_count'],
        properties: {
          mean: { $ref: '#/components/schemas/Milliseconds' },
          sample_count: { $ref: '#/components/schemas/Count' },
        },
      },
      PoolMetrics: {
        type: 'object',
        additionalProperties: false,
        required: ['queue_depth', 'slots', 'slots_busy'],
        properties: {
          queue_depth: { $ref: '#/components/schemas/QueueDepth' },
          slots: { $ref: '#/components/schemas/Count' },
          slots_busy: { $ref: '#/components/schemas/Count' },
          service_time_ms: { $ref: '#/components/schemas/MeasuredMean' },
          prediction_error_ms: { $ref: '#/components/schemas/MeasuredMean' },
        },
      },
      PoolHealth: {
        type: 'object',
        additionalProperties: false,
        required: ['pool_id', 'live', 'ready', 'draining', 'replicas', 'metrics'],
        properties: {
          pool_id: { $ref: '#/components/schemas/PoolId' },
          live: { type: 'boolean' },
          ready: { type: 'boolean' },
          draining: { type: 'boolean' },
          paused: { type: 'boolean' },
          last_error: { type: 'string' },
          degraded: {
            description:
              'What is wrong although it serves, such as lost records of the journal; absent while nothing is.',
            type: 'string',
          },
          replicas: { type: 'array', items: { $ref: '#/components/schemas/Replica' } },
          metrics: { $ref: '#/components/schemas/PoolMetrics' },
        },
      },
      Store: {
        type: 'object',
        additionalProperties: false,
        required: ['backend', 'state', 'lost_records'],
        properties: {
          backend: { type: 'string', enum: ['sqlite', 'memory'] },
          state: {
            description:
              '`full`: the disk has no room; `failing`: nothing can be written. New tasks are refused then, what runs goes on.',
            type: 'string',
            enum: ['ok', 'full', 'failing', 'closed'],
          },
          lost_records: {
            description: 'Committed records found missing at the start, until an operator has acknowledged it.',
            type: 'integer',
            minimum: 0,
          },
        },
      },
      Health: {
        type: 'object',
        additionalProperties: false,
        required: ['status'],
        properties: { status: { const: 'ok' } },
      },
      PoolReadiness: {
        type: 'object',
        additionalProperties: false,
        required: ['pool_id', 'ready', 'draining'],
        properties: {
          pool_id: { $ref: '#/components/schemas/PoolId' },
          ready: { type: 'boolean' },
          draining: { type: 'boolean' },
          last_error: { type: 'string' },
        },
      },
      Readiness: {
        type: 'object',
        additionalProperties: false,
        required: ['ready', 'pools'],
        properties: {
          ready: { const: true },
          pools: { type: 'array', items: { $ref: '#/components/schemas/PoolReadiness' } },
        },
      },
      OpenapiDocument: {
        description: 'An OpenAPI document.',
        type: 'object',
        additionalProperties: true,
        required: ['openapi', 'info', 'paths'],
        properties: {
          openapi: { type: 'string' },
          info: { type: 'object', additionalProperties: true },
          paths: { type: 'object', additionalProperties: true },
        },
      },
      ErrorDetails: {
        description:
          'Names the field (`field`, a JSON path, `header.x`, `query.x` or `path.x`) and the limit (`limit`, counted in `unit`) where there is one.',
        type: 'object',
        additionalProperties: true,
        properties: {
          field: { type: 'string' },
          expected: { type: 'string' },
          limit: { type: 'number' },
          unit: { type: 'string' },
        },
      },
      Problem: {
        description: 'Why a request was refused or failed.',
        type: 'object',
        additionalProperties: false,
        required: ['code', 'message', 'retriable', 'correlation_id'],
        properties: {
          code: { $ref: '#/components/schemas/ErrorCode' },
          message: { type: 'string' },
          retriable: { description: 'Whether the same request may succeed later without a change.', type: 'boolean' },
          policy_label: { description: 'The policy that refused.', type: 'string' },
          retry_after_ms: { $ref: '#/components/schemas/Milliseconds' },
          details: { $ref: '#/components/schemas/ErrorDetails' },
          correlation_id: { type: 'string' },
        },
      },
    },
  },
};
