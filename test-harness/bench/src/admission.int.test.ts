// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { keepsAdmissionBar, measureAdmission, type AdmissionRow } from './arms/admission-arm.ts';

verifies(['ORCH-8302', 'ORCH-8303'], 'durable admissions are counted, timed and bounded', async () => {
  const plan = { backend: 'sqlite', work: 'waits', connections: 4, seconds: 0.2, entry: 'source' } as const;
  const row = await measureAdmission(plan);
  expect(row).toMatchObject({ backend: 'sqlite', work: 'waits', connections: 4, refused: 0 });
  for (const figure of [row.acceptedPerSecond, row.p50Us, row.p99Us, row.loopP99Ms, row.cpuUsPerTask]) {
    expect(figure).toBeGreaterThan(0);
  }
});

verifies('ORCH-8303', 'the bar is judged on the durable rows at its connections alone', () => {
  const good: AdmissionRow = {
    backend: 'sqlite',
    work: 'waits',
    connections: 64,
    acceptedPerSecond: 3_000,
    p50Us: 1,
    p99Us: 49_999,
    loopP99Ms: 19.9,
    cpuUsPerTask: 1,
    refused: 0,
  };
  expect(
    keepsAdmissionBar([good, { ...good, connections: 16, refused: 1 }, { ...good, backend: 'memory', refused: 1 }]),
  ).toBe(true);
  expect(keepsAdmissionBar([{ ...good, backend: 'memory' }])).toBeUndefined();
  for (const flaw of [{ acceptedPerSecond: 2_999 }, { p99Us: 50_000 }, { loopP99Ms: 20 }, { refused: 1 }]) {
    expect(keepsAdmissionBar([good, { ...good, ...flaw }])).toBe(false);
  }
});
