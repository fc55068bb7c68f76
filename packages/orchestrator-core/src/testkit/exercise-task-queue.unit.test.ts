// SPDX-License-Identifier: MIT
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { ArrayTaskQueue, type Flaw } from '../queue/__fixtures__/array-task-queue.ts';
import type { TaskQueue } from '../queue/task-queue.ts';
import { exerciseTaskQueue, type AcquireQueue } from './index.ts';

/** Each flaw with the requirement whose tests must see it. */
const SEEN_BY: Readonly<Record<Flaw, string>> = {
  'bound-plus-one': 'ORCH-3011',
  'bound-minus-one': 'ORCH-3011',
  'bytes-never-freed': 'ORCH-3014',
  'burst-ignored': 'ORCH-3013',
  'burst-counts-always': 'ORCH-3013',
  'cancel-is-silent': 'ORCH-3035',
  'canceled-task-still-waits': 'ORCH-3034',
  'check-then-cancel': 'ORCH-3036',
  'check-then-steer': 'ORCH-1282',
  'check-then-store': 'ORCH-3011',
  'claims-last-come-first-served': 'ORCH-3030',
  'close-empties': 'ORCH-3042',
  'deadline-ends-running': 'ORCH-3033',
  'double-dispatch': 'ORCH-3031',
  'ended-id-forgotten': 'ORCH-3023',
  'epoch-stands-still': 'ORCH-3032',
  'evicts-before-refusing': 'ORCH-3025',
  'evicted-still-waits': 'ORCH-3024',
  'fence-is-silent': 'ORCH-3044',
  'fingerprint-ignored': 'ORCH-3022',
  'keys-in-order-of-arrival': 'ORCH-1262',
  'keys-not-settled': 'ORCH-1262',
  'last-in-first-out': 'ORCH-3012',
  'aborted-claim-swallows': 'ORCH-3041',
  'places-not-passed-on': 'ORCH-3016',
  'pause-leaks': 'ORCH-1283',
  'pause-refuses': 'ORCH-1283',
  'pools-share-bounds': 'ORCH-3020',
  'position-ignores-batch': 'ORCH-3019',
  'preview-stays': 'ORCH-3026',
  'refused-id-stays': 'ORCH-3010',
  'release-goes-to-the-back': 'ORCH-3040',
  'release-wakes-no-one': 'ORCH-3040',
  'resume-wakes-no-one': 'ORCH-1283',
  'second-settle-refused': 'ORCH-3038',
  'session-blocks-the-line': 'ORCH-1301',
  'session-forgets-the-stopping': 'ORCH-1301',
  'session-turns-overlap': 'ORCH-1301',
  'session-turns-swap': 'ORCH-1301',
  'session-wakes-no-one': 'ORCH-1301',
  'settle-beats-cancel': 'ORCH-3039',
  'shed-takes-oldest': 'ORCH-3018',
  'snapshot-is-torn': 'ORCH-3043',
  'stale-epoch-accepted': 'ORCH-3032',
  'steer-exceeds-the-bound': 'ORCH-1282',
  'steer-keeps-the-place': 'ORCH-1282',
  'steer-moves-what-runs': 'ORCH-1282',
  'victim-is-newest': 'ORCH-3017',
  'victim-of-highest-priority': 'ORCH-3017',
};

/** A body made of promises alone comes to rest within one turn of the event loop; more are patience, not a measure. */
const PATIENCE_TURNS = 20;

describe('a queue of arrays', () => {
  exerciseTaskQueue(verifies, acquireArrayQueue());
});

describe('a queue behind a wire, with two ways in', () => {
  exerciseTaskQueue(verifies, async (limits) => {
    const queue = new ArrayTaskQueue(limits);
    return {
      handles: [overWire(queue, 2), overWire(queue, 3)],
      expireLease: (lease) => queue.expire(lease),
      [Symbol.asyncDispose]: () => queue.close(),
    };
  });
});

for (const [flaw, id] of Object.entries(SEEN_BY) as [Flaw, string][]) {
  verifies('ORCH-3060', `the exercise sees ${flaw} by ${id}`, async () => {
    const bodies: (() => Promise<void>)[] = [];
    exerciseTaskQueue((ids, _title, body) => {
      if ([ids].flat().includes(id)) bodies.push(body);
    }, acquireArrayQueue(flaw));
    const verdicts = await Promise.all(bodies.map(verdictOn));
    expect(verdicts).not.toEqual(verdicts.map(() => 'passed'));
  });
}

verifies('ORCH-3061', 'a lacking capability skips its tests aloud and runs all others', () => {
  const all: string[] = [];
  exerciseTaskQueue((_ids, title) => all.push(title), acquireArrayQueue());
  const run: string[] = [];
  const skipped: string[] = [];
  exerciseTaskQueue((_ids, title) => run.push(title), acquireArrayQueue(), {
    lacks: { 'lease-expiry': 'leases are for ever' },
    skip: (title) => skipped.push(title),
  });
  expect(skipped).toEqual(['a lease that expired is fenced [ORCH-3044] (skipped, lease-expiry: leases are for ever)']);
  expect([...run, 'a lease that expired is fenced'].sort()).toEqual(all.sort());
});

function acquireArrayQueue(flaw?: Flaw): AcquireQueue {
  return async (limits) => {
    const queue = new ArrayTaskQueue(limits, flaw);
    return {
      handles: [queue],
      expireLease: (lease) => queue.expire(lease),
      [Symbol.asyncDispose]: () => queue.close(),
    };
  };
}

/** Calls and answers travel for so many turns of the event loop each; calls of one handle arrive in their order. */
function overWire(queue: TaskQueue, travelTurns: number): TaskQueue {
  const travel = async (): Promise<void> => {
    for (let i = 0; i < travelTurns; i++) await turn();
  };
  const remote = async <T>(call: () => Promise<T>): Promise<T> => {
    await travel();
    const answer = await call();
    await travel();
    return answer;
  };
  return {
    admit: (task, onDecided) => remote(() => queue.admit(task, onDecided)),
    preview: (task) => remote(() => queue.preview(task)),
    claim: (poolId, signal) => remote(() => queue.claim(poolId, signal)),
    settle: (lease, end) => remote(() => queue.settle(lease, end)),
    release: (lease) => remote(() => queue.release(lease)),
    cancel: (id, reason) => remote(() => queue.cancel(id, reason)),
    steer: (steering) => remote(() => queue.steer(steering)),
    place: (id) => remote(() => queue.place(id)),
    snapshot: (poolId) => remote(() => queue.snapshot(poolId)),
    close: () => remote(() => queue.close()),
  };
}

async function verdictOn(body: () => Promise<void>): Promise<'passed' | 'failed' | 'hangs'> {
  const patience = async (): Promise<'hangs'> => {
    for (let i = 0; i < PATIENCE_TURNS; i++) await turn();
    return 'hangs';
  };
  const outcome = body().then(
    () => 'passed' as const,
    () => 'failed' as const,
  );
  return Promise.race([outcome, patience()]);
}
