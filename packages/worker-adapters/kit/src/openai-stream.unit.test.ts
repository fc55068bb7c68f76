// SPDX-License-Identifier: MIT
import { propertyRun, verifies } from '@llama-orch/test-kit';
import { OrchError } from '@llama-orch/worker-adapter-api';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { ByteRange } from './json-cut.ts';
import { OpenAiStream, type OpenAiStreamEnd } from './openai-stream.ts';
import { PieceCutter } from './openai-piece-cutter.ts';

type ChunkOf = (text: string, index: number) => unknown;

const HEAD = { id: 'c1', object: 'chat.completion.chunk', created: 1_760_000_000, model: 'a"content":"b' };
const usage = (tokens: number): object => ({ prompt_tokens: 9, total_tokens: 9 + tokens, completion_tokens: tokens });
const FORMS: Readonly<Record<string, ChunkOf>> = {
  chat: (content) => ({ ...HEAD, choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }] }),
  text: (text) => ({ ...HEAD, choices: [{ index: 0, text, logprobs: null, finish_reason: null, token_ids: null }] }),
  'running usage': (content, index) => ({
    ...HEAD,
    choices: [{ index: 0, delta: { content }, finish_reason: null }],
    usage: usage(index + 1),
  }),
  'no finish reason': (content) => ({ choices: [{ delta: { role: 'assistant', content } }] }),
  'another time in each': (content, index) => ({ ...HEAD, created: index, choices: [{ delta: { content } }] }),
  obfuscated: (content, index) => ({ ...HEAD, choices: [{ delta: { content } }], obfuscation: 'x'.repeat(index % 7) }),
};

const rangeOf = (text: string): ByteRange => ({
  bytes: Buffer.from(`<${text}>`),
  start: 1,
  end: Buffer.byteLength(text) + 1,
});

interface Read {
  readonly text: string;
  readonly calls: readonly (readonly string[])[];
  readonly end: OpenAiStreamEnd;
}

function read(packets: readonly Buffer[]): Read {
  const calls: (readonly string[])[] = [];
  const stream = new OpenAiStream({
    sink: { onTokens: (texts) => calls.push(texts) },
    faultOf: () => new OrchError('INTERNAL'),
  });
  for (const packet of packets) stream.push(packet);
  return { text: calls.flat().join(''), calls, end: stream.conclude() };
}

function cutAt(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const packets: Buffer[] = [];
  let at = 0;
  for (const length of lengths) {
    packets.push(bytes.subarray(at, at + length));
    at += length;
  }
  return [...packets, bytes.subarray(at)];
}

const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 30 });
const trickyTexts = fc.array(
  fc.constantFrom('\\', '"', '\\"', '","x":"', '}]}', '\n', '\u0001', '"content":"', '🌧', '', 'a'),
  { maxLength: 30 },
);

verifies('ORCH-4073', 'the text is the same in every form of a chunk, cut anywhere', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 20 });
  const property = fc.property(fc.oneof(texts, trickyTexts), cuts, (pieces, lengths) => {
    for (const chunkOf of Object.values(FORMS)) {
      const events = pieces.map((text, index) => `data: ${JSON.stringify(chunkOf(text, index))}\n\n`);
      const { text } = read(cutAt(Buffer.from(`${events.join('')}data: [DONE]\n\n`), lengths));
      expect(text).toBe(pieces.join(''));
    }
  });
  fc.assert(property, { ...propertyRun, numRuns: 150 });
});

verifies(
  'ORCH-4073',
  'what is cut out of a chunk is what parsing gives, and a chunk with other news is not cut',
  () => {
    const property = fc.property(fc.oneof(texts, trickyTexts), (pieces) => {
      for (const chunkOf of Object.values(FORMS)) {
        const cutter = new PieceCutter();
        cutter.learn(rangeOf(JSON.stringify(chunkOf('seed', 0))), 'seed');
        for (const text of pieces) {
          const cut = cutter.cut(rangeOf(JSON.stringify(chunkOf(text, 0))));
          expect(cut).toBe(text === '' ? undefined : text);
        }
      }
    });
    fc.assert(property, { ...propertyRun, numRuns: 150 });
    const cutter = new PieceCutter();
    const plain = JSON.stringify(FORMS['running usage']?.('seed', 0));
    cutter.learn(rangeOf(plain), 'seed');
    for (const other of [
      plain.replace('"finish_reason":null', '"finish_reason":"stop"'),
      plain.replace('"content":"seed"', '"content":"seed","tool_calls":[]'),
      plain.replace('"content"', '"reasoning"'),
      plain.replace('}}', '},"error":{"message":"no"}}'),
      plain.replace('"c1"', '"c2"'),
      plain.slice(0, -1),
    ]) {
      expect([other, cutter.cut(rangeOf(other))]).toEqual([other, undefined]);
    }
    expect(cutter.cut(rangeOf(plain))).toBe('seed');
  },
);

verifies('ORCH-4073', 'one packet is one call, and its usage is read from chunks that are not parsed', () => {
  const events = ['a', 'b', 'c', 'd'].map(
    (text, i) => `data: ${JSON.stringify(FORMS['running usage']?.(text, i))}\n\n`,
  );
  const { calls, end } = read([Buffer.from(events.slice(0, 2).join('')), Buffer.from(events.slice(2).join(''))]);
  expect(calls).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  expect(end).toMatchObject({ promptTokens: 9, completionTokens: 4, reportedTokens: 4 });
});

verifies('ORCH-4073', 'calls of tools are joined, also of engines that leave the index out', () => {
  const chunk = (call: object): string =>
    `data: ${JSON.stringify({ ...HEAD, choices: [{ delta: { tool_calls: [call] } }] })}\n\n`;
  const { end, calls } = read([
    Buffer.from(chunk({ function: { name: 'f', arguments: '{"a"' } }) + chunk({ function: { arguments: ':1}' } })),
  ]);
  expect(end.toolCalls).toEqual([{ name: 'f', arguments: '{"a":1}' }]);
  expect(calls).toEqual([[]]);
});

verifies('ORCH-4073', 'whatever stands in a chunk, it is read or a fault of the engine', () => {
  const part = fc.jsonValue({ maxDepth: 2 });
  const members = (...names: readonly string[]): fc.Arbitrary<unknown> =>
    fc.record(Object.fromEntries(names.map((name) => [name, part])), { requiredKeys: [] });
  const call = fc.oneof(part, fc.record({ index: part, function: fc.oneof(part, members('name', 'arguments')) }));
  const delta = fc.oneof(part, members('content', 'refusal', 'reasoning'), fc.record({ tool_calls: fc.array(call) }));
  const choice = fc.oneof(part, members('text', 'finish_reason'), fc.record({ delta, finish_reason: part }));
  const chunk = fc.oneof(
    part,
    members('choices', 'usage', 'error', 'object'),
    fc.record({ choices: fc.array(choice), usage: fc.oneof(part, members('prompt_tokens', 'prompt_tokens_details')) }),
  );
  const property = fc.property(fc.array(chunk), (chunks) => {
    const bytes = Buffer.from(chunks.map((value) => `data: ${JSON.stringify(value)}\n\n`).join(''));
    try {
      const { calls, end } = read([bytes]);
      expect(calls.flat()).not.toContain('');
      expect(Number.isSafeInteger(end.reportedTokens) && end.reportedTokens >= 0).toBe(true);
    } catch (error) {
      if (!OrchError.is(error)) throw error;
    }
  });
  fc.assert(property, { ...propertyRun, numRuns: 500 });
});
