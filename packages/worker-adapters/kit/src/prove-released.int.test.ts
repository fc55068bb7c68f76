// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { expect } from 'vitest';
import { connectionFault, timeoutFault } from './map-http-fault.ts';
import { proveReleased, type ReleaseQuestion, type Sight } from './prove-released.ts';

interface Proof {
  readonly settled: Promise<void>;
  lookCount: number;
}

/** Looks that see these, the last one again and again; an error is thrown. */
function prove(sights: readonly (Sight | OrchError)[], parts: Partial<ReleaseQuestion> = {}): Proof {
  const left = [...sights];
  const proof: { settled: Promise<void>; lookCount: number } = { settled: Promise.resolve(), lookCount: 0 };
  proof.settled = proveReleased({
    look: async () => {
      proof.lookCount += 1;
      const sight = (left.length > 1 ? left.shift() : left[0]) ?? 'unknown';
      if (typeof sight !== 'string') throw sight;
      return sight;
    },
    hasStarted: true,
    closing: new AbortController().signal,
    noticeMs: 60_000,
    limitMs: 60_000,
    ...parts,
  });
  return proof;
}

/** How long a proof took; on a busy machine the first look may be the last. */
async function msToProve(sights: readonly Sight[], parts: Partial<ReleaseQuestion>): Promise<number> {
  const startMs = performance.now();
  await prove(sights, parts).settled;
  return performance.now() - startMs;
}

verifies('ORCH-4076', 'a request at work is released when the engine shows it free', async () => {
  const proof = prove(['busy', 'busy', 'free']);
  await proof.settled;
  expect(proof.lookCount).toBe(3);
});

verifies(
  'ORCH-4076',
  'an idle engine proves nothing of a request that may still begin, until it had time to notice',
  async () => {
    const begun = prove(['free', 'busy', 'free'], { hasStarted: false });
    await begun.settled;
    expect(begun.lookCount).toBe(3);
    expect(await msToProve(['free'], { hasStarted: false, noticeMs: 30 })).toBeGreaterThanOrEqual(30);
  },
);

verifies(
  'ORCH-4076',
  'an engine that does not tell gets time to notice, one that is gone works on nothing',
  async () => {
    expect(await msToProve(['unknown'], { noticeMs: 30 })).toBeGreaterThanOrEqual(30);
    const silent = prove([timeoutFault('headers', 1), 'free']);
    await silent.settled;
    expect(silent.lookCount).toBe(2);
    const gone = prove([connectionFault(undefined)]);
    await gone.settled;
    expect(gone.lookCount).toBe(1);
  },
);

verifies('ORCH-4076', 'one that stays busy is stuck, unless the adapter closes meanwhile', async () => {
  const fault: unknown = await prove(['busy'], { limitMs: 30 }).settled.catch((error: unknown) => error);
  expect(OrchError.is(fault) && fault.code).toBe('WORKER_RESET');
  expect(OrchError.is(fault) && fault.details).toEqual({ reason: 'slot_stuck', limit_ms: 30 });
  const closing = new AbortController();
  const { settled } = prove(['busy'], { closing: closing.signal });
  closing.abort();
  await settled;
});

verifies('ORCH-4076', 'a look that the limit cuts short proves nothing', async () => {
  const settled = proveReleased({
    look: (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
    hasStarted: true,
    closing: new AbortController().signal,
    noticeMs: 0,
    limitMs: 20,
  });
  const fault: unknown = await settled.catch((error: unknown) => error);
  expect(OrchError.is(fault) && fault.details).toMatchObject({ reason: 'slot_stuck' });
});
