// SPDX-License-Identifier: MIT
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { configOf, createLogger, startService } from '@llama-orch/orchestratord';

/** A service on the mock engine with one pool, `haiku`. */
export interface ServiceUnderTest extends AsyncDisposable {
  /** Where its artifacts lie. */
  readonly artifactDirectory: string;
  /** Where its models lie, unless the configuration says otherwise. */
  readonly modelsDirectory: string;
  call(method: string, path: string, init?: { headers?: Record<string, string>; body?: unknown }): Promise<Response>;
  /** Submits and resolves with the task id. */
  submit(body: object): Promise<string>;
  /** Reads a task's stream until it ends. */
  finish(taskId: string): Promise<string>;
}

/** What never ends by itself. */
export const HANGING_PROMPT = '[[mock tokens=9 fault=hang at=1]]';

/** Starts a service with these sections of configuration; the token, when given, is not sent by `call`. */
export async function startServiceUnderTest(
  config: { readonly artifacts?: object; readonly [section: string]: unknown } = {},
  pool: object = {},
  token = '',
): Promise<ServiceUnderTest> {
  const { artifacts, ...sections } = config;
  const directory = await mkdtemp(join(tmpdir(), 'llama-orch-provider-'));
  const artifactDirectory = join(directory, 'artifacts');
  const modelsDirectory = join(directory, 'llama-orch', 'models');
  const raw = {
    listen: { port: 0 },
    shutdown: { grace_ms: 0 },
    store: { backend: 'memory' },
    artifacts: { directory: artifactDirectory, ...artifacts },
    pools: [{ id: 'haiku', adapter: 'mock', slots: 1, ...pool }],
    ...sections,
  };
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const logger = createLogger({ level: 'error', format: 'json', stream: nowhere, secrets: [] });
  const service = await startService(
    configOf(raw, { env: { LLORCH_API_TOKEN: token, XDG_STATE_HOME: directory }, folder: directory }),
    logger,
  );
  await service.settled;
  const call: ServiceUnderTest['call'] = (method, path, { headers = {}, body } = {}) => {
    const isJson = body !== undefined && !Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    const all = isJson ? { ...headers, 'content-type': 'application/json' } : headers;
    return fetch(new URL(path, service.url), { method, headers: all, body: text });
  };
  return {
    artifactDirectory,
    modelsDirectory,
    call,
    async submit(body) {
      const answer = (await (await call('POST', '/v1/tasks', { body })).json()) as { task_id?: string };
      if (answer.task_id === undefined) throw new Error(JSON.stringify(answer));
      return answer.task_id;
    },
    finish: async (taskId) => (await call('GET', `/v1/tasks/${taskId}/stream`)).text(),
    async [Symbol.asyncDispose]() {
      await service.stop('the test is over');
      await rm(directory, { recursive: true });
    },
  };
}
