// SPDX-License-Identifier: MIT
// What one token costs between the socket and `onTokens`, without the socket. Run with
// `node --conditions=@llama-orch/source packages/worker-adapters/llamacpp-http/bench/token-cost.ts`.
import { SseDecoder, type SseEvent } from '@llama-orch/adapter-kit';
import { Bench } from 'tinybench';
import { CompletionStream } from '../src/map-events.ts';

const TOKENS_PER_STREAM = 1_024;
const NS_PER_MS = 1_000_000;

function eventsOf(text: string): readonly string[] {
  return Array.from({ length: TOKENS_PER_STREAM }, (_, i) => {
    const event = { index: 0, content: text, tokens: [i], stop: false, id_slot: -1 };
    return `data: ${JSON.stringify({ ...event, tokens_predicted: i + 1, tokens_evaluated: 14 })}\n\n`;
  });
}

/** Joins so many events into one packet, as one read of a busy socket brings them. */
function packetsOf(events: readonly string[], perPacket: number): readonly Buffer[] {
  const count = Math.ceil(events.length / perPacket);
  return Array.from({ length: count }, (_, i) =>
    Buffer.from(events.slice(i * perPacket, (i + 1) * perPacket).join('')),
  );
}

const plain = eventsOf(' lantern');
const single = packetsOf(plain, 1);
const joined = packetsOf(plain, 16);
const cases: readonly (readonly [name: string, packets: readonly Buffer[]])[] = [
  ['1 event per packet', single],
  ['16 events per packet', joined],
  ['1 event per packet, beyond ASCII', packetsOf(eventsOf(' 雨'), 1)],
  ['1 event per packet, with an escape', packetsOf(eventsOf('\n'), 1)],
];

let sink = 0;

class MeasuringDecoder extends SseDecoder {
  push(packet: Buffer): void {
    this.decode(packet, 0, packet.length);
  }

  protected onEvent({ start, end }: SseEvent): void {
    sink += end - start;
  }
}

const bench = new Bench({ time: 400, warmupTime: 200 });
for (const [name, packets] of cases) {
  bench.add(`adapter: ${name}`, () => {
    const stream = new CompletionStream({ onTokens: (texts, count) => (sink += texts.length + count) });
    for (const packet of packets) stream.push(packet);
  });
}
bench.add('decoder alone: 1 event per packet', () => {
  const decoder = new MeasuringDecoder();
  for (const packet of single) decoder.push(packet);
});
bench.add('for comparison: toString and JSON.parse per event', () => {
  for (const packet of single) sink += (JSON.parse(packet.toString().slice(6)) as { content: string }).content.length;
});

await bench.run();
for (const { name, result } of bench.tasks) {
  const { latency } = result as { latency?: { p50: number } };
  console.log(`${name.padEnd(52)} ${Math.round(((latency?.p50 ?? NaN) * NS_PER_MS) / TOKENS_PER_STREAM)} ns per event`);
}
