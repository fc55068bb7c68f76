// SPDX-License-Identifier: MIT
import { describe, expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { TASK_ID } from './__fixtures__/frames.ts';
import { json, scriptedFetch, type Responder } from './__fixtures__/scripted-fetch.ts';
import { createClient, type OrchClient } from './create-client.ts';
import { OrchApiError } from './http/orch-api-error.ts';
import { OrchConnectionError } from './http/orch-connection-error.ts';

const baseUrl = 'http://127.0.0.1:8080';

const ARTIFACT_ID = `sha256:${'0'.repeat(64)}`;

/** Every call that is not a stream. */
const MODEL_ID = '5b1d0f6c2a9e4d37';

const CALLS: Readonly<Record<string, (client: OrchClient, signal?: AbortSignal) => Promise<unknown>>> = {
  submit: (client, signal) => client.submit({ prompt: 'hi' }, signal && { signal }),
  plan: (client, signal) => client.plan({ prompt: 'hi' }, signal && { signal }),
  get: (client, signal) => client.get(TASK_ID, signal && { signal }),
  getRequest: (client, signal) => client.get(TASK_ID, { include: 'request', ...(signal && { signal }) }),
  list: (client, signal) => client.list({ state: 'running' }, signal && { signal }),
  cancel: (client, signal) => client.cancel(TASK_ID, signal && { signal }),
  setPriority: (client, signal) => client.setPriority(TASK_ID, 'batch', signal && { signal }),
  sessions: (client, signal) => client.sessions(signal && { signal }),
  session: (client, signal) => client.session('editor-7', signal && { signal }),
  endSession: (client, signal) => client.endSession('editor-7', signal && { signal }),
  storeArtifact: (client, signal) => client.storeArtifact({ kind: 'plan', content: 1 }, signal && { signal }),
  artifacts: (client, signal) => client.artifacts({ kind: 'trace' }, signal && { signal }),
  artifact: (client, signal) => client.artifact(ARTIFACT_ID, signal && { signal }),
  capabilities: (client, signal) => client.capabilities(signal && { signal }),
  models: (client, signal) => client.models(signal && { signal }),
  model: (client, signal) => client.model(MODEL_ID, signal && { signal }),
  addModel: (client, signal) => client.addModel({ model_ref: 'file:m.gguf' }, signal && { signal }),
  removeModel: (client, signal) => client.removeModel(MODEL_ID, signal && { signal }),
  verifyModel: (client, signal) => client.verifyModel(MODEL_ID, signal && { signal }),
  setModelState: (client, signal) => client.setModelState(MODEL_ID, 'Retired', signal && { signal }),
  pools: (client, signal) => client.pools(signal && { signal }),
  poolHealth: (client, signal) => client.poolHealth('haiku', signal && { signal }),
  pausePool: (client, signal) => client.pausePool('haiku', signal && { signal }),
  resumePool: (client, signal) => client.resumePool('haiku', signal && { signal }),
  drainPool: (client, signal) => client.drainPool('haiku', { deadlineMs: 5, ...(signal && { signal }) }),
  reloadPool: (client, signal) => client.reloadPool('haiku', { newModelRef: 'm', ...(signal && { signal }) }),
  loadPool: (client, signal) => client.loadPool('haiku', signal && { signal }),
  unloadPool: (client, signal) => client.unloadPool('haiku', signal && { signal }),
  reloadConfig: (client, signal) => client.reloadConfig(signal && { signal }),
};

function clientOf(responder: Responder, token?: string): { client: OrchClient; requests: readonly Request[] } {
  const { fetch, requests } = scriptedFetch(responder);
  return { client: createClient({ baseUrl, fetch, ...(token === undefined ? {} : { token }) }), requests };
}

const refusal = {
  code: 'ADMISSION_REJECT',
  message: 'The queue of this pool and priority is full; nothing was stored.',
  retriable: true,
  policy_label: 'reject',
  retry_after_ms: 1500,
  details: { limit: 1000, unit: 'tasks' },
  correlation_id: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
};

describe.each(Object.entries(CALLS))('%s', (_, call) => {
  verifies('ORCH-2502', 'rejects with a typed error for a problem', async () => {
    const { client } = clientOf(json(refusal, 429, { 'Retry-After': '2' }));
    const failure = await call(client).catch((error: unknown) => error);
    expect(OrchApiError.is(failure)).toBe(true);
    expect(failure).toMatchObject({
      name: 'OrchApiError',
      code: 'ADMISSION_REJECT',
      status: 429,
      retriable: true,
      retryAfterMs: 1500,
      policyLabel: 'reject',
      details: { limit: 1000, unit: 'tasks' },
      correlationId: '0b4f7c1e-54f0-4c0f-8a57-1f2f0d9b2c11',
    });
  });

  verifies('ORCH-2504', 'rejects with a connection error when nobody answers', async () => {
    const { fetch } = scriptedFetch();
    const failure = await call(createClient({ baseUrl, fetch })).catch((error: unknown) => error);
    expect(OrchConnectionError.is(failure)).toBe(true);
    expect(failure).toMatchObject({ baseUrl, cause: expect.any(TypeError) });
  });

  verifies('ORCH-2505', 'rejects with the reason of its signal', async () => {
    const leaving = new AbortController();
    const { client, requests } = clientOf(
      (request) =>
        new Promise((_resolve, reject) => {
          request.signal.addEventListener('abort', () => reject(new TypeError('aborted')));
        }),
    );
    const calling = call(client, leaving.signal);
    const reason = new Error('enough');
    leaving.abort(reason);
    await expect(calling).rejects.toBe(reason);
    expect(requests.every(({ url }) => !url.endsWith('/cancel')) || _ === 'cancel').toBe(true);
  });

  verifies('ORCH-2501', 'carries the token in its header and nowhere else', async () => {
    const { client, requests } = clientOf(json({ code: 'BAD_TOKEN', message: 'no', retriable: false }, 403), 's3cret');
    const failure = (await call(client).catch((error: unknown) => error)) as Error;
    expect(requests[0]?.headers.get('Authorization')).toBe('Bearer s3cret');
    expect(requests[0]?.url).not.toContain('s3cret');
    expect(JSON.stringify(failure) + failure.message + String(failure.stack)).not.toContain('s3cret');
  });
});

verifies('ORCH-2502', 'the retry time falls back from body to headers', async () => {
  const { retry_after_ms: _retry, ...untold } = refusal;
  const headers = { 'Retry-After': '2', 'X-Backoff-Ms': '1600' };
  const times = [
    [json(refusal, 429, headers), 1500],
    [json(untold, 429, headers), 1600],
    [json(untold, 429, { 'Retry-After': '2' }), 2000],
    [json(untold, 429, { 'Retry-After': 'Sun, 22 Nov 2026 13:30:00 GMT' }), undefined],
    [json(untold, 429), undefined],
  ] as const;
  for (const [responder, retryAfterMs] of times) {
    await expect(clientOf(responder).client.pools()).rejects.toMatchObject({ retryAfterMs });
  }
});

verifies('ORCH-2503', 'the page of a proxy becomes INTERNAL with its status', async () => {
  for (const [status, retriable] of [
    [502, true],
    [429, true],
    [404, false],
  ] as const) {
    const { client } = clientOf(() => new Response('<h1>nginx</h1>', { status }));
    await expect(client.pools()).rejects.toMatchObject({ code: 'INTERNAL', status, retriable });
  }
});

verifies('ORCH-2504', 'an answer that is not JSON counts as no answer of llama-orch', async () => {
  const { client } = clientOf(() => new Response('<h1>It works!</h1>'));
  await expect(client.pools()).rejects.toSatisfy((error) => OrchConnectionError.is(error));
});

verifies('ORCH-2500', 'a trailing slash of the address does not matter', async () => {
  const { fetch, requests } = scriptedFetch(json({ pools: [] }));
  await createClient({ baseUrl: `${baseUrl}/`, fetch }).pools();
  expect(requests[0]?.url).toBe(`${baseUrl}/v1/pools`);
});
