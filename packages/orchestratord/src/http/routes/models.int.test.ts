// SPDX-License-Identifier: MIT
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { schemaValidators } from '@llama-orch/api-schema';
import type { Model, ModelChangedEvent, ModelList, ModelVerification } from '@llama-orch/api-types';
import { verifies } from '@llama-orch/test-kit';
import { tinyModelDigest, tinyModelPath } from '@llama-orch/tiny-model';
import { expect } from 'vitest';
import { postJson, problemOf, startTestService, type TestService } from '../../__fixtures__/test-service.ts';

const MODELS = '/v1/catalog/models';
const REFERENCE = 'file:tiny.gguf';

/** The models folder of a test's service; made beside its artifacts. */
function folderOf({ artifactDirectory }: TestService): string {
  return join(dirname(artifactDirectory), 'models');
}

async function putModel(service: TestService, name = 'tiny.gguf'): Promise<string> {
  const path = join(folderOf(service), name);
  await mkdir(dirname(path), { recursive: true });
  await copyFile(tinyModelPath, path);
  return path;
}

function send(service: TestService, path: string, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return service.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function read<Body>(answer: Promise<Response>): Promise<Body> {
  return (await (await answer).json()) as Body;
}

/** Waits on the stream of events, not on time. */
async function installed(service: TestService, reference = REFERENCE, more: object = {}): Promise<Model> {
  const events = await service.fetch('/v1/events');
  const model = await read<Model>(send(service, MODELS, { model_ref: reference, ...more }));
  if (model.status === 'pulling') await eventOf(events, ({ status }) => status !== undefined && status !== 'pulling');
  await events.body?.cancel().catch(() => undefined);
  return read<Model>(service.fetch(`${MODELS}/${model.model_id}`));
}

async function eventOf(events: Response, isIt: (event: ModelChangedEvent) => boolean): Promise<ModelChangedEvent> {
  let text = '';
  for await (const bytes of events.body ?? new ReadableStream<Uint8Array>()) {
    text += new TextDecoder().decode(bytes as Uint8Array);
    const frames = text.split('\n\n').slice(0, -1);
    for (const frame of frames.filter((one) => one.includes('event: model-changed'))) {
      const event = JSON.parse(frame.slice(frame.indexOf('data: ') + 6)) as ModelChangedEvent;
      if (isIt(event)) return event;
    }
  }
  throw new Error('The stream of events ended.');
}

verifies(
  ['ORCH-1602', 'ORCH-1631', 'ORCH-1613'],
  'a model is added, told of, shown with what it needs, and removed',
  async () => {
    await using service = await startTestService();
    await putModel(service);
    const events = await service.fetch('/v1/events');
    const answer = await send(service, MODELS, { model_ref: 'tiny.gguf', metadata: { note: 'mine' } });
    const added = (await answer.json()) as Model;
    expect([answer.status, answer.headers.get('location')]).toEqual([202, `${MODELS}/${added.model_id}`]);
    const event = await eventOf(events, ({ status }) => status === 'installed');
    expect(schemaValidators.ModelChangedEvent(event)).toBe(true);
    await events.body?.cancel().catch(() => undefined);
    const model = await read<Model>(service.fetch(`${MODELS}/${added.model_id}`));
    expect(model).toMatchObject({
      model_ref: REFERENCE,
      state: 'Active',
      status: 'installed',
      digest: tinyModelDigest,
      architecture: 'llama',
      quantization: 'F16',
      parameter_count: 1_193_088,
      context_tokens: 512,
      device_memory: { context_tokens: 512, context_bytes: 1_048_576 },
      metadata: { note: 'mine' },
    });
    expect((await send(service, MODELS, { model_ref: REFERENCE })).status).toBe(200);
    expect((await read<ModelList>(service.fetch(MODELS))).models).toEqual([model]);
    expect((await service.fetch(`${MODELS}/${model.model_id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await read<ModelList>(service.fetch(MODELS))).models).toEqual([]);
  },
);

verifies(['ORCH-1600', 'ORCH-1601', 'ORCH-1612'], 'bad references and digests are refused with the field', async () => {
  await using service = await startTestService();
  const bad = [
    [{ model_ref: 's3://bucket/m.gguf' }, '$.model_ref'],
    [{ model_ref: 'oci://registry/m' }, '$.model_ref'],
    [{ model_ref: '../m.gguf' }, '$.model_ref'],
    [{ model_ref: 'm.gguf', digest: 'md5:1' }, '$.digest'],
  ] as const;
  for (const [body, field] of bad) {
    expect(await problemOf(await send(service, MODELS, body))).toMatchObject({
      code: 'INVALID_PARAMS',
      details: { field },
    });
  }
  const absolute = await installed(service, 'file:/dev/null');
  expect(absolute).toMatchObject({ status: 'failed', fault: { code: 'INVALID_PARAMS' } });
});

verifies('ORCH-1632', 'a verification reads the file again, is counted, and what differs is not loaded', async () => {
  await using service = await startTestService();
  const path = await putModel(service);
  const { model_id: id } = await installed(service);
  const verify = (): Promise<ModelVerification> => read(send(service, `${MODELS}/${id}/verify`, undefined));
  expect(await verify()).toMatchObject({ verdict: 'match', model: { status: 'installed' } });
  await writeFile(path, 'something else');
  expect(await verify()).toMatchObject({ verdict: 'mismatch', model: { status: 'damaged' } });
  const metrics = await (await service.fetch('/metrics')).text();
  expect(metrics).toContain('catalog_verifications_total{verdict="match"} 1');
  expect(metrics).toContain('catalog_verifications_total{verdict="mismatch"} 1');
});

verifies(
  ['ORCH-1602', 'ORCH-1603'],
  'a model that a pool serves is kept, and retiring it refuses and drains',
  async () => {
    await using service = await startTestService({ pool: { model: REFERENCE, model_refs: ['tiny'] } });
    await putModel(service);
    const { model_id: id, used_by: usedBy } = await installed(service);
    expect(usedBy).toEqual(['mock']);
    const removal = await service.fetch(`${MODELS}/${id}`, { method: 'DELETE' });
    expect([removal.status, (await problemOf(removal)).details]).toEqual([409, { pools: ['mock'] }]);
    await service.submit({ prompt: 'hi', model_ref: 'tiny' });
    const setState = (state: string): Promise<Response> => send(service, `${MODELS}/${id}/state`, { state });
    expect(await read(setState('Retired'))).toMatchObject({ state: 'Retired' });
    for (const model_ref of ['tiny', REFERENCE]) {
      const refused = await postJson(service.fetch, { prompt: 'hi', model_ref });
      expect([refused.status, (await problemOf(refused)).code]).toEqual([410, 'MODEL_DEPRECATED']);
    }
    expect(await read(service.fetch('/v1/pools/mock/health'))).toMatchObject({ draining: true });
    expect(await read(setState('Active'))).toMatchObject({ state: 'Active' });
    await service.submit({ prompt: 'hi', model_ref: 'tiny' });
    expect(await read(service.fetch('/v1/pools/mock/health'))).toMatchObject({ draining: false });
  },
);

verifies('ORCH-1603', 'a pool loads its model from the catalog', async () => {
  const pool = { adapter: 'node-llama-cpp', model: REFERENCE, max_tokens_out: 4, load: 'on_demand' };
  await using service = await startTestService({ pool });
  await putModel(service);
  const { task_id } = await service.submit({ prompt: 'hi' });
  expect(await service.stream(task_id)).toContain(tinyModelDigest);
  const { models } = await read<ModelList>(service.fetch(MODELS));
  expect(models).toMatchObject([{ model_ref: REFERENCE, status: 'installed', used_by: ['mock'] }]);
  expect(models[0]?.last_used_at).toBeDefined();
});

verifies('ORCH-1615', 'the token of the hub is in no answer and no log', async () => {
  const env = { HF_ENDPOINT: 'http://127.0.0.1:9', HF_TOKEN: 'hf_canary' };
  await using service = await startTestService({ env });
  const model = await installed(service, 'hf:org/repo/m.gguf');
  expect(model).toMatchObject({ status: 'failed', fault: { code: 'FETCH_REFUSED' } });
  expect(JSON.stringify(model) + service.logText()).not.toContain('hf_canary');
});
