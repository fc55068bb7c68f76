// SPDX-License-Identifier: MIT
import type { HttpAnswer, HttpRequest, HttpTransport } from '@llama-orch/adapter-kit';
import { verifies } from '@llama-orch/test-kit';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { expect } from 'vitest';
import { createSilenceCheck } from './silence-check.ts';

const LIMIT_MS = 5_000;
const never = new AbortController().signal;

function transportOf(call: (request: HttpRequest) => Promise<HttpAnswer>): HttpTransport {
  return { call, stream: () => Promise.reject(new Error('not asked for')), close: () => undefined };
}

verifies('ORCH-1292', 'a silent engine is asked in time for its answer to be due within the limit', async () => {
  const questions: HttpRequest[] = [];
  const transport = transportOf((request) => {
    questions.push(request);
    return Promise.reject(new Error('timed out'));
  });
  const check = createSilenceCheck(transport, LIMIT_MS);
  const fault = await check.ask(never).catch((error: unknown) => error);
  expect(check.afterMs).toBe(LIMIT_MS / 2);
  expect(questions).toEqual([{ method: 'GET', path: '/health', headersTimeoutMs: LIMIT_MS / 2 }]);
  if (!OrchError.is(fault)) throw fault;
  expect([fault.code, fault.details]).toEqual(['WORKER_RESET', { reason: 'engine_silent', limit_ms: LIMIT_MS }]);
});

verifies('ORCH-1292', 'an engine that says anything to it is well', async () => {
  for (const status of [200, 503]) {
    const transport = transportOf(() => Promise.resolve({ status, contentType: 'application/json', body: '{}' }));
    await expect(createSilenceCheck(transport, LIMIT_MS).ask(never)).resolves.toBeUndefined();
  }
});
