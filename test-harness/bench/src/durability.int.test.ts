// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { keepsDurabilityBar, measureDurability, type DurabilityRow } from './arms/durability-arm.ts';
import { startRelayRig } from './arms/relay-arm.ts';

verifies('ORCH-8304', 'both stores carry every token, and the prices are told apart', async () => {
  await using memory = await startRelayRig({ slots: 4 });
  await using sqlite = await startRelayRig({ backend: 'sqlite', slots: 4 });
  const plan = { streams: 4, delayUs: 1_000, rounds: 1, warmReplies: 4, lengths: [8, 40] } as const;
  const row = await measureDurability({ memory, sqlite }, plan);
  expect(row).toMatchObject({ streams: 4, faults: 0 });
  const [short, long] = plan.lengths;
  for (const [tokenUs, taskUs] of [
    [row.memoryTokenUs, row.memoryTaskUs],
    [row.sqliteTokenUs, row.sqliteTaskUs],
  ] as const) {
    // What replies of either length cost in all is CPU time that was used, however it divides.
    expect(taskUs + short * tokenUs).toBeGreaterThan(0);
    expect(taskUs + long * tokenUs).toBeGreaterThan(0);
  }
});

verifies('ORCH-8304', 'a token on disk may cost a twentieth more than in memory, a task whatever it costs', () => {
  const row: DurabilityRow = {
    streams: 32,
    memoryTokenUs: 60,
    sqliteTokenUs: 63,
    memoryTaskUs: 1_000,
    sqliteTaskUs: 9_000,
    bareSyncUs: 250,
    faults: 0,
  };
  expect(keepsDurabilityBar([row])).toBe(true);
  for (const flaw of [{ sqliteTokenUs: 63.1 }, { faults: 1 }])
    expect(keepsDurabilityBar([row, { ...row, ...flaw }])).toBe(false);
});
