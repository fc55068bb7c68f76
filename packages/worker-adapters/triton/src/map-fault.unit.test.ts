// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { faultOfAnswer, faultOfError } from './map-fault.ts';

const MISSING =
  "expected number of inputs between 2 and 33 but got 1 inputs for model 'ensemble'. Got input(s) ['text_input'], but missing required input(s) ['max_tokens']. Please provide all required input(s).";

const SENTENCES = [
  [503, 'Exceeds maximum queue size', 'REPLICA_EXHAUSTED'],
  [503, 'Request timeout expired', 'DECODE_TIMEOUT'],
  [503, 'Server not ready', 'POOL_UNREADY'],
  [503, 'Server exiting', 'POOL_UNREADY'],
  [400, 'Model version not ready', 'POOL_UNREADY'],
  [404, "Request for unknown model: 'M' has no available versions", 'POOL_UNREADY'],
  [503, "Request for unknown model: 'M' version 1 is not at ready state", 'POOL_UNREADY'],
  [400, "Request for unknown model: 'M' is not found", 'INTERNAL'],
  [400, MISSING, 'INTERNAL'],
  [400, 'failed to parse the request JSON buffer: Invalid value. at 0', 'INTERNAL'],
  [400, "parameter 'x' has invalid type. It should be either 'int', 'bool', or 'string'.", 'INTERNAL'],
  [501, "HTTP end point doesn't support models with decoupled transaction policy", 'INTERNAL'],
  [200, 'generate expects model to produce exactly 1 response, use generate stream', 'INTERNAL'],
  [400, 'Request cancelled by client', 'WORKER_RESET'],
  [500, 'Executor failed', 'WORKER_RESET'],
] as const;

/** Sentences that mean nothing but their status. */
const STATUSES = [
  [400, 'INVALID_PARAMS'],
  [403, 'INTERNAL'],
  [404, 'INTERNAL'],
  [405, 'INTERNAL'],
  [500, 'WORKER_RESET'],
  [503, 'POOL_UNREADY'],
] as const;

const answerOf = (status: number, body: string) => ({ status, contentType: 'application/json', body });

verifies(
  ['ORCH-1506', 'ORCH-4675'],
  'every documented sentence has its code: as JSON, as an event, with a request id',
  () => {
    for (const [status, sentence, code] of SENTENCES) {
      for (const error of [sentence, `[request id: r1] ${sentence}`, `[request id: <id_unknown>] ${sentence}`]) {
        const json = JSON.stringify({ error });
        expect(faultOfAnswer(answerOf(status, json)).code, error).toBe(code);
        expect(faultOfAnswer(answerOf(status, `data: ${json}\n\n`)).code, error).toBe(code);
      }
    }
  },
);

verifies(['ORCH-1506', 'ORCH-4675'], 'inside a stream the sentence alone decides', () => {
  for (const [, sentence, code] of SENTENCES) expect(faultOfError(sentence).code, sentence).toBe(code);
  expect(faultOfError('anything else').code).toBe('WORKER_RESET');
});

verifies(['ORCH-1506', 'ORCH-4675'], 'other sentences, and answers of gateways, are judged by their status', () => {
  for (const [status, code] of STATUSES) {
    expect(faultOfAnswer(answerOf(status, '{"error":"brand new"}')).code, `${status}`).toBe(code);
    expect(faultOfAnswer(answerOf(status, '<html>')).code, `${status}`).toBe(code);
  }
  expect(faultOfAnswer(answerOf(200, '<html>')).details).toMatchObject({ breach: 'not_event_stream' });
});

verifies(
  ['ORCH-1506', 'ORCH-4675'],
  'the words of the engine stay with operators, and words of a prompt decide nothing',
  () => {
    const fault = faultOfError('Prompt too long: "Server not ready" secret', { status: 400 });
    expect(fault.code).toBe('INVALID_PARAMS');
    expect(JSON.stringify([fault.message, fault.details])).not.toContain('secret');
    expect((fault.cause as Error).message).toContain('secret');
  },
);
