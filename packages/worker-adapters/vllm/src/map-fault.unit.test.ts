// SPDX-License-Identifier: MIT
import type { OrchError } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { faultInStream, faultOfAnswer } from './map-fault.ts';

const error = (type: string, code: number, param: string | null = null): string =>
  JSON.stringify({ error: { message: 'secret prompt', type, param, code } });
const flat = (type: string, code: number): string =>
  JSON.stringify({ object: 'error', message: 'secret prompt', type, param: null, code });

/** Every documented error, in every shape it comes in. */
const ROWS: readonly (readonly [title: string, status: number, body: string, code: OrchError['code']])[] = [
  ['a bad value', 400, error('BadRequestError', 400), 'INVALID_PARAMS'],
  ['a bad value, before August 2025', 400, flat('BadRequestError', 400), 'INVALID_PARAMS'],
  ['a schema error', 400, error('Bad Request', 400, 'body.messages'), 'INVALID_PARAMS'],
  ['a wrong key', 401, '{"error":"Unauthorized"}', 'INTERNAL'],
  ['an unknown model', 404, error('NotFoundError', 404, 'model'), 'INTERNAL'],
  ['an unknown route', 404, '{"detail":"Not Found"}', 'INTERNAL'],
  ['a route with another method', 405, '{"detail":"Method Not Allowed"}', 'INTERNAL'],
  ['an image that cannot be reached', 422, error('UnprocessableEntityError', 422), 'INVALID_PARAMS'],
  ['an engine error', 500, error('InternalServerError', 500), 'WORKER_RESET'],
  ['an API the model has not', 501, error('NotImplementedError', 501), 'INVALID_PARAMS'],
  ['scaling', 503, '{"error":"The model is currently scaling. Please try again later."}', 'POOL_UNREADY'],
  ['a proxy that limits', 429, '<html>secret prompt</html>', 'REPLICA_EXHAUSTED'],
  ['a proxy without an engine', 502, '<html>secret prompt</html>', 'WORKER_RESET'],
  ['a proxy that waited', 504, '', 'DECODE_TIMEOUT'],
  ['an error inside a 200', 200, error('InternalServerError', 500), 'WORKER_RESET'],
  ['an answer that is no stream', 200, '{"object":"text_completion"}', 'WORKER_RESET'],
];

verifies(['ORCH-4513', 'ORCH-1506'], 'every documented error has its code, and its text stays with operators', () => {
  for (const [title, status, body, code] of ROWS) {
    const fault = faultOfAnswer({ status, contentType: 'application/json', body });
    expect([title, fault.code]).toEqual([title, code]);
    expect(JSON.stringify([fault.message, fault.details])).not.toMatch(/secret|scaling/);
  }
});

verifies(['ORCH-4513', 'ORCH-1506'], 'inside a stream the code decides, then the type', () => {
  for (const [event, code] of [
    [{ error: { message: '', type: 'InternalServerError', code: 500 } }, 'WORKER_RESET'],
    [{ error: { message: '', type: 'BadRequestError', code: 400 } }, 'INVALID_PARAMS'],
    [{ error: { message: '', type: 'BadRequestError' } }, 'INVALID_PARAMS'],
    [{ error: { message: '', type: 'NotFoundError', code: null } }, 'INTERNAL'],
    [{ error: { message: '', type: 'SomethingNew' } }, 'WORKER_RESET'],
    [{ object: 'error', message: '', type: 'BadRequestError', code: 400 }, 'INVALID_PARAMS'],
    [{ error: 'no' }, 'WORKER_RESET'],
    ['no object at all', 'WORKER_RESET'],
  ] as const) {
    expect([event, faultInStream(event).code]).toEqual([event, code]);
  }
});

verifies('ORCH-4513', 'what a proxy asks for is passed on, and what the engine said is kept as the cause', () => {
  const fault = faultOfAnswer({ status: 429, contentType: '', body: 'slow down', retryAfterMs: 1_500 });
  expect([fault.retryAfterMs, (fault.cause as Error).message]).toEqual([1_500, 'slow down']);
});
