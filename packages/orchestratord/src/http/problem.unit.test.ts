// SPDX-License-Identifier: MIT
import { schemaValidators } from '@llama-orch/api-schema';
import { ERROR_TABLE, type ErrorCode, type Problem } from '@llama-orch/api-types';
import { verifies } from '@llama-orch/test-kit';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { expect } from 'vitest';
import { problem } from './problem.ts';

const context = { correlationId: 'c-1' };
const JSON_HEADERS = ['Content-Type', 'application/json; charset=utf-8'];

function bodyOf(fault: unknown): Problem {
  const body: unknown = JSON.parse(problem(fault, context).body ?? '');
  if (!schemaValidators.Problem(body)) throw new Error(JSON.stringify(body));
  return body;
}

verifies('ORCH-2041', 'every code has the status and the retriable of its row', () => {
  for (const [code, row] of Object.entries(ERROR_TABLE)) {
    const fault = new OrchError(code as ErrorCode, { details: { field: '$.x' } });
    expect(problem(fault, context).status).toBe(row.http);
    expect(bodyOf(fault)).toMatchObject({
      code,
      retriable: row.retriable,
      message: row.meaning,
      correlation_id: 'c-1',
    });
  }
});

verifies('ORCH-2041', 'an unknown fault says nothing of itself', () => {
  for (const fault of [new Error('secret prompt'), 'secret prompt', undefined, { message: 'secret prompt' }]) {
    const answer = problem(fault, context);
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain('secret');
    expect(bodyOf(fault).code).toBe('INTERNAL');
  }
});

verifies('ORCH-2041', 'the cause of a fault is never shown', () => {
  const fault = new OrchError('WORKER_RESET', { cause: new Error('secret prompt') });
  expect(problem(fault, context).body).not.toContain('secret');
});

verifies('ORCH-2042', 'back-pressure is told in seconds rounded up and in milliseconds', () => {
  const cases = [
    { retryAfterMs: 1, seconds: '1', ms: 1 },
    { retryAfterMs: 1_000, seconds: '1', ms: 1_000 },
    { retryAfterMs: 1_000.2, seconds: '2', ms: 1_001 },
    { retryAfterMs: 0, seconds: '1', ms: 0 },
    { retryAfterMs: undefined, seconds: '1', ms: 1_000 },
  ];
  for (const code of ['ADMISSION_REJECT', 'POOL_UNREADY', 'TOO_MANY_STREAMS'] as const) {
    for (const { retryAfterMs, seconds, ms } of cases) {
      const fault = new OrchError(code, { retryAfterMs });
      const headers = ['Retry-After', seconds, 'X-Backoff-Ms', String(ms)];
      expect(problem(fault, context).headers).toEqual([...JSON_HEADERS, ...headers]);
      expect(bodyOf(fault).retry_after_ms).toBe(ms);
    }
  }
});

verifies('ORCH-2104', 'the policy that refused is named', () => {
  const answer = problem(new OrchError('ADMISSION_REJECT'), { ...context, policyLabel: 'drop-lru' });
  expect(JSON.parse(answer.body ?? '')).toMatchObject({ code: 'ADMISSION_REJECT', policy_label: 'drop-lru' });
});

verifies('ORCH-2061', 'a missing token is told which scheme to use', () => {
  const { headers } = problem(new OrchError('MISSING_TOKEN'), context);
  expect(headers).toEqual([...JSON_HEADERS, 'WWW-Authenticate', 'Bearer']);
});
