// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { keepsDecoderBar, measureDecoder, type DecoderRow } from './arms/decoder-arm.ts';

verifies('ORCH-1504', 'the decoder keeps no object of an event it has passed on', () => {
  for (const packetEvents of [1, 16]) {
    const row = measureDecoder({ packetEvents, events: 200_000, rounds: 1 });
    expect(row.heldBytesPerEvent).toBeLessThan(1);
    expect(row.bytesPerSecond / row.eventsPerSecond).toBeCloseTo(64);
  }
});

verifies('ORCH-1504', 'one of the two rates is enough, in every row, and nothing may be kept', () => {
  const row: DecoderRow = { packetEvents: 1, eventsPerSecond: 2e6, bytesPerSecond: 128e6, heldBytesPerEvent: 0 };
  expect(keepsDecoderBar([row, { ...row, eventsPerSecond: 1, bytesPerSecond: 300e6 }])).toBe(true);
  for (const flaw of [{ eventsPerSecond: 1.9e6 }, { heldBytesPerEvent: 16 }]) {
    expect(keepsDecoderBar([row, { ...row, ...flaw }])).toBe(false);
  }
});
