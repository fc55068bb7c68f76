// SPDX-License-Identifier: MIT
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { schemaValidators } from '@llama-orch/api-schema';
import type { Problem, TaskAccepted, TaskRequest } from '@llama-orch/api-types';
import { configOf, type Environment } from '../config/load-config.ts';
import { startService, type RunningService } from '../service.ts';
import { createLogger } from '../telemetry/log.ts';
import { sendRaw, type RawAnswer } from './raw-http.ts';

/** A service on the mock engine, at a free loopback port. */
export interface TestService extends AsyncDisposable {
  readonly service: RunningService;
  readonly url: string;
  readonly port: number;
  /** Where its artifacts lie. */
  readonly artifactDirectory: string;
  /** Everything that was logged, as text. */
  logText(): string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** `POST /v1/tasks` that must be accepted. */
  submit(body: TaskRequest): Promise<TaskAccepted>;
  /** The whole stream of a task, when it has ended. */
  stream(taskId: string, headers?: Record<string, string>): Promise<string>;
  /** Bytes on a connection of their own. */
  raw(bytes: string | Buffer): Promise<RawAnswer>;
}

/** What a test asks for. */
export interface TestServiceOptions {
  /** Sections of the configuration. */
  readonly config?: Record<string, unknown>;
  /** Keys of the one pool. */
  readonly pool?: Record<string, unknown>;
  readonly env?: Environment;
}

/** A pool whose engine fails at once and for good; one of ours is tried again for seconds before it counts as failed. */
export const UNREACHABLE_ENGINE = { adapter: 'llamacpp-http', base_url: 'http://127.0.0.1:1' };

/** Starts a service whose only pool, `mock`, is ready. */
export async function startTestService({ config, pool, env = {} }: TestServiceOptions = {}): Promise<TestService> {
  const lines: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      lines.push(line);
      done();
    },
  });
  const raw = {
    pools: [{ id: 'mock', adapter: 'mock', ...pool }],
    shutdown: { grace_ms: 0 },
    log: { level: 'debug' },
    ...config,
    listen: { port: 0, ...(config?.['listen'] as object | undefined) },
  };
  const state = await mkdtempDisposable(join(tmpdir(), 'service-'));
  const loaded = configOf(raw, { env: { XDG_STATE_HOME: state.path, ...env }, folder: state.path });
  const secrets = loaded.token === undefined ? [] : [loaded.token];
  const logger = createLogger({ level: loaded.config.log.level, format: 'json', stream, secrets });
  const service = await startService(loaded, logger).catch(async (error: unknown) => {
    await state.remove();
    throw error;
  });
  await service.settled;
  const port = Number(new URL(service.url).port);
  const call = (path: string, init?: RequestInit): Promise<Response> => fetch(new URL(path, service.url), init);
  return {
    service,
    url: service.url,
    port,
    artifactDirectory: loaded.artifactDirectory,
    logText: () => lines.join(''),
    fetch: call,
    submit: (body) => submit(call, body),
    stream: async (taskId, headers = {}) => (await call(`/v1/tasks/${taskId}/stream`, { headers })).text(),
    raw: (bytes) => sendRaw(port, bytes),
    async [Symbol.asyncDispose]() {
      await service.stop('the test is over');
      await state.remove();
    },
  };
}

async function submit(call: TestService['fetch'], body: TaskRequest): Promise<TaskAccepted> {
  const answer = await postJson(call, body);
  const accepted: unknown = await answer.json();
  if (answer.status !== 202 || !schemaValidators.TaskAccepted(accepted)) {
    throw new Error(`The task was not accepted: ${answer.status} ${JSON.stringify(accepted)}`);
  }
  return accepted;
}

/** `POST /v1/tasks` with any body. */
export function postJson(call: TestService['fetch'], body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return call('/v1/tasks', { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
}

/** The problem of a refusal; throws when the body is not one. */
export async function problemOf(answer: Response): Promise<Problem> {
  const body: unknown = await answer.json();
  if (!schemaValidators.Problem(body)) throw new Error(`Not a problem: ${JSON.stringify(body)}`);
  return body;
}
