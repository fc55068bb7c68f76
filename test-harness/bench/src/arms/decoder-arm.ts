// SPDX-License-Identifier: MIT
import { SseDecoder, type SseEvent } from '@llama-orch/adapter-kit';
import { heldHeapBytes } from '../measure/collect-garbage.ts';
import { median } from '../measure/median.ts';

/** One line of the decoder table. */
export interface DecoderRow {
  /** Events in one packet: what a slow engine sends, what a busy one does, what a replay does. */
  readonly packetEvents: number;
  /** Per second of CPU, all threads counted, which is at most what one core does. */
  readonly eventsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Bytes of the heap that are still held for an event after it was decoded. */
  readonly heldBytesPerEvent: number;
}

/** What to measure. */
export interface DecoderPlan {
  readonly packetEvents: number;
  readonly events: number;
  readonly rounds: number;
}

/** ORCH-1504: one of the two rates is enough; a held object would be at least 16 bytes. */
export const DECODER_BAR = { eventsPerSecond: 2_000_000, bytesPerSecond: 300_000_000, heldBytesPerEvent: 1 } as const;

/** One token in 64 bytes, as an engine frames it. */
const EVENT = Buffer.from('data: {"index":0,"content":" cricket","tokens":[417],"stop":0}\n\n');

/** Whether every row keeps the bar. */
export function keepsDecoderBar(rows: readonly DecoderRow[]): boolean {
  return rows.every(
    ({ eventsPerSecond, bytesPerSecond, heldBytesPerEvent }) =>
      (eventsPerSecond >= DECODER_BAR.eventsPerSecond || bytesPerSecond >= DECODER_BAR.bytesPerSecond) &&
      heldBytesPerEvent < DECODER_BAR.heldBytesPerEvent,
  );
}

/**
 * Decodes a stream of 64-byte events.
 *
 * @throws Error when an event is lost or changed.
 */
export function measureDecoder({ packetEvents, events, rounds }: DecoderPlan): DecoderRow {
  const packet = Buffer.concat(Array.from({ length: packetEvents }, () => EVENT));
  const packets = Math.ceil(events / packetEvents);
  const decoded = packets * packetEvents;
  const runs = Array.from({ length: rounds + 1 }, () => decodeStream(packet, packets));
  // The first run is the compiler's.
  const cpuSeconds = median(runs.slice(1).map((run) => run.cpuSeconds));
  return {
    packetEvents,
    eventsPerSecond: decoded / cpuSeconds,
    bytesPerSecond: (decoded * EVENT.length) / cpuSeconds,
    heldBytesPerEvent: Math.max(0, median(runs.slice(1).map((run) => run.heldBytes))) / decoded,
  };
}

function decodeStream(packet: Buffer, packets: number): { readonly cpuSeconds: number; readonly heldBytes: number } {
  const decoder = new CountingDecoder();
  const heldBefore = heldHeapBytes();
  const start = process.cpuUsage();
  for (let i = 0; i < packets; i += 1) decoder.push(packet);
  const { user, system } = process.cpuUsage(start);
  const heldBytes = heldHeapBytes() - heldBefore;
  const sent = (packet.length / EVENT.length) * packets;
  if (decoder.eventCount !== sent || decoder.charCount !== sent * (EVENT.length - 'data: \n\n'.length))
    throw new Error('An event was lost.');
  return { cpuSeconds: (user + system) / 1e6, heldBytes };
}

/** Reads the text of each event and keeps none. */
class CountingDecoder extends SseDecoder {
  charCount = 0;

  push(packet: Buffer): void {
    this.decode(packet, 0, packet.length);
  }

  protected onEvent({ text }: SseEvent): void {
    this.charCount += text.length;
  }
}
