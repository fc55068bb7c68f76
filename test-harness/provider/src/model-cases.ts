// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { copyFile, mkdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { tinyModelPath } from '@llama-orch/tiny-model';
import type { ServiceUnderTest } from './service-under-test.ts';

/** A model that the pool of the service is said to serve. */
export const USED_MODEL = 'file:used.gguf';
/** No model has this id. */
export const UNKNOWN_MODEL = '0'.repeat(16);

/** Models of a service, by what can be done with them. */
export interface KnownModels extends AsyncDisposable {
  /** Served by a pool, and installed. */
  readonly used: string;
  /** Installed, and used by nobody. */
  readonly spare: string;
  /** Comes from a server that never answers. */
  readonly coming: string;
}

/** Gives a service its models; the service has to allow the host 127.0.0.1 and its network. */
export async function addModels(service: ServiceUnderTest): Promise<KnownModels> {
  await mkdir(service.modelsDirectory, { recursive: true });
  for (const name of ['used.gguf', 'spare.gguf']) await copyFile(tinyModelPath, join(service.modelsDirectory, name));
  const silent = createServer((socket) => socket.on('error', () => undefined));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const add = async (model_ref: string): Promise<string> => {
    const answer = await service.call('POST', '/v1/catalog/models', { body: { model_ref } });
    return ((await answer.json()) as { model_id: string }).model_id;
  };
  const [used, spare] = [await add(USED_MODEL), await add('file:spare.gguf')];
  for (const id of [used, spare]) await untilInstalled(service, id);
  return {
    used,
    spare,
    coming: await add(`https://127.0.0.1:${port}/model.gguf`),
    async [Symbol.asyncDispose]() {
      silent.close();
    },
  };
}

async function untilInstalled(service: ServiceUnderTest, id: string): Promise<void> {
  for (let status = 'pulling'; status === 'pulling';) {
    const answer = await service.call('GET', `/v1/catalog/models/${id}`);
    ({ status } = (await answer.json()) as { status: string });
  }
}

type Case = readonly [operationId: string, status: number, call: () => Promise<Response>];
type Call = (
  operationId: string,
  init?: { ids?: Record<string, string>; headers?: Record<string, string>; body?: unknown },
) => Promise<Response>;

/** What the operations of the catalog answer, beside what all operations do. */
export function modelCases(call: Call, models: KnownModels, unusable: ServiceUnderTest): readonly Case[] {
  const nowhere = { ids: { model: UNKNOWN_MODEL } };
  const state = { body: { state: 'Active' } };
  const otherDigest = { body: { model_ref: USED_MODEL, digest: `sha256:${'0'.repeat(64)}` } };
  const plain = { body: 'x', headers: { 'content-type': 'text/plain' } };
  const models503 = (method: string, path: string, body?: unknown) => () =>
    unusable.call(method, `/v1/catalog/models${path}`, body === undefined ? {} : { body });
  return [
    ['addModel', 200, () => call('addModel', { body: { model_ref: USED_MODEL } })],
    ['addModel', 202, () => call('addModel', { body: { model_ref: 'file:absent.gguf' } })],
    ['addModel', 413, () => call('addModel', { body: '['.repeat(100) })],
    ['addModel', 415, () => call('addModel', plain)],
    ['addModel', 422, () => call('addModel', otherDigest)],
    ['addModel', 503, models503('POST', '', { model_ref: USED_MODEL })],
    ['listModels', 503, models503('GET', '')],
    ['getModel', 503, models503('GET', `/${UNKNOWN_MODEL}`)],
    ['removeModel', 404, () => call('removeModel', nowhere)],
    ['removeModel', 409, () => call('removeModel')],
    ['removeModel', 204, () => call('removeModel', { ids: { model: models.spare } })],
    ['removeModel', 503, models503('DELETE', `/${UNKNOWN_MODEL}`)],
    ['verifyModel', 409, () => call('verifyModel', { ids: { model: models.coming } })],
    ['verifyModel', 503, models503('POST', `/${UNKNOWN_MODEL}/verify`)],
    ['setModelState', 200, () => call('setModelState', state)],
    ['setModelState', 404, () => call('setModelState', { ...nowhere, ...state })],
    ['setModelState', 413, () => call('setModelState', { body: '['.repeat(100) })],
    ['setModelState', 415, () => call('setModelState', plain)],
    ['setModelState', 503, models503('POST', `/${UNKNOWN_MODEL}/state`, state.body)],
  ];
}
