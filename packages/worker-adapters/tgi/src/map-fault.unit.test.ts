// SPDX-License-Identifier: MIT
import { bodyOf } from '@llama-orch/adapter-kit/testkit';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { writtenAnswer } from './__fixtures__/written-answer.ts';
import { faultOfAnswer, faultOfError } from './map-fault.ts';

const TYPES = [
  [422, 'validation', 'INVALID_PARAMS'],
  [422, 'template_error', 'INVALID_PARAMS'],
  [422, 'tool_error', 'INVALID_PARAMS'],
  [422, 'missing_template_variable', 'INVALID_PARAMS'],
  [424, 'generation', 'WORKER_RESET'],
  [429, 'overloaded', 'REPLICA_EXHAUSTED'],
  [500, 'incomplete_generation', 'WORKER_RESET'],
  [500, 'incomplete_generation_stream', 'WORKER_RESET'],
  [503, 'healthcheck', 'POOL_UNREADY'],
] as const;

verifies(['ORCH-1506', 'ORCH-4624'], 'every error type has its code, in a body and inside a 200', () => {
  for (const [status, type, code] of TYPES) {
    const error = { error: 'secret prompt', error_type: type };
    const answer = { status, contentType: 'application/json', body: JSON.stringify(error) };
    for (const fault of [faultOfAnswer(answer), faultOfError(error)]) {
      expect(fault.code, type).toBe(code);
      expect(fault.details).toMatchObject({ engine_type: type });
      expect(JSON.stringify([fault.message, fault.details])).not.toContain('secret');
      expect((fault.cause as Error).message).toBe('secret prompt');
    }
    expect(faultOfAnswer(answer).details['status']).toBe(status);
  }
});

verifies(['ORCH-1506', 'ORCH-4624'], 'a type nobody knows is judged by its status, inside a 200 as a reset', () => {
  const error = { error: 'x', error_type: 'brand new' };
  const body = JSON.stringify(error);
  expect(faultOfAnswer({ status: 422, contentType: 'application/json', body }).code).toBe('INVALID_PARAMS');
  expect(faultOfError(error).code).toBe('WORKER_RESET');
  expect(faultOfError(error).details).not.toHaveProperty('engine_type');
});

verifies(['ORCH-1506', 'ORCH-4624'], 'plain text and empty bodies are judged by their status', () => {
  for (const [name, status, code] of [
    ['no-key', 401, 'INTERNAL'],
    ['not-json', 400, 'INVALID_PARAMS'],
    ['wrong-type', 422, 'INVALID_PARAMS'],
    ['no-content-type', 415, 'INVALID_PARAMS'],
    ['too-large', 413, 'INVALID_PARAMS'],
  ] as const) {
    const raw = writtenAnswer(name);
    expect(raw.toString()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    const fault = faultOfAnswer({ status, contentType: 'text/plain', body: bodyOf(raw).toString() });
    expect(fault.code, name).toBe(code);
    expect(fault.details).toEqual({ reason: 'engine_status', status });
  }
});

verifies('ORCH-4624', 'a prompt that does not fit says by how much, and nothing else of the sentence', () => {
  const inAll =
    '`inputs` tokens + `max_new_tokens` must be <= 2048. Given: 100 `inputs` tokens and 2000 `max_new_tokens`';
  expect(faultOfError({ error: `Input validation error: ${inAll}`, error_type: 'validation' }).details).toEqual({
    reason: 'context_exceeded',
    status: 422,
    engine_type: 'validation',
    field: '$.prompt',
    prompt_tokens: 100,
    max_tokens: 2000,
    limit: 2048,
  });
  const alone = 'Input validation error: `inputs` must have less than 1024 tokens. Given: 2000';
  expect(faultOfError({ error: alone, error_type: 'validation' }).details).toMatchObject({
    prompt_tokens: 2000,
    limit: 1024,
  });
});

verifies('ORCH-4624', 'a success that is no stream is a broken protocol', () => {
  const fault = faultOfAnswer({ status: 200, contentType: 'text/html', body: '<html>' });
  expect([fault.code, fault.details['breach']]).toEqual(['WORKER_RESET', 'not_event_stream']);
});
