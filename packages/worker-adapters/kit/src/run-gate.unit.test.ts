// SPDX-License-Identifier: MIT
import { OrchError, type WorkerEnd } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { RunGate, type GatedRun } from './run-gate.ts';
import { faultOf } from './testkit/index.ts';

const CANCELED: WorkerEnd = {
  finishReason: 'canceled',
  tokensIn: 0,
  tokensOut: 0,
  decodeTimeMs: 0,
  prefixReuse: false,
};

/** Goes on until it is aborted. */
const untilAborted: GatedRun = {
  canceledEnd: () => CANCELED,
  work: (signal) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    }),
};

verifies('ORCH-4071', 'an abort and the end of the adapter are canceled ends', async () => {
  const gate = new RunGate();
  const abort = new AbortController();
  const aborted = gate.run(abort.signal, untilAborted);
  const closed = gate.run(new AbortController().signal, untilAborted);
  abort.abort();
  expect(await aborted).toBe(CANCELED);
  await gate.close();
  expect(await closed).toBe(CANCELED);
});

verifies('ORCH-4071', 'close waits for every run, and none begins after it', async () => {
  const gate = new RunGate();
  const order: string[] = [];
  const run = gate.run(new AbortController().signal, untilAborted).then(() => order.push('run'));
  await gate.close();
  await gate.close();
  order.push('closed');
  await run;
  expect(order).toEqual(['run', 'closed']);
  expect((await faultOf(gate.run(new AbortController().signal, untilAborted))).details).toEqual({ reason: 'closed' });
});

verifies('ORCH-4071', 'an aborted signal begins no work, and a fault stays one', async () => {
  const gate = new RunGate();
  let begun = 0;
  const work = async (): Promise<WorkerEnd> => {
    begun += 1;
    throw new OrchError('INVALID_PARAMS');
  };
  expect(await gate.run(AbortSignal.abort(), { work, canceledEnd: () => CANCELED })).toBe(CANCELED);
  expect(begun).toBe(0);
  const fault = await faultOf(gate.run(new AbortController().signal, { work, canceledEnd: () => CANCELED }));
  expect([fault.code, begun]).toEqual(['INVALID_PARAMS', 1]);
});

verifies('ORCH-4071', 'no more slots are taken than there are', () => {
  const gate = new RunGate();
  const first = gate.takeSlot(1);
  expect(() => gate.takeSlot(1)).toThrow(OrchError);
  first[Symbol.dispose]();
  expect(gate.busyCount).toBe(0);
  gate.takeSlot(1);
  expect(gate.busyCount).toBe(1);
});
