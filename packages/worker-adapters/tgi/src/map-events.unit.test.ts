// SPDX-License-Identifier: MIT
import { bodyOf, eventsOf, requestOf } from '@llama-orch/adapter-kit/testkit';
import { OrchError, type WorkerEnd } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { writtenAnswer } from './__fixtures__/written-answer.ts';
import { GenerationStream } from './map-events.ts';

interface Read {
  readonly calls: { readonly texts: readonly string[]; readonly count: number }[];
  readonly stream: GenerationStream;
}

function read(packets: readonly Buffer[], stop: readonly string[] = []): Read {
  const calls: Read['calls'] = [];
  const { sampling, ...request } = requestOf('a');
  const stream = new GenerationStream(
    { ...request, sampling: { ...sampling, stop } },
    { onTokens: (texts, count) => calls.push({ texts, count }) },
  );
  for (const packet of packets) stream.push(packet);
  return { calls, stream };
}

const textOf = ({ calls }: Read): string => calls.flatMap(({ texts }) => texts).join('');
const countOf = ({ calls }: Read): number => calls.reduce((sum, { count }) => sum + count, 0);
const bodyNamed = (name: string): Buffer => bodyOf(writtenAnswer(name));

function faultOf(run: () => unknown): OrchError {
  try {
    run();
  } catch (error) {
    if (OrchError.is(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const ENDS: readonly (readonly [name: string, text: string, end: Partial<WorkerEnd>])[] = [
  ['length', ', there', { finishReason: 'length', tokensIn: 2, tokensOut: 2 }],
  ['eos', 'rain on tin', { finishReason: 'stop', tokensIn: 5, tokensOut: 4 }],
  ['utf8', '雨 🌧', { finishReason: 'stop', tokensIn: 3, tokensOut: 7 }],
  ['keep-alive', 'rain', { finishReason: 'stop', tokensIn: 2, tokensOut: 2 }],
  ['v2-no-space', 'rain', { finishReason: 'stop', tokensIn: 0, tokensOut: 2 }],
  ['u64-seed', 'rain', { finishReason: 'length', tokensIn: 2, tokensOut: 1 }],
];

verifies(['ORCH-4620', 'ORCH-4623', 'ORCH-1511'], 'answers join to their texts and ends, cut at any byte', () => {
  for (const [name, text, end] of ENDS) {
    const body = bodyNamed(name);
    for (let cut = 0; cut <= body.length; cut += 1) {
      const whole = read([body.subarray(0, cut), body.subarray(cut)]);
      expect(textOf(whole), `${name} cut at ${cut}`).toBe(text);
      expect(whole.stream.conclude()).toMatchObject(end);
      expect(countOf(whole)).toBeLessThanOrEqual(end.tokensOut ?? 0);
    }
  }
});

verifies('ORCH-4620', 'special tokens and halves of characters are no pieces, and count as tokens', () => {
  expect(read([bodyNamed('eos')]).calls).toEqual([{ texts: ['rain', ' on', ' tin'], count: 4 }]);
  expect(read([bodyNamed('utf8')]).calls).toEqual([{ texts: ['雨', ' ', '🌧'], count: 7 }]);
});

verifies('ORCH-4620', 'a keep-alive is no progress', () => {
  const { stream } = read([]);
  stream.push(Buffer.from(':\n\n'));
  expect(stream.eventCount).toBe(0);
  expect(stream.hasStarted).toBe(false);
  stream.push(bodyNamed('keep-alive'));
  expect(stream.eventCount).toBeGreaterThan(0);
});

verifies('ORCH-4621', 'a stream without its last event is a reset, and so is one that goes on after it', () => {
  const body = bodyNamed('length').toString();
  const first = body.slice(0, body.indexOf('data: {"index":2'));
  expect(faultOf(() => read([Buffer.from(first)]).stream.conclude()).details).toMatchObject({
    breach: 'stream_without_end',
  });
  expect(faultOf(() => read([Buffer.from(body + first)])).details).toMatchObject({ breach: 'unexpected_event' });
});

verifies('ORCH-4621', 'text that only the last event holds is passed on', () => {
  expect(textOf(read([bodyNamed('held-text')]))).toBe('rain \ufffd');
});

verifies(['ORCH-4622', 'ORCH-1511'], 'the matched stop text is cut, wherever tokens cut it', () => {
  const body = bodyNamed('stop-sequence');
  for (let cut = 0; cut <= body.length; cut += 1) {
    const whole = read([body.subarray(0, cut), body.subarray(cut)], ['END']);
    expect(textOf(whole)).toBe('rain ');
    expect(whole.stream.conclude()).toMatchObject({ finishReason: 'stop', tokensOut: 3 });
  }
  expect(textOf(read([body], ['ENDE']))).toBe('rain END');
  // A stop text in the last token that the bound allows.
  const bounded = read([bodyNamed('length')], ['there']);
  expect([textOf(bounded), bounded.stream.conclude().finishReason]).toEqual([', ', 'stop']);
});

verifies('ORCH-4623', 'a last event without details is a reset', () => {
  expect(faultOf(() => read([bodyNamed('no-details')])).details).toMatchObject({ breach: 'unexpected_event' });
});

verifies('ORCH-4623', 'a canceled end tells what was counted until then', () => {
  const body = bodyNamed('eos').toString();
  const { stream } = read([Buffer.from(body.slice(0, body.indexOf('data: {"index":3')))]);
  expect(stream.canceledEnd()).toMatchObject({ finishReason: 'canceled', tokensOut: 2 });
});

verifies('ORCH-4620', 'nonsense in an event is a reset, after the pieces before it', () => {
  const token = { index: 1, token: { id: 1, text: 'a', logprob: -1, special: false }, generated_text: null };
  for (const nonsense of ['not json', 'null', '[DONE]', '{"index":2}', '{"token":{"id":1,"text":5}}']) {
    const calls: string[] = [];
    const stream = new GenerationStream(requestOf('a'), { onTokens: (texts) => calls.push(...texts) });
    const fault = faultOf(() => stream.push(Buffer.from(eventsOf([token, nonsense]))));
    expect(fault.code, nonsense).toBe('WORKER_RESET');
    expect(calls).toEqual(['a']);
  }
});
