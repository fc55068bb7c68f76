// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { card, GIB, pool, replica, situation, waiting } from './__fixtures__/situation.ts';
import { planSwap } from './plan-swap.ts';
import type { SwapPlan } from './swap-situation.ts';

const loaded = (plan: SwapPlan): string[] => plan.loads.map(({ replicaId }) => replicaId);
const unloaded = (plan: SwapPlan): string[] => plan.unloads.map(({ replicaId }) => replicaId);
const held = (plan: SwapPlan): string[] => plan.holds.map(({ poolId }) => poolId);

verifies('ORCH-1440', 'a pool of a group is loaded beside another where both fit', () => {
  const plan = planSwap(
    situation({
      devices: [card(10 * GIB)],
      pools: [pool('a', { lastUsedAtMs: 1 }), pool('b', waiting(99_000))],
      replicas: [replica('a', { state: 'loaded' }), replica('b')],
    }),
  );
  expect(plan.loads).toEqual([{ replicaId: 'b', devices: ['nvidia:0'], reason: 'b has waiting work.' }]);
  expect(plan.unloads).toEqual([]);
});

verifies(
  ['ORCH-1440', 'ORCH-1422'],
  'pools that may not live together are exchanged however much room there is',
  () => {
    for (const apart of [{ together: false }, { groupId: 'others' }]) {
      const plan = planSwap(
        situation({
          devices: [card(20 * GIB)],
          pools: [pool('a', { lastUsedAtMs: 1 }), pool('b', { ...waiting(99_000), ...apart })],
          replicas: [replica('a', { state: 'loaded' }), replica('b')],
        }),
      );
      expect(unloaded(plan)).toEqual(['a']);
      expect(loaded(plan)).toEqual(['b']);
    }
  },
);

verifies('ORCH-1440', 'a group that never meets does not meet on different devices either', () => {
  const plan = planSwap(
    situation({
      devices: [card(20 * GIB), card(20 * GIB, 'nvidia:1')],
      pools: [pool('a', { together: false, runningCount: 1 }), pool('b', { together: false, ...waiting(99_000) })],
      replicas: [replica('a', { state: 'loaded' }), replica('b', { sets: [['nvidia:1']] })],
    }),
  );
  expect(loaded(plan)).toEqual([]);
  expect(plan.waits).toEqual([{ poolId: 'b', reason: 'a is there and works.' }]);
});

verifies('ORCH-1422', 'replicas of one pool do not share a device unless the pool may share', () => {
  const replicas = [
    replica('a-0', { poolId: pool('a').poolId, state: 'loaded', sets: [['nvidia:0'], ['nvidia:1']] }),
    replica('a-1', { poolId: pool('a').poolId, sets: [['nvidia:0'], ['nvidia:1']] }),
  ];
  const devices = [card(16 * GIB), card(10 * GIB, 'nvidia:1')];
  const alone = { ...pool('a', { ...waiting(99_000), runningCount: 1, together: false }) };
  const { groupId: _, ...ungrouped } = alone;
  expect(planSwap(situation({ devices, pools: [ungrouped], replicas })).loads).toMatchObject([
    { replicaId: 'a-1', devices: ['nvidia:1'] },
  ]);
  const onOne = replicas.map((each) => ({ ...each, sets: [['nvidia:0' as const]] }));
  expect(loaded(planSwap(situation({ devices, pools: [ungrouped], replicas: onOne })))).toEqual([]);
});

verifies('ORCH-1441', 'a busy replica stays, whatever waits and however long', () => {
  const busy = pool('a', { runningCount: 1, lastUsedAtMs: 1 });
  const replicas = [replica('a', { state: 'loaded' }), replica('b')];
  const early = planSwap(situation({ pools: [busy, pool('b', waiting(99_000))], replicas }));
  const late = planSwap(situation({ pools: [busy, pool('b', waiting(0))], replicas }));
  for (const plan of [early, late]) expect([unloaded(plan), loaded(plan)]).toEqual([[], []]);
  expect(held(early)).toEqual([]);
  expect(late.holds).toEqual([
    { poolId: 'a', forPoolId: 'b', reason: 'b has waiting work for as long as it may wait.' },
  ]);
});

verifies('ORCH-1442', 'the least recently used of the idle goes, and no more than needed', () => {
  const plan = planSwap(
    situation({
      pools: [
        pool('a', { lastUsedAtMs: 30 }),
        pool('b', { lastUsedAtMs: 10 }),
        pool('c', { lastUsedAtMs: 20 }),
        pool('d', waiting(99_000)),
      ],
      replicas: [
        replica('a', { state: 'loaded' }),
        replica('b', { state: 'loaded' }),
        replica('c', { state: 'loaded' }),
        replica('d'),
      ],
    }),
  );
  expect(plan.unloads).toEqual([{ replicaId: 'b', cause: 'evicted', reason: 'd has waiting work.' }]);
});

verifies('ORCH-1442', 'an old one whose memory does not help stays when a newer one makes the room alone', () => {
  const plan = planSwap(
    situation({
      pools: [pool('a', { lastUsedAtMs: 10 }), pool('b', { lastUsedAtMs: 20 }), pool('c', waiting(99_000))],
      replicas: [
        replica('a', { state: 'loaded', footprintBytes: 2 * GIB }),
        replica('b', { state: 'loaded', footprintBytes: 9 * GIB }),
        replica('c', { footprintBytes: 9 * GIB }),
      ],
    }),
  );
  expect(unloaded(plan)).toEqual(['b']);
});

verifies('ORCH-1442', 'a pinned replica stays, and the plan says so', () => {
  const plan = planSwap(
    situation({
      pools: [pool('a', { isPinned: true, together: false }), pool('b', { ...waiting(0), together: false })],
      replicas: [replica('a', { state: 'loaded' }), replica('b')],
    }),
  );
  expect(plan).toMatchObject({ loads: [], unloads: [], waits: [{ poolId: 'b', reason: 'a is there and pinned.' }] });
});

verifies('ORCH-1442', 'a model that was never measured gets the device to itself, save for what is pinned', () => {
  const { footprintBytes: _, ...unmeasured } = replica('c');
  const plan = planSwap(
    situation({
      devices: [card(16 * GIB)],
      pools: [pool('a', { lastUsedAtMs: 1 }), pool('b', { isPinned: true }), pool('c', waiting(99_000))],
      replicas: [replica('a', { state: 'loaded' }), replica('b', { state: 'loaded' }), unmeasured],
    }),
  );
  expect([unloaded(plan), loaded(plan)]).toEqual([['a'], ['c']]);
});

verifies('ORCH-1421', 'what strangers hold is not there to plan with', () => {
  const pools = [pool('a', { lastUsedAtMs: 1 }), pool('b', waiting(99_000))];
  const replicas = [replica('a', { state: 'loaded', footprintBytes: 4 * GIB }), replica('b')];
  const plan = planSwap(situation({ devices: [card(GIB)], pools, replicas }));
  expect(plan).toMatchObject({ loads: [], unloads: [] });
  expect(plan.waits).toEqual([{ poolId: 'b', reason: 'nvidia:0 has 5120 MiB free at most, 8192 MiB are needed.' }]);
  expect(plan.nextCheckAtMs).toBe(105_000);
});

verifies('ORCH-1423', 'the share of each device of a split is capped by the smallest', () => {
  const split = replica('a', { sets: [['nvidia:0', 'nvidia:1']], footprintBytes: 16 * GIB });
  const onDevices = (second: number): SwapPlan =>
    planSwap(
      situation({
        devices: [card(20 * GIB), card(second, 'nvidia:1')],
        pools: [pool('a', waiting(99_000))],
        replicas: [split],
      }),
    );
  expect(onDevices(8 * GIB).loads).toMatchObject([{ devices: ['nvidia:0', 'nvidia:1'] }]);
  expect(onDevices(7 * GIB).waits[0]?.reason).toBe('nvidia:1 has 7168 MiB free at most, 8192 MiB are needed.');
});

verifies('ORCH-1443', 'an idle model waits for a follow-up as long as its load took, at most ten seconds', () => {
  const at = (loadMs: number, lastUsedAtMs: number): SwapPlan =>
    planSwap(
      situation({
        pools: [pool('a', { loadMs, lastUsedAtMs }), pool('b', waiting(99_000))],
        replicas: [replica('a', { state: 'loaded' }), replica('b')],
      }),
    );
  expect(at(4_000, 97_000)).toMatchObject({ loads: [], nextCheckAtMs: 101_000 });
  expect(loaded(at(4_000, 96_000))).toEqual(['b']);
  expect(loaded(at(60_000, 90_000))).toEqual(['b']);
});

verifies('ORCH-1443', 'the loaded pool serves on until the bound of the other, less what its jobs take', () => {
  const at = (nowMs: number): SwapPlan =>
    planSwap(
      situation({
        nowMs,
        pools: [
          pool('a', { ...waiting(99_000), runningCount: 1, lastUsedAtMs: 9_000, drainMs: 5_000 }),
          pool('b', waiting(50_000)),
        ],
        replicas: [replica('a', { state: 'loaded' }), replica('b')],
      }),
    );
  expect(held(at(104_999))).toEqual([]);
  expect(at(104_000).nextCheckAtMs).toBe(105_000);
  expect(held(at(105_000))).toEqual(['a']);
});

verifies('ORCH-1443', 'two that wait for the same device are served early enough for the second', () => {
  const at = (nowMs: number): SwapPlan =>
    planSwap(
      situation({
        nowMs,
        pools: [
          pool('a', { ...waiting(99_000), runningCount: 1, lastUsedAtMs: 9_000 }),
          pool('b', { ...waiting(50_000), loadMs: 4_000, drainMs: 2_000 }),
          pool('c', waiting(51_000)),
        ],
        replicas: [replica('a', { state: 'loaded' }), replica('b'), replica('c')],
      }),
    );
  expect(held(at(100_999))).toEqual([]);
  expect(held(at(101_000))).toEqual(['a']);
});

verifies('ORCH-1443', 'a pool that was loaded for waiting work has a turn before it yields', () => {
  const at = (fields: Parameters<typeof pool>[1]): SwapPlan =>
    planSwap(
      situation({
        pools: [pool('a', { ...waiting(0, 3), loadMs: 5_000, ...fields }), pool('b', waiting(0))],
        replicas: [replica('a', { state: 'loaded', loadedAtMs: 96_000 }), replica('b')],
      }),
    );
  expect(held(at({}))).toEqual([]);
  expect(held(at({ lastUsedAtMs: 96_500 }))).toEqual([]);
  expect(at({ lastUsedAtMs: 96_500 }).nextCheckAtMs).toBe(101_000);
  expect(unloaded(at({ lastUsedAtMs: 96_500, loadMs: 4_000 }))).toEqual(['a']);
});

verifies('ORCH-1443', 'what is cleared for one that has waited long enough is not taken by a smaller one', () => {
  const plan = planSwap(
    situation({
      devices: [card(4 * GIB)],
      pools: [pool('a', { runningCount: 1, lastUsedAtMs: 1 }), pool('b', waiting(0)), pool('c', waiting(1_000))],
      replicas: [replica('a', { state: 'loaded' }), replica('b'), replica('c', { footprintBytes: GIB })],
    }),
  );
  expect(loaded(plan)).toEqual([]);
  expect(plan.waits[1]?.reason).toBe('nvidia:0 is being cleared for a pool that waits longer.');
});

verifies('ORCH-1444', 'an idle replica is unloaded after its time, unless it is pinned or has work', () => {
  const at = (fields: Parameters<typeof pool>[1]): SwapPlan =>
    planSwap(
      situation({
        pools: [pool('a', { idleUnloadMs: 30_000, lastUsedAtMs: 70_000, ...fields })],
        replicas: [replica('a', { state: 'loaded' })],
      }),
    );
  expect(at({}).unloads).toEqual([{ replicaId: 'a', cause: 'idle', reason: 'No work for 30000 ms.' }]);
  expect(at({ lastUsedAtMs: 70_001 })).toEqual({
    loads: [],
    unloads: [],
    holds: [],
    waits: [],
    nextCheckAtMs: 100_001,
  });
  for (const used of [{ isPinned: true }, { runningCount: 1 }, waiting(99_000)]) expect(unloaded(at(used))).toEqual([]);
});

verifies('ORCH-1446', 'a load that nothing waits for is ended, unless somebody asked for it', () => {
  const at = (isWanted: boolean): SwapPlan =>
    planSwap(situation({ pools: [pool('a', { isWanted })], replicas: [replica('a', { state: 'loading' })] }));
  expect(at(false).unloads).toEqual([{ replicaId: 'a', cause: 'unwanted', reason: 'Nothing waits for it any more.' }]);
  expect(unloaded(at(true))).toEqual([]);
});

verifies(
  'ORCH-1440',
  'a pool that is to be loaded gets every replica that has room, and pushes nobody out for the second',
  () => {
    const a = pool('a', { isWanted: true });
    const replicas = ['a-0', 'a-1', 'a-2'].map((id) =>
      replica(id, { poolId: a.poolId, sets: [['nvidia:0'], ['nvidia:1']] }),
    );
    const idle = [
      pool('b', { lastUsedAtMs: 1 }),
      replica('b', { state: 'loaded', sets: [['nvidia:1']], devices: ['nvidia:1'] }),
    ] as const;
    const devices = [card(18 * GIB), card(4 * GIB, 'nvidia:1')];
    const plan = planSwap(situation({ devices, pools: [a, idle[0]], replicas: [...replicas, idle[1]] }));
    expect(unloaded(plan)).toEqual([]);
    expect(plan.loads).toMatchObject([{ replicaId: 'a-0', devices: ['nvidia:0'], reason: 'a is to be loaded.' }]);
    const roomy = planSwap(
      situation({
        devices: [card(18 * GIB), card(9 * GIB, 'nvidia:1')],
        pools: [a, idle[0]],
        replicas: [...replicas, idle[1]],
      }),
    );
    expect(roomy.loads).toMatchObject([
      { replicaId: 'a-0', devices: ['nvidia:0'] },
      { replicaId: 'a-1', devices: ['nvidia:1'], reason: 'a is to be loaded, and there is room.' },
    ]);
  },
);

verifies('ORCH-1442', 'what is leaving makes room already, so that nobody else has to go', () => {
  const plan = planSwap(
    situation({
      pools: [pool('a', { lastUsedAtMs: 1 }), pool('b', { lastUsedAtMs: 2 }), pool('c', waiting(99_000))],
      replicas: [replica('a', { state: 'unloading' }), replica('b', { state: 'loaded' }), replica('c')],
    }),
  );
  expect([unloaded(plan), loaded(plan)]).toEqual([[], ['c']]);
});

verifies('ORCH-1443', 'a pool that has drained for another is not given back before the other is loaded', () => {
  const b = pool('b', waiting(99_000));
  const plan = planSwap(
    situation({
      pools: [pool('a', { ...waiting(99_500), heldFor: b.poolId, lastUsedAtMs: 99_999, loadMs: 5_000 }), b],
      replicas: [replica('a', { state: 'loaded' }), replica('b')],
    }),
  );
  expect([unloaded(plan), loaded(plan), held(plan)]).toEqual([['a'], ['b'], ['a']]);
});
