// SPDX-License-Identifier: MIT
import type { OrchError } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { faultInStream, faultOfAnswer } from './map-fault.ts';

const error = (type: string, code: string | number | null = null): string =>
  JSON.stringify({ error: { message: 'secret prompt', type, param: null, code } });

/** Every documented error, and every shape in which errors come. */
const ROWS: readonly (readonly [title: string, status: number, body: string, code: OrchError['code']])[] = [
  ['a bad request', 400, error('invalid_request_error'), 'INVALID_PARAMS'],
  ['a prompt that is too long', 400, error('invalid_request_error', 'context_length_exceeded'), 'INVALID_PARAMS'],
  ['a wrong key', 401, error('invalid_request_error', 'invalid_api_key'), 'INTERNAL'],
  ['a wrong key as a text', 401, '{"error":"Unauthorized"}', 'INTERNAL'],
  ['a forbidden region', 403, error('permission_error', 'unsupported_country_region_territory'), 'INTERNAL'],
  ['an unknown model', 404, error('invalid_request_error', 'model_not_found'), 'INTERNAL'],
  ['an unknown model of Ollama', 404, error('not_found_error'), 'INTERNAL'],
  ['a conflict', 409, error('invalid_request_error'), 'INVALID_PARAMS'],
  ['a failed validation', 422, '{"detail":[{"loc":["body","top_k"],"msg":"secret prompt"}]}', 'INVALID_PARAMS'],
  ['too fast', 429, error('requests', 'rate_limit_exceeded'), 'REPLICA_EXHAUSTED'],
  ['slow down', 429, error('server_error', 'slow_down'), 'REPLICA_EXHAUSTED'],
  ['out of budget', 429, error('insufficient_quota', 'insufficient_quota'), 'INTERNAL'],
  ['out of budget by type alone', 429, error('insufficient_quota'), 'INTERNAL'],
  ['a billing limit', 429, error('invalid_request_error', 'billing_hard_limit_reached'), 'INTERNAL'],
  ['a billing account', 429, error('billing', 'billing_not_active'), 'INTERNAL'],
  ['a server error', 500, error('server_error'), 'WORKER_RESET'],
  ['an API error of Ollama', 500, error('api_error'), 'WORKER_RESET'],
  ['a proxy without a server', 502, '<html>secret prompt</html>', 'WORKER_RESET'],
  ['overload', 503, error('server_error', 'server_is_overloaded'), 'POOL_UNREADY'],
  ['a server that loads', 503, '', 'POOL_UNREADY'],
  ['a proxy that waited', 504, '', 'DECODE_TIMEOUT'],
  ['the flat shape', 400, '{"object":"error","message":"secret prompt","type":"x","code":40303}', 'INVALID_PARAMS'],
  ['the status as the code', 200, error('Error', 429), 'REPLICA_EXHAUSTED'],
  ['an error inside a 200', 200, error('server_error'), 'WORKER_RESET'],
  ['an answer that is no stream', 200, '{"object":"chat.completion","choices":[]}', 'WORKER_RESET'],
];

verifies(['ORCH-4562', 'ORCH-1506'], 'every documented error has its code, and its text stays with operators', () => {
  for (const [title, status, body, code] of ROWS) {
    const fault = faultOfAnswer({ status, contentType: 'application/json', body });
    expect([title, fault.code]).toEqual([title, code]);
    expect(JSON.stringify([fault.message, fault.details])).not.toContain('secret');
  }
});

verifies('ORCH-4562', 'waiting cures a rate limit and not an empty purse', () => {
  const limited = faultOfAnswer({
    status: 429,
    contentType: '',
    body: error('requests', 'rate_limit_exceeded'),
    retryAfterMs: 700,
  });
  expect([limited.retriable, limited.retryAfterMs]).toEqual([true, 700]);
  expect(faultOfAnswer({ status: 429, contentType: '', body: error('x', 'insufficient_quota') }).details).toEqual({
    reason: 'engine_status',
    status: 429,
    engine_code: 'insufficient_quota',
  });
});

verifies('ORCH-4562', 'a prompt that is too long is named', () => {
  const fault = faultOfAnswer({
    status: 400,
    contentType: '',
    body: error('invalid_request_error', 'context_length_exceeded'),
  });
  expect(fault.details).toMatchObject({ reason: 'context_exceeded', field: '$.prompt' });
});

verifies(['ORCH-4562', 'ORCH-1506'], 'inside a stream the code decides, then the status in it, then the type', () => {
  for (const [event, code] of [
    [{ error: { type: 'server_error', code: 'context_length_exceeded' } }, 'INVALID_PARAMS'],
    [{ error: { type: 'server_error', code: 429 } }, 'REPLICA_EXHAUSTED'],
    [{ error: { type: 'overloaded_error' } }, 'POOL_UNREADY'],
    [{ error: { type: 'authentication_error' } }, 'INTERNAL'],
    [{ error: { message: 'x' } }, 'WORKER_RESET'],
    [{ error: 'no' }, 'WORKER_RESET'],
    ['no object at all', 'WORKER_RESET'],
  ] as const) {
    expect([event, faultInStream(event).code]).toEqual([event, code]);
  }
});
