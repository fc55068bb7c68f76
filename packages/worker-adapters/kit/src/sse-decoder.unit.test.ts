// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { propertyRun, verifies } from '@llama-orch/test-kit';
import fc from 'fast-check';
import { expect } from 'vitest';
import { PlainDecoder } from './__fixtures__/plain-decoder.ts';

const STREAM =
  '\uFEFFdata: {"content":"Grüße 🌧"}\r\n\r\n: ping\n\nevent: note\rdata:a\rdata: b\r\rid: 7\nretry: 5\nnonsense\ndata\n\ndata: last\n\n';
const EVENTS = [
  ['{"content":"Grüße 🌧"}', 'message'],
  ['a\nb', 'note'],
  ['', 'message'],
  ['last', 'message'],
];

function decode(packets: readonly Buffer[], maxEventBytes?: number): string[][] {
  const events: string[][] = [];
  const decoder = new PlainDecoder(({ text, type }) => events.push([text, type]), maxEventBytes);
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

verifies('ORCH-4053', 'a line over the bound is a fault before it ends', () => {
  const endless = (): unknown => decode([Buffer.from('data: '), ...Array<Buffer>(100).fill(Buffer.from('x'))], 64);
  expect(faultOf(endless).details).toMatchObject({ breach: 'event_too_long', limit: 64 });
  expect(faultOf(() => decode([Buffer.from(`data: ${'x'.repeat(80)}\n\n`)], 64)).code).toBe('WORKER_RESET');
});

verifies('ORCH-4053', 'many short lines of one event are bound together', () => {
  expect(faultOf(() => decode([Buffer.from('data: 0123456789\n'.repeat(10))], 64)).code).toBe('WORKER_RESET');
  expect(decode([Buffer.from('data: 0123456789\n\n'.repeat(10))], 64)).toHaveLength(10);
});

verifies('ORCH-4053', 'the default bound is 3,145,728 bytes', () => {
  const longest = `data: ${'x'.repeat(3_145_722)}`;
  expect(decode([Buffer.from(`${longest}\n\n`)])).toHaveLength(1);
  expect(faultOf(() => decode([Buffer.from(`${longest}y\n\n`)])).details).toMatchObject({ limit: 3_145_728 });
});
