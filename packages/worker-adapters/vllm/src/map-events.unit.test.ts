// SPDX-License-Identifier: MIT
import { OrchError, type WorkerEnd } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { writtenAnswer } from './__fixtures__/written-answer.ts';
import { createStream, toCanceledEnd, toWorkerEnd } from './map-events.ts';

interface Read {
  readonly text: string;
  readonly tokenCount: number;
  readonly end: WorkerEnd;
}

/** Reads a written stream in packets of this many bytes. */
function read(name: string, packetBytes = Infinity): Read {
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
  return { text: pieces.join(''), tokenCount, end: toWorkerEnd(stream.conclude()) };
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

const TEXTS = [
  ['chat', 'Hello!', 'length', 2],
  ['chat-running-usage', 'Regen "auf" 🌧é\n\\end', 'stop', 7],
  ['completion', 'Rain on tin', 'stop', 4],
  ['reasoning', 'rain', 'stop', 6],
  ['reasoning-2025', 'rain', 'stop', 5],
  ['repetition', 'la la', 'stop', 2],
  ['no-done', 'Rain', 'stop', 2],
] as const;

verifies(['ORCH-4510', 'ORCH-1510'], 'written streams join to the texts in them, cut at any byte', () => {
  for (const [name, text, finishReason, tokensOut] of TEXTS) {
    for (const packetBytes of [Infinity, 1, 2, 3, 7, 64, 1_000]) {
      const { end, ...all } = read(name, packetBytes);
      expect({ name, packetBytes, text: all.text, ...end }).toMatchObject({ name, text, finishReason, tokensOut });
      expect(all.tokenCount).toBeLessThanOrEqual(tokensOut);
    }
  }
});

verifies('ORCH-4510', 'the role chunk, thoughts, empty chunks and the usage chunk are no pieces', () => {
  for (const [name, count] of [
    ['chat', 2],
    ['chat-running-usage', 4],
    ['reasoning', 1],
    ['tool-calls', 0],
  ] as const) {
    const pieces: string[] = [];
    createStream({ onTokens: (texts) => pieces.push(...texts) }).push(writtenAnswer(`${name}.sse`));
    expect([name, pieces.length]).toEqual([name, count]);
    expect(pieces).not.toContain('');
  }
});

verifies('ORCH-4511', 'counts are the running usage of the engine, also for chunks of several tokens', () => {
  const calls: (readonly [string, number])[] = [];
  const stream = createStream({ onTokens: (texts, count) => calls.push([texts.join('|'), count]) });
  for (const event of writtenAnswer('chat-running-usage.sse').toString().split('\n\n').slice(0, 5)) {
    stream.push(Buffer.from(`${event}\n\n`));
  }
  expect(calls).toEqual([
    ['Re', 1],
    ['gen "auf"', 2],
    [' 🌧é', 2],
  ]);
  expect(toCanceledEnd(stream.conclude())).toMatchObject({ finishReason: 'canceled', tokensIn: 9, tokensOut: 5 });
});

verifies('ORCH-4511', 'prompt tokens and reuse of a prefix are what the usage chunk says', () => {
  expect(read('chat-running-usage').end).toMatchObject({ tokensIn: 9, prefixReuse: true });
  expect(read('chat').end).toMatchObject({ tokensIn: 9, prefixReuse: false });
});

verifies('ORCH-4506', 'calls of tools are joined from their parts', () => {
  for (const packetBytes of [Infinity, 5]) {
    const { text, tokenCount, end } = read('tool-calls', packetBytes);
    expect([text, tokenCount >= 15]).toEqual(['', true]);
    expect(end).toMatchObject({ finishReason: 'tool_calls', tokensOut: 16 });
    expect(end.toolCalls).toEqual([
      { name: 'get_rain', arguments: '{"city": "Zürich"}' },
      { name: 'get_snow', arguments: '{}' },
    ]);
  }
});

verifies(
  ['ORCH-4512', 'ORCH-1506', 'ORCH-1510'],
  'an error before [DONE] is a fault that keeps the text and shows no message',
  () => {
    for (const [name, code] of [
      ['error-mid-stream', 'WORKER_RESET'],
      ['error-mid-stream-400', 'INVALID_PARAMS'],
      ['error-mid-stream-2025', 'WORKER_RESET'],
    ] as const) {
      const pieces: string[] = [];
      const stream = createStream({ onTokens: (texts) => pieces.push(...texts) });
      const fault = faultOf(() => stream.push(writtenAnswer(`${name}.sse`)));
      expect([name, fault.code, pieces[0]]).toEqual([name, code, 'Rain']);
      expect(JSON.stringify([fault.message, fault.details])).not.toMatch(/secret|EngineCore/);
    }
  },
);

verifies('ORCH-4512', 'a stream without its finish chunk was cut, [DONE] or not', () => {
  for (const name of ['cut', 'done-alone']) {
    const fault = faultOf(() => read(name));
    expect([name, fault.code, fault.details['breach']]).toEqual([name, 'WORKER_RESET', 'stream_without_end']);
  }
});

verifies('ORCH-4512', 'a generation that the engine gave up is a reset', () => {
  expect(faultOf(() => read('abort')).details).toEqual({ reason: 'engine_aborted' });
});

verifies('ORCH-4512', 'nonsense is a reset', () => {
  const chunk = writtenAnswer('completion.sse').toString().split('\n\n')[0] ?? '';
  for (const [bytes, breach] of [
    ['data: {"choices":\n\n', 'not_json'],
    ['data: 7\n\n', 'not_json'],
    ['data: {"id":"x"}\n\n', 'unexpected_event'],
    [`data: [DONE]\n\n${chunk}\n\n`, 'unexpected_event'],
    [`${chunk.replace('"finish_reason":null', '"finish_reason":"stop"')}\n\n${chunk}\n\n`, 'unexpected_event'],
    [Buffer.from([0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0x0a, 0x0a]), 'not_utf8'],
  ] as const) {
    const fault = faultOf(() => createStream({ onTokens: () => undefined }).push(Buffer.from(bytes)));
    expect([String(bytes), fault.code, fault.details['breach']]).toEqual([String(bytes), 'WORKER_RESET', breach]);
  }
});
