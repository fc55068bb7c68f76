// SPDX-License-Identifier: MIT
import { requestOf } from '@llama-orch/adapter-kit/testkit';
import { verifies } from '@llama-orch/test-kit';
import { OrchError, type WorkerEnd } from '@llama-orch/worker-adapter-api';
import { expect } from 'vitest';
import { writtenAnswer } from './__fixtures__/written-answer.ts';
import { createStream, toCanceledEnd, toWorkerEnd } from './map-events.ts';

interface Read {
  readonly pieces: readonly string[];
  readonly tokenCount: number;
  readonly end: WorkerEnd;
}

const REQUEST = requestOf('12345678');

/** Reads a written stream in packets of this many bytes. */
function read(name: string, packetBytes = Infinity, request = REQUEST): Read {
  const body = writtenAnswer(`${name}.sse`);
  const pieces: string[] = [];
  let tokenCount = 0;
  const stream = createStream({
    onTokens: (texts, count) => {
      pieces.push(...texts);
      tokenCount += count;
    },
  });
  for (let at = 0; at < body.length; at += packetBytes) stream.push(body.subarray(at, at + packetBytes));
  return { pieces, tokenCount, end: toWorkerEnd(stream.conclude(), request) };
}

function faultOf(run: () => unknown): OrchError {
  try {
    run();
  } catch (error) {
    if (OrchError.is(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const VARIANTS = [
  ['plain', 'Hé', 'stop', 1],
  ['openai', 'Hé du', 'stop', 2],
  ['azure', 'Hé du', 'stop', 2],
  ['ollama', 'Hé du', 'stop', 4],
  ['crlf', 'Hé du', 'stop', 3],
  ['usage-everywhere', 'Hé du', 'stop', 3],
  ['two-data-lines', 'Hé du', 'stop', 1],
  ['no-done', 'Hé du', 'length', 2],
  ['done-alone', 'Hé du', 'stop', 2],
  ['refusal', 'Hé du', 'stop', 2],
  ['reasoning', 'Hé du', 'stop', 3],
  ['text', 'Hé du', 'length', 3],
] as const;

verifies(['ORCH-4564', 'ORCH-1513'], 'every variant gives its text, cut at any byte', () => {
  for (const [name, text, finishReason, tokensOut] of VARIANTS) {
    for (const packetBytes of [Infinity, 1, 2, 3, 7, 64, 1_000]) {
      const { pieces, tokenCount, end } = read(name, packetBytes);
      expect({ name, packetBytes, text: pieces.join(''), ...end }).toMatchObject({
        name,
        text,
        finishReason,
        tokensOut,
      });
      expect(pieces).not.toContain('');
      expect(tokenCount).toBeLessThanOrEqual(tokensOut);
    }
  }
});

verifies(['ORCH-4561', 'ORCH-1513'], 'usage is taken from any chunk, and what was counted here is marked', () => {
  for (const [name, tokensIn, tokensOut, countsEstimated] of [
    ['openai', 9, 2, undefined],
    ['crlf', 9, 3, undefined],
    ['usage-everywhere', 9, 3, undefined],
    ['azure', 2, 2, true],
    ['text', 2, 3, true],
  ] as const) {
    const { end } = read(name);
    expect([name, end.tokensIn, end.tokensOut, end.countsEstimated]).toEqual([
      name,
      tokensIn,
      tokensOut,
      countsEstimated,
    ]);
  }
  expect(read('openai').end.prefixReuse).toBe(true);
});

verifies('ORCH-4561', 'a canceled run tells what was counted until then', () => {
  const stream = createStream({ onTokens: () => undefined });
  expect(toCanceledEnd(stream.conclude(), REQUEST.input)).toMatchObject({ tokensIn: 0, tokensOut: 0 });
  stream.push(writtenAnswer('cut.sse'));
  expect(toCanceledEnd(stream.conclude(), REQUEST.input)).toMatchObject({
    finishReason: 'canceled',
    tokensIn: 2,
    tokensOut: 2,
    countsEstimated: true,
  });
});

verifies(['ORCH-4560', 'ORCH-1513'], 'a stream with neither sign of the end was cut', () => {
  const fault = faultOf(() => read('cut'));
  expect([fault.code, fault.details['breach']]).toEqual(['WORKER_RESET', 'stream_without_end']);
});

verifies('ORCH-4560', '[DONE] alone after as many tokens as were allowed is the bound', () => {
  expect(read('done-alone', Infinity, requestOf('a', { maxTokens: 2 })).end.finishReason).toBe('length');
});

verifies('ORCH-4560', 'the end by a content filter is a refusal', () => {
  const fault = faultOf(() => read('content-filter'));
  expect([fault.code, fault.details]).toEqual(['INVALID_PARAMS', { reason: 'content_filter' }]);
});

verifies('ORCH-4558', 'calls of tools are joined by their index', () => {
  for (const packetBytes of [Infinity, 3]) {
    const { pieces, end } = read('tool-calls', packetBytes);
    expect([pieces, end.finishReason]).toEqual([[], 'tool_calls']);
    expect(end.toolCalls).toEqual([
      { name: 'get_rain', arguments: '{"city":"Genf"}' },
      { name: 'get_snow', arguments: '{}' },
    ]);
  }
});

verifies(
  ['ORCH-4562', 'ORCH-1506'],
  'an error inside a 200 is a fault that keeps the text and shows no message',
  () => {
    for (const [name, code] of [
      ['error-mid-stream', 'WORKER_RESET'],
      ['error-before-done', 'REPLICA_EXHAUSTED'],
      ['error-beside-choices', 'WORKER_RESET'],
      ['event-error', 'POOL_UNREADY'],
      ['event-error-text', 'WORKER_RESET'],
    ] as const) {
      const pieces: string[] = [];
      const stream = createStream({ onTokens: (texts) => pieces.push(...texts) });
      const fault = faultOf(() => stream.push(writtenAnswer(`${name}.sse`)));
      expect([name, fault.code, pieces]).toEqual([name, code, ['Hé']]);
      expect(JSON.stringify([fault.message, fault.details])).not.toContain('secret');
    }
  },
);

verifies('ORCH-4562', 'an event that is not JSON is a reset, and nothing after it is read', () => {
  const stream = createStream({ onTokens: () => undefined });
  const fault = faultOf(() => stream.push(Buffer.from('data: {"choices":[{]}\n\n')));
  expect([fault.code, fault.details['breach']]).toEqual(['WORKER_RESET', 'not_json']);
});
