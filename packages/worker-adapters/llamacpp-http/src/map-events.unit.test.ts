// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { propertyRun, verifies } from '@llama-orch/test-kit';
import fc from 'fast-check';
import { expect } from 'vitest';
import { answerBody } from './__fixtures__/recorded-answer.ts';
import { CompletionStream, cutPiece } from './map-events.ts';

const HAIKU = 'rain on the cricket\nthe peach and the cricket turn\nthe sunbeam in rain';

interface Read {
  readonly calls: { readonly texts: readonly string[]; readonly count: number }[];
  readonly stream: CompletionStream;
}

function read(packets: readonly Buffer[]): Read {
  const calls: Read['calls'] = [];
  const stream = new CompletionStream({ onTokens: (texts, count) => calls.push({ texts, count }) });
  for (const packet of packets) stream.push(packet);
  return { calls, stream };
}

const textOf = ({ calls }: Read): string => calls.flatMap(({ texts }) => texts).join('');
const countOf = ({ calls }: Read): number => calls.reduce((sum, { count }) => sum + count, 0);

const cutText = (data: string): string | undefined =>
  cutPiece({ bytes: Buffer.from(`<${data}>`), start: 1, end: Buffer.byteLength(data) + 1 });

function faultOf(run: () => unknown): OrchError {
  try {
    run();
  } catch (error) {
    if (OrchError.is(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

verifies('ORCH-4310', 'recorded answers join to the texts the engine wrote, cut at any byte', () => {
  for (const [name, text] of [
    ['recorded/end-of-text', HAIKU],
    ['recorded/utf8', '雨 🌧 ü'],
    ['recorded/escapes', '"a\n\\b\t"'],
    ['written/2024-completion', 'rain on\n'],
  ] as const) {
    const body = answerBody(name);
    for (let cut = 0; cut <= body.length; cut += 1) {
      const whole = read([body.subarray(0, cut), body.subarray(cut)]);
      expect(textOf(whole), `${name} cut at ${cut}`).toBe(text);
      expect(whole.stream.conclude().finishReason).toBe('stop');
    }
  }
});

verifies('ORCH-4310', 'events without text produce no piece', () => {
  const { calls } = read([answerBody('recorded/end-of-text')]);
  expect(calls.flatMap(({ texts }) => texts)).not.toContain('');
});

verifies('ORCH-4311', 'cutting the text out equals parsing, for any text', () => {
  const heads = [{ index: 0 }, {}];
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...heads), fc.boolean(), (content, head, stop) => {
      const data = JSON.stringify({ ...head, content, tokens: [1], stop, id_slot: -1, tokens_predicted: 3 });
      expect(cutText(data)).toBe(stop ? undefined : content);
    }),
    propertyRun,
  );
});

verifies('ORCH-4311', 'plain token events of the engine take the fast path', () => {
  const events = answerBody('recorded/limit').toString().split('\n\n').filter(Boolean);
  const pieces = events.map((event) => cutText(event.slice('data: '.length)));
  expect(pieces).toEqual(['', '', 'rain', ' on', ' the', ' cricket', '\n', undefined]);
});

verifies('ORCH-4312', 'all pieces of one packet reach the sink in one call', () => {
  const { calls } = read([answerBody('recorded/limit')]);
  expect(calls).toEqual([{ texts: ['rain', ' on', ' the', ' cricket', '\n'], count: 5 }]);
});

verifies('ORCH-4312', 'tokens are counted by the engine, not by events', () => {
  const whole = read([answerBody('recorded/utf8')]);
  expect(whole.calls).toEqual([{ texts: ['雨', ' ', '🌧', ' ', 'ü'], count: 11 + 1 }]);
  const events = answerBody('recorded/utf8')
    .toString()
    .split(/(?<=\n\n)/);
  const single = read(events.map((event) => Buffer.from(event)));
  expect(single.calls.map(({ count }) => count)).toEqual([3, 1, 4, 1, 2]);
});

verifies('ORCH-4312', 'builds that do not count are counted by pieces', () => {
  expect(countOf(read([answerBody('written/2024-completion')]))).toBe(3);
});

verifies('ORCH-4313', 'a stream without its last event is a reset', () => {
  const body = answerBody('recorded/limit').toString();
  const cut = read([Buffer.from(body.slice(0, body.lastIndexOf('data: ')))]);
  expect(faultOf(() => cut.stream.conclude()).details).toMatchObject({ breach: 'stream_without_end' });
});

verifies('ORCH-4314', 'every stop reason of every build is understood', () => {
  const reasons = ['recorded/end-of-text', 'recorded/limit', 'recorded/stop-word', 'written/2024-completion'].map(
    (name) => read([answerBody(name)]).stream.conclude().finishReason,
  );
  expect(reasons).toEqual(['stop', 'length', 'stop', 'stop']);
  expect(read([answerBody('written/2024-limit')]).stream.conclude().finishReason).toBe('length');
});

verifies('ORCH-4316', 'counts, times and prefix reuse are those of the engine', () => {
  const recorded = read([answerBody('recorded/limit')]).stream.conclude();
  const timings = /"prompt_ms":([\d.]+).*"predicted_ms":([\d.]+)/.exec(answerBody('recorded/limit').toString());
  expect(recorded).toMatchObject({ tokensIn: 14, tokensOut: 5, prefixReuse: false });
  expect(recorded.decodeTimeMs).toBeCloseTo(Number(timings?.[1]) + Number(timings?.[2]), 9);
  const reused = read([answerBody('written/2024-completion')]).stream.conclude();
  expect(reused).toMatchObject({ tokensIn: 14, tokensOut: 4, decodeTimeMs: 10, prefixReuse: true });
});

verifies('ORCH-4316', 'a canceled end tells what was counted until then', () => {
  const body = answerBody('recorded/limit').toString();
  const { stream } = read([Buffer.from(body.slice(0, body.indexOf('data: {"index":0,"content":" cricket"')))]);
  expect(stream.canceledEnd()).toMatchObject({ finishReason: 'canceled', tokensIn: 14, tokensOut: 3 });
});

const TOKEN = 'data: {"index":0,"content":"a","tokens":[1],"stop":false,"tokens_predicted":1,"tokens_evaluated":2}\n\n';
const LAST = 'data: {"content":"","stop":true,"stop_type":"eos","tokens_predicted":1,"tokens_evaluated":2}\n\n';

verifies('ORCH-4317', 'nonsense in an event is a reset, after the pieces before it', () => {
  for (const nonsense of [
    'data: not json\n\n',
    'data: {"index":0,"content":"x","stop":false\n\n',
    'data: {"index":0,"content":5,"stop":false}\n\n',
    'data: {"index":0,"content":"x"}\n\n',
    'data: {"index":0,"content":"x\u0000","stop":false}\n\n',
    'data: {"index":0,"content":"x\ty","stop":false}\n\n',
    'data: null\n\n',
    'data: [DONE]\n\n',
    `${LAST}${TOKEN}`,
    `${LAST}data: [DONE]\n\ndata: nonsense\n\n`,
  ]) {
    const calls: string[] = [];
    const stream = new CompletionStream({ onTokens: (texts) => calls.push(...texts) });
    const fault = faultOf(() => stream.push(Buffer.from(TOKEN + nonsense)));
    expect(fault.code, nonsense).toBe('WORKER_RESET');
    expect(fault.details).toMatchObject({ reason: 'engine_protocol' });
    expect(calls).toEqual(['a']);
  }
});

verifies('ORCH-4317', 'a [DONE] after the last event is tolerated, twice too', () => {
  const { stream } = read([Buffer.from(`${TOKEN}${LAST}data: [DONE]\n\ndata: [DONE]\n\n`)]);
  expect(stream.conclude().finishReason).toBe('stop');
});

verifies('ORCH-4330', 'a fault inside a stream keeps the pieces before it', () => {
  for (const [name, pieces] of [
    ['recorded/cache-exhausted', 100],
    ['written/2025-error-field', 1],
  ] as const) {
    const calls: string[] = [];
    const stream = new CompletionStream({ onTokens: (texts) => calls.push(...texts) });
    const fault = faultOf(() => stream.push(answerBody(name)));
    expect(fault.code).toBe('WORKER_RESET');
    expect(fault.details).toMatchObject({ engine_type: 'server_error', status: 500 });
    expect(calls.length).toBeGreaterThanOrEqual(pieces);
  }
});
