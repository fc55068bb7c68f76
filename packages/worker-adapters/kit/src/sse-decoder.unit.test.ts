// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { propertyRun, verifies } from '@llama-orch/test-kit';
import fc from 'fast-check';
import { expect } from 'vitest';
import { PlainDecoder } from './__fixtures__/plain-decoder.ts';

const MAX_EVENT_BYTES = 3_145_728;
const STREAM =
  '\uFEFFdata: {"content":"Grüße 🌧"}\r\n\r\n: ping\n\nevent: note\rdata:a\rdata: b\r\rid: 7\nretry: 5\nnonsense\ndata\n\ndata: last\n\n';
const EVENTS = [
  ['{"content":"Grüße 🌧"}', 'message'],
  ['a\nb', 'note'],
  ['', 'message'],
  ['last', 'message'],
];

function decode(packets: readonly Buffer[]): string[][] {
  const events: string[][] = [];
  const decoder = new PlainDecoder(({ text, type }) => events.push([text, type]));
  for (const packet of packets) decoder.push(packet);
  return events;
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

verifies(['ORCH-4050', 'ORCH-4051'], 'a stream cut in two at every byte gives the same events', () => {
  const bytes = Buffer.from(STREAM);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    expect(decode([bytes.subarray(0, cut), bytes.subarray(cut)]), `cut at ${cut}`).toEqual(EVENTS);
  }
});

verifies('ORCH-4050', 'a stream of single bytes gives the same events', () => {
  expect(decode([...Buffer.from(STREAM)].map((byte) => Buffer.of(byte)))).toEqual(EVENTS);
});

verifies('ORCH-4050', 'any text survives any cuts', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 }),
      fc.array(fc.nat({ max: 200 }), { maxLength: 20 }),
      fc.constantFrom('\n', '\r', '\r\n'),
      (texts, lengths, lineEnd) => {
        const datas = texts.map((text) => JSON.stringify(text));
        const bytes = Buffer.from(datas.map((data) => `data: ${data}${lineEnd}${lineEnd}`).join(''));
        const packets: Buffer[] = [];
        let at = 0;
        for (const length of lengths) {
          packets.push(bytes.subarray(at, at + length));
          at += length;
        }
        packets.push(bytes.subarray(at));
        expect(decode(packets)).toEqual(datas.map((data) => [data, 'message']));
      },
    ),
    propertyRun,
  );
});

verifies('ORCH-4051', 'an event the stream ends in is dropped', () => {
  expect(decode([Buffer.from('data: whole\n\ndata: half\n')])).toEqual([['whole', 'message']]);
});

verifies('ORCH-4051', 'an unknown field reaches its own callback only', () => {
  const fields: string[][] = [];
  class FieldDecoder extends PlainDecoder {
    protected override onUnknownField(name: string, value: string): void {
      fields.push([name, value]);
    }
  }
  new FieldDecoder(() => expect.fail('no event was sent')).push(Buffer.from('error: {"code":500}\n\n: comment\n\n'));
  expect(fields).toEqual([['error', '{"code":500}']]);
});

verifies('ORCH-4052', 'bytes that are not UTF-8 are a protocol fault, not replacement characters', () => {
  for (const bad of [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x0a, 0x0a], [0x80]]) {
    const fault = faultOf(() => decode([Buffer.from([...Buffer.from('data: '), ...bad, 0x0a, 0x0a])]));
    expect(fault.code).toBe('WORKER_RESET');
    expect(fault.details).toMatchObject({ reason: 'engine_protocol', breach: 'not_utf8' });
  }
});

verifies('ORCH-4053', 'a line over the bound is a fault, before it ends', () => {
  const longest = `data: ${'x'.repeat(MAX_EVENT_BYTES - 'data: '.length)}`;
  expect(decode([Buffer.from(`${longest}\n\n`)])).toHaveLength(1);
  for (const packets of [[`${longest}y\n\n`], [longest, 'y']]) {
    const fault = faultOf(() => decode(packets.map((packet) => Buffer.from(packet))));
    expect(fault.code).toBe('WORKER_RESET');
    expect(fault.details).toMatchObject({ breach: 'event_too_long', limit: MAX_EVENT_BYTES });
  }
});

verifies('ORCH-4053', 'many short lines of one event are bound together', () => {
  const line = `data: ${'x'.repeat(1_023)}\n`;
  const longest = line.repeat(MAX_EVENT_BYTES / 1_024);
  expect(decode([Buffer.from(`${longest}\n`)])).toHaveLength(1);
  expect(faultOf(() => decode([Buffer.from(`${longest}data:y\n`)])).details).toMatchObject({
    breach: 'event_too_long',
  });
  expect(decode([Buffer.from(`${longest}\n`.repeat(2))])).toHaveLength(2);
});

verifies('ORCH-4058', 'what has data counts as an event, and nothing else does', () => {
  const decoder = new PlainDecoder(() => undefined);
  for (const [text, count] of [
    [': ping\n\n', 0],
    ['event: note\nid: 7\n\n', 0],
    ['data: a\n', 0],
    ['\ndata: b\n\n', 2],
    ['data\n\n', 3],
  ] as const) {
    decoder.push(Buffer.from(text));
    expect(decoder.eventCount, text).toBe(count);
  }
});
