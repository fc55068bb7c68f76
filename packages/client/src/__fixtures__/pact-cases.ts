// SPDX-License-Identifier: MIT
import { JOB_ID, TASK_ID } from './frames.ts';
import type { OrchClient } from '../create-client.ts';
import type { PactCase } from './pact.ts';

const DIGEST = 'sha256:886be79a3d8e1c4f0b2a5c6d7e8f90123456789abcdef0123456789abcdef30d';
const CORRELATION_ID = '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11';
const CHAT_ID = '5b1f8f0e-3c55-4c44-9a0f-2f3f6f0d7a10';
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const limits = { interactive_tasks: 1000, batch_tasks: 10_000, queued_bytes: 268_435_456, full_policy: 'reject' };
const queueDepth = { interactive: 0, batch: 0 };
const session = { session_id: 'editor-7', ttl_ms_remaining: 599_000, turns: 1, kv_warmth: true };
const pool = {
  pool_id: 'haiku',
  engine: 'node-llama-cpp',
  model_id: 'haiku-tiny',
  live: true,
  ready: true,
  draining: false,
  slots: 2,
  slots_busy: 0,
  queue_depth: queueDepth,
};
const ready = { name: 'a pool is ready', params: { pool_id: 'haiku' } };

const MODEL_ID = '5b1d0f6c2a9e4d37';
const UNKNOWN_MODEL_CALLS: readonly (readonly [string, (client: OrchClient) => Promise<unknown>])[] = [
  ['read', (client) => client.model(MODEL_ID)],
  ['removed', (client) => client.removeModel(MODEL_ID)],
  ['verified', (client) => client.verifyModel(MODEL_ID)],
  ['retired', (client) => client.setModelState(MODEL_ID, 'Retired')],
];

const accepted = (task_id: string): object => ({
  task_id,
  job_id: JOB_ID,
  pool_id: 'haiku',
  state: 'queued',
  queue_position: 0,
  backoff_ms: 0,
});
const problem = (code: string, retriable: boolean, more: object = {}): object => ({
  code,
  message: 'One sentence for people.',
  retriable,
  correlation_id: CORRELATION_ID,
  ...more,
});

const taskCases: readonly PactCase[] = [
  {
    description: 'a prompt is submitted',
    states: [ready],
    call: (client) => client.submit({ task_id: TASK_ID, prompt: 'a haiku about rain' }),
    response: {
      status: 202,
      headers: { Location: `/v1/tasks/${TASK_ID}` },
      schema: 'TaskAccepted',
      body: accepted(TASK_ID),
    },
    exact: ['$.task_id'],
  },
  {
    description: 'a chat turn is submitted with all options',
    states: [ready],
    call: (client) =>
      client.submit({
        task_id: CHAT_ID,
        session_id: 'editor-7',
        messages: [{ role: 'user', content: 'a haiku about rain' }],
        pool_id: 'haiku',
        priority: 'batch',
        max_tokens: 16,
        deadline_ms: 60_000,
        seed: 42,
      }),
    response: { status: 202, schema: 'TaskAccepted', body: accepted(CHAT_ID) },
    exact: ['$.task_id'],
  },
  {
    description: 'a prompt is planned',
    states: [ready],
    call: (client) => client.plan({ prompt: 'a haiku about rain' }),
    response: {
      status: 200,
      schema: 'TaskPlan',
      body: {
        admitted: true,
        reason: 'It would start now on replica haiku-0.',
        pool_id: 'haiku',
        pool_reason: 'only_fit',
        queue_position: 0,
      },
    },
    exact: ['$.admitted'],
  },
  {
    description: 'a used task id is submitted with another body',
    states: [{ name: 'a task was submitted with another body', params: { task_id: TASK_ID } }],
    call: (client) => client.submit({ task_id: TASK_ID, prompt: 'a haiku about snow' }),
    response: { status: 409, schema: 'Problem', body: problem('TASK_CONFLICT', false) },
    exact: ['$.code', '$.retriable'],
    outcome: { code: 'TASK_CONFLICT', status: 409, correlationId: CORRELATION_ID },
  },
  {
    description: 'a value out of range is submitted',
    states: [ready],
    call: (client) => client.submit({ prompt: 'a haiku about rain', max_tokens: 0 }),
    response: {
      status: 400,
      schema: 'Problem',
      body: problem('INVALID_PARAMS', false, { details: { field: '$.max_tokens' } }),
    },
    exact: ['$.code', '$.details.field'],
    outcome: { code: 'INVALID_PARAMS', details: { field: '$.max_tokens' } },
  },
  {
    description: 'a prompt is submitted to a full queue',
    states: [{ name: 'every queue is full' }],
    call: (client) => client.submit({ prompt: 'a haiku about rain' }),
    response: {
      status: 429,
      schema: 'Problem',
      body: problem('ADMISSION_REJECT', true, { policy_label: 'reject', retry_after_ms: 1500 }),
    },
    exact: ['$.code', '$.retriable', '$.policy_label'],
    outcome: { code: 'ADMISSION_REJECT', retriable: true, retryAfterMs: 1500, policyLabel: 'reject' },
  },
  {
    description: 'a completed task is read',
    states: [{ name: 'a task is completed', params: { task_id: TASK_ID } }],
    call: (client) => client.get(TASK_ID),
    response: {
      status: 200,
      schema: 'Task',
      body: {
        task_id: TASK_ID,
        job_id: JOB_ID,
        pool_id: 'haiku',
        state: 'completed',
        workload: 'completion',
        priority: 'interactive',
        determinism: 'strict',
        seed: 42,
        attempt: 1,
        accepted_at: '2026-11-22T13:30:00.000Z',
        timings: { queue_time_ms: 12, decode_time_ms: 48 },
        usage: { tokens_in: 14, tokens_out: 17 },
        finish_reason: 'stop',
        output: { text: 'a lantern wakes up' },
      },
    },
    exact: ['$.task_id', '$.state'],
  },
  {
    description: 'an unknown task is read',
    states: [ready],
    call: (client) => client.get(UNKNOWN_ID),
    response: { status: 404, schema: 'Problem', body: problem('NOT_FOUND', false) },
    exact: ['$.code'],
    outcome: { code: 'NOT_FOUND', status: 404 },
  },
  {
    description: 'running tasks are listed',
    states: [{ name: 'a task is running', params: { task_id: TASK_ID } }],
    call: (client) => client.list({ state: 'running', limit: 50 }),
    response: {
      status: 200,
      schema: 'TaskList',
      body: {
        tasks: [
          {
            task_id: TASK_ID,
            job_id: JOB_ID,
            pool_id: 'haiku',
            state: 'running',
            workload: 'completion',
            priority: 'interactive',
            determinism: 'strict',
            seed: 42,
            queue_position: 0,
            attempt: 1,
            accepted_at: '2026-11-22T13:30:00.000Z',
            timings: { queue_time_ms: 12 },
            usage: {},
          },
        ],
      },
    },
  },
  {
    description: 'a running task is canceled',
    states: [{ name: 'a task is running', params: { task_id: TASK_ID } }],
    call: (client) => client.cancel(TASK_ID),
    response: { status: 204 },
  },
  {
    description: 'a waiting task is moved to another priority',
    states: [{ name: 'a task is waiting', params: { task_id: TASK_ID } }],
    call: (client) => client.setPriority(TASK_ID, 'batch'),
    response: {
      status: 200,
      schema: 'Task',
      body: {
        task_id: TASK_ID,
        job_id: JOB_ID,
        pool_id: 'haiku',
        state: 'queued',
        workload: 'completion',
        priority: 'batch',
        determinism: 'strict',
        seed: 42,
        queue_position: 0,
        attempt: 0,
        accepted_at: '2026-11-22T13:30:00.000Z',
        timings: {},
        usage: {},
      },
    },
    exact: ['$.task_id', '$.priority', '$.state'],
  },
  {
    description: 'a running task is not moved',
    states: [{ name: 'a task is running', params: { task_id: TASK_ID } }],
    call: (client) => client.setPriority(TASK_ID, 'batch'),
    response: { status: 409, schema: 'Problem', body: problem('TASK_CONFLICT', false) },
    exact: ['$.code'],
    outcome: { code: 'TASK_CONFLICT', status: 409 },
  },
];

const plan = {
  artifact_id: 'sha256:a13fb5b5ab716eeb963773a92b7bc4583f9d33fda3e5cc0008989a6028421574',
  kind: 'plan',
  tags: ['release-7'],
  created_at: '2026-11-22T13:30:00.000Z',
  size_bytes: 26,
};
const planStored = { name: 'a plan is stored', params: { content: '{"steps":["read","write"]}', tag: 'release-7' } };

const artifactCases: readonly PactCase[] = [
  {
    description: 'a plan is stored',
    states: [ready],
    call: (client) =>
      client.storeArtifact({ kind: 'plan', content: { steps: ['read', 'write'] }, tags: ['release-7'] }),
    response: { status: 201, schema: 'ArtifactInfo', body: plan },
    exact: ['$.artifact_id', '$.kind', '$.tags', '$.size_bytes'],
  },
  {
    description: 'artifacts with a tag are listed',
    states: [planStored],
    call: (client) => client.artifacts({ tag: 'release-7', limit: 50 }),
    response: { status: 200, schema: 'ArtifactList', body: { artifacts: [plan] } },
  },
  {
    description: 'an artifact is read',
    states: [planStored],
    call: (client) => client.artifact(plan.artifact_id),
    response: { status: 200, schema: 'Artifact', body: { ...plan, content: { steps: ['read', 'write'] } } },
    exact: ['$.artifact_id', '$.content'],
  },
  {
    description: 'an artifact is stored whose digest is another one',
    states: [ready],
    call: (client) => client.storeArtifact({ kind: 'plan', content: 'x', artifact_id: plan.artifact_id }),
    response: { status: 422, schema: 'Problem', body: problem('UNTRUSTED_ARTIFACT', false) },
    exact: ['$.code'],
    outcome: { code: 'UNTRUSTED_ARTIFACT', status: 422 },
  },
];

const serviceCases: readonly PactCase[] = [
  {
    description: 'sessions are listed',
    states: [{ name: 'a session exists', params: { session_id: 'editor-7' } }],
    call: (client) => client.sessions(),
    response: {
      status: 200,
      schema: 'SessionList',
      body: { sessions: [session] },
    },
    outcome: [session],
  },
  {
    description: 'a session is read',
    states: [{ name: 'a session exists', params: { session_id: 'editor-7' } }],
    call: (client) => client.session('editor-7'),
    response: {
      status: 200,
      schema: 'Session',
      body: session,
    },
    exact: ['$.session_id'],
  },
  {
    description: 'a session is ended',
    states: [{ name: 'a session exists', params: { session_id: 'editor-7' } }],
    call: (client) => client.endSession('editor-7'),
    response: { status: 204 },
  },
  {
    description: 'capabilities are read',
    states: [ready],
    call: (client) => client.capabilities(),
    response: {
      status: 200,
      schema: 'Capabilities',
      body: {
        api_version: '1',
        pools: [
          {
            pool_id: 'haiku',
            engine: 'node-llama-cpp',
            engine_version: '3.21.1+cpu',
            model_id: 'haiku-tiny',
            model_digest: DIGEST,
            sampler_profile_version: 'default-1',
            max_tokens_out: 512,
            slots: 2,
            workloads: ['completion'],
            limits,
          },
        ],
      },
    },
    exact: ['$.api_version'],
  },
  {
    description: 'pools are listed',
    states: [ready],
    call: (client) => client.pools(),
    response: {
      status: 200,
      schema: 'PoolList',
      body: { pools: [pool] },
    },
    outcome: [pool],
  },
  {
    description: 'the health of a pool is read',
    states: [ready],
    call: (client) => client.poolHealth('haiku'),
    response: {
      status: 200,
      schema: 'PoolHealth',
      body: {
        pool_id: 'haiku',
        live: true,
        ready: true,
        draining: false,
        replicas: [{ replica_id: 'haiku-0', state: 'ready', slots_busy: 0 }],
        metrics: { queue_depth: queueDepth, slots: 2, slots_busy: 0 },
      },
    },
    exact: ['$.pool_id', '$.ready'],
  },
  {
    description: 'the health of an unknown pool is read',
    states: [ready],
    call: (client) => client.poolHealth('nowhere'),
    response: { status: 404, schema: 'Problem', body: problem('NOT_FOUND', false) },
    exact: ['$.code'],
    outcome: { code: 'NOT_FOUND', status: 404 },
  },
  ...([true, false] as const).map((paused) => ({
    description: `a pool is ${paused ? 'paused' : 'resumed'}`,
    states: [ready],
    call: (client: OrchClient) => (paused ? client.pausePool('haiku') : client.resumePool('haiku')),
    response: { status: 200, schema: 'Pool', body: { ...pool, paused } },
    exact: ['$.pool_id', '$.paused'],
  })),
  {
    description: 'a pool is drained',
    states: [ready],
    call: (client) => client.drainPool('haiku', { deadlineMs: 0 }),
    response: { status: 200, schema: 'Pool', body: { ...pool, draining: true } },
    exact: ['$.pool_id', '$.draining'],
  },
  {
    description: 'a pool gets another model',
    states: [ready],
    call: (client) => client.reloadPool('haiku', { newModelRef: 'other' }),
    response: { status: 200, schema: 'Pool', body: { ...pool, model_id: 'other' } },
    exact: ['$.pool_id', '$.model_id', '$.ready'],
  },
  {
    description: 'a pool is loaded',
    states: [ready],
    call: (client) => client.loadPool('haiku'),
    response: { status: 200, schema: 'Pool', body: pool },
    exact: ['$.pool_id', '$.ready'],
  },
  {
    description: 'a pool is unloaded',
    states: [ready],
    call: (client) => client.unloadPool('haiku'),
    response: { status: 200, schema: 'Pool', body: { ...pool, ready: false } },
    exact: ['$.pool_id', '$.ready'],
  },
  {
    description: 'the configuration is read again',
    states: [ready],
    call: (client) => client.reloadConfig(),
    response: {
      status: 200,
      schema: 'ConfigReload',
      body: { pools: [{ pool_id: 'haiku', change: 'unchanged' }], restart_needed: [] },
    },
    exact: ['$.pools', '$.restart_needed'],
  },
  {
    description: 'models are listed',
    states: [ready],
    call: (client) => client.models(),
    response: { status: 200, schema: 'ModelList', body: { models: [] } },
    exact: ['$.models'],
    outcome: [],
  },
  ...UNKNOWN_MODEL_CALLS.map(([what, call]) => ({
    description: `an unknown model is ${what}`,
    states: [ready],
    call,
    response: { status: 404, schema: 'Problem', body: problem('NOT_FOUND', false) },
    exact: ['$.code'],
    outcome: { code: 'NOT_FOUND', status: 404 },
  })),
  {
    description: 'a model of a form that is not built is added',
    states: [ready],
    call: (client) => client.addModel({ model_ref: 's3://bucket/model.gguf' }),
    response: {
      status: 400,
      schema: 'Problem',
      body: problem('INVALID_PARAMS', false, { details: { field: '$.model_ref' } }),
    },
    exact: ['$.code', '$.details.field'],
    outcome: { code: 'INVALID_PARAMS', status: 400 },
  },
  {
    description: 'the store is looked at',
    states: [ready],
    call: (client) => client.store(),
    response: { status: 200, schema: 'Store', body: { backend: 'sqlite', state: 'ok', lost_records: 0 } },
    exact: ['$.state', '$.lost_records'],
  },
  {
    description: 'lost records are acknowledged',
    states: [ready],
    call: (client) => client.acknowledgeLostRecords(),
    response: { status: 200, schema: 'Store', body: { backend: 'sqlite', state: 'ok', lost_records: 0 } },
    exact: ['$.lost_records'],
  },
  {
    description: 'pools are listed without the token',
    states: [{ name: 'the service needs a token' }],
    call: (client) => client.pools(),
    response: { status: 401, schema: 'Problem', body: problem('MISSING_TOKEN', false) },
    exact: ['$.code'],
    outcome: { code: 'MISSING_TOKEN', status: 401 },
  },
];

/** Everything the client relies on, one case per interaction. */
export const PACT_CASES: readonly PactCase[] = [...taskCases, ...artifactCases, ...serviceCases];
