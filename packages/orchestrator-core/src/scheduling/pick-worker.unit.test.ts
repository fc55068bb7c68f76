// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { expect } from 'vitest';
import { propertyRun, verifies } from '@llama-orch/test-kit';
import type { ReplicaId } from '../task/ids.ts';
import { pickWorker, type PlacementWish, type WorkerCandidate } from './pick-worker.ts';

const GIB = 2 ** 30;

verifies('ORCH-3100', 'replicas that are not ready or have no free slot are left out, with the reason', () => {
  const placement = pickWorker([
    candidate('a', { ready: false }),
    candidate('b', { slotsBusy: 2 }),
    candidate('c', { slotsBusy: 1 }),
  ]);
  expect(placement).toEqual({
    outcome: 'picked',
    replicaId: 'c',
    reason: 'only_candidate',
    excluded: [
      { replicaId: 'a', reason: 'not_ready' },
      { replicaId: 'b', reason: 'no_free_slot' },
    ],
  });
});

verifies('ORCH-3100', 'no replica left is none', () => {
  expect(pickWorker([])).toEqual({ outcome: 'none', excluded: [] });
  expect(pickWorker([candidate('a', { ready: false })])).toEqual({
    outcome: 'none',
    excluded: [{ replicaId: 'a', reason: 'not_ready' }],
  });
});

verifies(['ORCH-3101', 'ORCH-3103'], 'each criterion decides only where those before it do not', () => {
  const warm: PlacementWish = { affinity: 'd' as ReplicaId };
  const candidates = [
    candidate('d', { slotsBusy: 1 }),
    candidate('c', { freeVramBytes: 3 * GIB, slotsBusy: 1 }),
    candidate('b', { freeVramBytes: 2 * GIB }),
    candidate('a', { freeVramBytes: 2 * GIB, slotsBusy: 1 }),
  ];
  expect(choice(candidates, warm)).toEqual(['d', 'session_affinity']);
  expect(choice(candidates)).toEqual(['c', 'most_free_vram']);
  expect(choice(candidates.slice(2))).toEqual(['b', 'fewest_busy_slots']);
  expect(choice([candidate('b'), candidate('a')])).toEqual(['a', 'replica_id']);
});

verifies(
  ['ORCH-1302', 'ORCH-3101'],
  'the slot a session has just left goes to another only when no other is free',
  () => {
    const lingering = candidate('a', { slotsLingering: 2, freeVramBytes: 9 * GIB });
    expect(choice([lingering, candidate('b', { slotsBusy: 1 })])).toEqual(['b', 'spares_lingering_session']);
    expect(choice([lingering, candidate('b', { slotsBusy: 1 })], { affinity: 'a' as ReplicaId })).toEqual([
      'a',
      'session_affinity',
    ]);
    expect(choice([candidate('a', { slotsLingering: 1 }), candidate('b')]), 'it has another slot').toEqual([
      'a',
      'replica_id',
    ]);
    expect(choice([lingering, candidate('b', { slotsBusy: 1, slotsLingering: 1 })]), 'no slot is spare').toEqual([
      'a',
      'most_free_vram',
    ]);
    expect(choice([lingering, candidate('b', { slotsBusy: 2 })])).toEqual(['a', 'only_candidate']);
  },
);

verifies('ORCH-3101', 'unknown free memory ranks below any known figure', () => {
  expect(choice([candidate('a'), candidate('b', { freeVramBytes: 0 })])).toEqual(['b', 'most_free_vram']);
});

verifies('ORCH-3101', 'affinity to a replica that cannot take the job does not matter', () => {
  const wish = { affinity: 'b' as ReplicaId };
  expect(choice([candidate('b', { slotsBusy: 2 }), candidate('a')], wish)).toEqual(['a', 'only_candidate']);
});

verifies('ORCH-3102', 'a replica outside the device mask is left out', () => {
  const placement = pickWorker(
    [candidate('a', { devices: ['gpu-0', 'gpu-1'] }), candidate('b'), candidate('c', { devices: ['gpu-0'] })],
    { deviceMask: ['gpu-0'] },
  );
  expect(placement).toMatchObject({
    replicaId: 'c',
    excluded: [
      { replicaId: 'a', reason: 'device_mask' },
      { replicaId: 'b', reason: 'device_mask' },
    ],
  });
});

verifies('ORCH-3103', 'the order of the candidates does not matter, and they are not touched', () => {
  fc.assert(
    fc.property(anyCandidates(), fc.nat(), (candidates, rotation) => {
      const at = rotation % (candidates.length + 1);
      const turned = [...candidates.slice(at), ...candidates.slice(0, at)];
      const wish = { affinity: 'r3' as ReplicaId };
      const before = structuredClone(candidates);
      expect(choice(turned, wish)).toEqual(choice(candidates, wish));
      expect(candidates).toEqual(before);
    }),
    propertyRun,
  );
});

function choice(candidates: readonly WorkerCandidate[], wish?: PlacementWish): unknown {
  const placement = pickWorker(candidates, wish);
  return placement.outcome === 'picked' ? [placement.replicaId, placement.reason] : 'none';
}

function candidate(id: string, fields: Partial<WorkerCandidate> = {}): WorkerCandidate {
  return { replicaId: id as ReplicaId, ready: true, slots: 2, slotsBusy: 0, ...fields };
}

function anyCandidates(): fc.Arbitrary<WorkerCandidate[]> {
  const fields = fc.record({
    ready: fc.boolean(),
    slotsBusy: fc.nat(2),
    freeVramBytes: fc.option(fc.nat(2), { nil: undefined }),
  });
  return fc
    .array(fields, { maxLength: 6 })
    .map((all) =>
      all.map(({ freeVramBytes, ...rest }, i) =>
        candidate(`r${i}`, { ...rest, ...(freeVramBytes === undefined ? {} : { freeVramBytes }) }),
      ),
    );
}
