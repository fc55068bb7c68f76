// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { GaugedRuns, type GaugedRun } from './gauged-runs.ts';
import { faultOf } from './testkit/index.ts';

const started = (): GaugedRun => ({ hasStarted: true });
const never = new AbortController().signal;

/** Runs on an engine that tells these counts, one after another, and the last one for ever. */
function runsOn(counts: (number | undefined)[], { noticeMs = 60_000, limitMs = 60_000 } = {}) {
  let asked = 0;
  const runs = new GaugedRuns({
    countRunning: async () => counts[Math.min(asked++, counts.length - 1)],
    closing: never,
    noticeMs,
    limitMs,
  });
  return { runs, askedCount: () => asked };
}

const failsWith = (error: unknown) => async (): Promise<never> => {
  throw error;
};

verifies('ORCH-4079', 'an aborted run settles when the engine works on no more than the others', async () => {
  const { runs, askedCount } = runsOn([2, 2, 1]);
  const other = Promise.withResolvers<string>();
  const goesOn = runs.run(started(), never, () => other.promise);
  const reason = new Error('aborted');
  await expect(runs.run(started(), AbortSignal.abort(reason), failsWith(reason))).rejects.toBe(reason);
  expect(askedCount()).toBe(3);
  other.resolve('done');
  expect(await goesOn).toBe('done');
});

verifies('ORCH-4079', 'a run of ours that has not begun does not vouch for what the engine works on', async () => {
  const { runs, askedCount } = runsOn([1, 0]);
  void runs.run({ hasStarted: false }, never, () => Promise.withResolvers<void>().promise);
  await expect(runs.run(started(), AbortSignal.abort(), failsWith(1))).rejects.toBe(1);
  expect(askedCount()).toBe(2);
});

verifies(
  'ORCH-4079',
  'a run of ours that the engine lets wait holds nobody up once it was there to be taken',
  async () => {
    const { runs } = runsOn([1], { noticeMs: 1 });
    void runs.run({ hasStarted: false }, never, () => Promise.withResolvers<void>().promise);
    await expect(runs.run(started(), AbortSignal.abort(), failsWith(1))).rejects.toBe(1);
  },
);

verifies('ORCH-4079', 'an engine that goes on is a reset; one that tells nothing has its time to notice', async () => {
  const stuck = runsOn([1], { limitMs: 20 }).runs.run(started(), AbortSignal.abort(), failsWith(1));
  expect((await faultOf(stuck)).details).toMatchObject({ reason: 'slot_stuck' });
  await expect(
    runsOn([undefined], { noticeMs: 1 }).runs.run(started(), AbortSignal.abort(), failsWith(1)),
  ).rejects.toBe(1);
});

verifies(
  'ORCH-4079',
  'a fault that may leave the engine at work is told when it has let go, a refusal at once',
  async () => {
    const broken = runsOn([1, 0]);
    expect((await faultOf(broken.runs.run(started(), never, failsWith(new OrchError('WORKER_RESET'))))).code).toBe(
      'WORKER_RESET',
    );
    expect(broken.askedCount()).toBe(2);
    const refused = runsOn([1]);
    await faultOf(refused.runs.run(started(), never, failsWith(new OrchError('INVALID_PARAMS'))));
    expect(refused.askedCount()).toBe(0);
  },
);
