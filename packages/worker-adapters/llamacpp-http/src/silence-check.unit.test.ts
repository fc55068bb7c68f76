// SPDX-License-Identifier: MIT
import type { HttpAnswer, HttpTransport } from '@llama-orch/adapter-kit';
import { verifies } from '@llama-orch/test-kit';
import type { OrchError } from '@llama-orch/worker-adapter-api';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { checkSilence } from './silence-check.ts';

const LIMIT_MS = 5_000;
const WELL: HttpAnswer = { status: 200, contentType: 'application/json', body: '{}' };

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

interface Check {
  readonly faults: readonly OrchError[];
  readonly questions: readonly (number | undefined)[];
  readonly end: () => void;
}

function check(answer: () => Promise<HttpAnswer>, hasStarted = (): boolean => false): Check {
  const faults: OrchError[] = [];
  const questions: (number | undefined)[] = [];
  const transport: HttpTransport = {
    call({ headersTimeoutMs }) {
      questions.push(headersTimeoutMs);
      return answer();
    },
    stream: () => Promise.reject(new Error('not asked for')),
    close: () => undefined,
  };
  const giveUp = (fault: OrchError): void => void faults.push(fault);
  return { faults, questions, end: checkSilence({ transport, limitMs: LIMIT_MS, hasStarted, giveUp }) };
}

verifies('ORCH-1292', 'a silent engine is asked in time for its answer to be due within the limit', async () => {
  const { faults, questions } = check(() => Promise.reject(new Error('timed out')));
  await vi.advanceTimersByTimeAsync(LIMIT_MS / 2 - 1);
  expect(questions).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(questions).toEqual([LIMIT_MS / 2]);
  expect(faults.map(({ code, details }) => [code, details['reason']])).toEqual([['WORKER_RESET', 'engine_silent']]);
});

verifies('ORCH-1292', 'an engine that says it is well is left alone, however long it takes', async () => {
  const { faults, questions } = check(() => Promise.resolve(WELL));
  await vi.advanceTimersByTimeAsync(LIMIT_MS * 100);
  expect([faults, questions.length]).toEqual([[], 1]);
});

verifies(
  'ORCH-1292',
  'an engine that answers meanwhile is not given up, and one that has begun is not asked',
  async () => {
    let hasBegun = false;
    const question = Promise.withResolvers<HttpAnswer>();
    const late = check(
      () => question.promise,
      () => hasBegun,
    );
    await vi.advanceTimersByTimeAsync(LIMIT_MS / 2);
    hasBegun = true;
    question.reject(new Error('timed out'));
    await vi.advanceTimersByTimeAsync(LIMIT_MS);
    const begun = check(
      () => Promise.reject(new Error('timed out')),
      () => true,
    );
    await vi.advanceTimersByTimeAsync(LIMIT_MS);
    expect([late.faults, begun.faults, begun.questions]).toEqual([[], [], []]);
  },
);

verifies('ORCH-1292', 'a check that was ended asks nothing and accuses nobody', async () => {
  const question = Promise.withResolvers<HttpAnswer>();
  const asked = check(() => question.promise);
  const early = check(() => Promise.reject(new Error('timed out')));
  early.end();
  await vi.advanceTimersByTimeAsync(LIMIT_MS / 2);
  asked.end();
  question.reject(new Error('aborted'));
  await vi.advanceTimersByTimeAsync(LIMIT_MS);
  expect([early.questions, early.faults, asked.faults]).toEqual([[], [], []]);
});
