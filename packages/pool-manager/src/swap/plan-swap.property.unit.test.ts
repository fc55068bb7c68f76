// SPDX-License-Identifier: MIT
import { propertyRun, verifies } from '@llama-orch/test-kit';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { DeviceId } from '../devices/device-provider.ts';
import { card, GIB, pool, replica } from './__fixtures__/situation.ts';
import { planSwap } from './plan-swap.ts';
import type { SwapReplica, SwapSituation } from './swap-situation.ts';

const CARDS: readonly DeviceId[] = ['nvidia:0', 'nvidia:1'];
const SETS: readonly (readonly (readonly DeviceId[])[])[] = [
  [['nvidia:0']],
  [['nvidia:1']],
  [['nvidia:0'], ['nvidia:1']],
  [['nvidia:0', 'nvidia:1']],
];

const time = fc.integer({ min: 0, max: 100_000 });
const anyPool = fc.record({
  together: fc.boolean(),
  groupId: fc.constantFrom('one', 'other'),
  isPinned: fc.boolean(),
  isWanted: fc.boolean(),
  waitingCount: fc.integer({ min: 0, max: 2 }),
  since: time,
  runningCount: fc.integer({ min: 0, max: 2 }),
  lastUsedAtMs: time,
  loadMs: fc.constantFrom(0, 5_000),
  drainMs: fc.constantFrom(0, 2_000),
  idleUnloadMs: fc.constantFrom(undefined, 30_000),
  sets: fc.constantFrom(...SETS),
  at: fc.nat({ max: 1 }),
  state: fc.constantFrom('unloaded', 'unloaded', 'loading', 'loaded', 'loaded', 'loaded', 'unloading', 'failed'),
  footprintGib: fc.integer({ min: 0, max: 12 }),
});

/** What a drawn row stands for: a busy pool has a loaded replica, and a model that was never measured has no footprint. */
function situationOf(rows: readonly (typeof anyPool extends fc.Arbitrary<infer T> ? T : never)[]): SwapSituation {
  const replicas = rows.map(({ state, sets, at, footprintGib }, index): SwapReplica => {
    const devices = sets[at % sets.length] ?? [];
    const { footprintBytes: _, ...bare } = replica(`p${index}`, { sets, state });
    const isSomewhere = state !== 'unloaded' && state !== 'failed';
    return {
      ...bare,
      ...(isSomewhere ? { devices } : {}),
      ...(footprintGib === 0 ? {} : { footprintBytes: footprintGib * GIB }),
    };
  });
  const pools = rows.map(({ sets: _, at: __, state, footprintGib: ___, since, idleUnloadMs, ...row }, index) =>
    pool(`p${index}`, {
      ...row,
      runningCount: state === 'loaded' || state === 'unloading' ? row.runningCount : 0,
      ...(row.waitingCount > 0 ? { oldestWaitingSinceMs: since } : {}),
      ...(idleUnloadMs === undefined ? {} : { idleUnloadMs }),
    }),
  );
  return { nowMs: 100_000, devices: [], pools, replicas };
}

const situations = fc
  .tuple(fc.array(anyPool, { minLength: 1, maxLength: 6 }), fc.tuple(fc.nat(24), fc.nat(24)))
  .map(([rows, free]) => ({
    ...situationOf(rows),
    devices: CARDS.map((id, at) => card((free[at] ?? 0) * GIB, id)),
  }));

const check = (property: (situation: SwapSituation) => void): void =>
  fc.assert(fc.property(situations, property), { ...propertyRun, numRuns: 3_000 });

const poolOf = ({ pools }: SwapSituation, { poolId }: SwapReplica): SwapSituation['pools'][number] =>
  pools.find((each) => each.poolId === poolId)!;
const shareOn = (device: DeviceId, { devices = [], footprintBytes = 0 }: SwapReplica): number =>
  devices.includes(device) ? footprintBytes / devices.length : 0;

verifies(['ORCH-1441', 'ORCH-1442'], 'no plan unloads a busy or a pinned replica', () => {
  check((situation) => {
    for (const { replicaId, cause } of planSwap(situation).unloads) {
      const gone = situation.replicas.find((each) => each.replicaId === replicaId)!;
      expect(poolOf(situation, gone).runningCount).toBe(0);
      if (cause !== 'unwanted') expect(poolOf(situation, gone).isPinned).toBe(false);
    }
  });
});

verifies(['ORCH-1421', 'ORCH-1442'], 'no plan loads more onto a device than is free once the evicted are gone', () => {
  check((situation) => {
    const { loads, unloads } = planSwap(situation);
    const leaving = situation.replicas.filter(
      ({ replicaId, state }) => state === 'unloading' || unloads.some((each) => each.replicaId === replicaId),
    );
    for (const { id, freeBytes = 0 } of situation.devices) {
      const sum = (replicas: readonly SwapReplica[]): number =>
        replicas.reduce((all, each) => all + shareOn(id, each), 0);
      const coming = loads.map(({ replicaId, devices }) => ({
        ...situation.replicas.find((each) => each.replicaId === replicaId)!,
        devices,
      }));
      if (sum(coming) > 0) expect(sum(coming)).toBeLessThanOrEqual(freeBytes + sum(leaving));
    }
  });
});

verifies(['ORCH-1422', 'ORCH-1440'], 'no plan brings together what may not live together', () => {
  check((situation) => {
    const { loads, unloads } = planSwap(situation);
    const coming = new Map(loads.map(({ replicaId, devices }) => [replicaId, devices]));
    const there = situation.replicas
      .map((each) => ({ ...each, devices: coming.get(each.replicaId) ?? each.devices }))
      .filter(({ replicaId }) => coming.has(replicaId) || !unloads.some((each) => each.replicaId === replicaId))
      .filter(({ devices, state }) => devices !== undefined && state !== 'unloading');
    for (const one of there.filter(({ replicaId }) => coming.has(replicaId))) {
      for (const other of there.filter((each) => each !== one)) {
        const [a, b] = [poolOf(situation, one), poolOf(situation, other)];
        const isFriend = a.groupId === b.groupId && a.together && b.together;
        const meets = other.devices!.some((device) => one.devices!.includes(device));
        expect(isFriend || (!meets && a.groupId !== b.groupId) || (!meets && a.together && b.together)).toBe(true);
      }
    }
  });
});

verifies('ORCH-1442', 'of what one plan evicts for its only load, nothing could have stayed', () => {
  check((situation) => {
    const { loads, unloads, waits } = planSwap(situation);
    const [load] = loads;
    const evicted = unloads.filter(({ cause }) => cause === 'evicted');
    if (load === undefined || loads.length > 1 || waits.length > 0) return;
    const comes = situation.replicas.find(({ replicaId }) => replicaId === load.replicaId)!;
    const goes = situation.replicas.filter(({ replicaId }) => unloads.some((each) => each.replicaId === replicaId));
    for (const { replicaId } of evicted) {
      const other = situation.replicas.find((each) => each.replicaId === replicaId)!;
      const [a, b] = [poolOf(situation, comes), poolOf(situation, other)];
      const mustGo = a.groupId !== b.groupId || !a.together || !b.together || comes.footprintBytes === undefined;
      const gone = situation.replicas.filter((each) => each.state === 'unloading' || goes.includes(each));
      const isShortWithIt = load.devices.some((id) => {
        const free = situation.devices.find((device) => device.id === id)!.freeBytes!;
        const freed = gone.filter((each) => each !== other).reduce((sum, each) => sum + shareOn(id, each), 0);
        return free + freed < (comes.footprintBytes ?? 0) / load.devices.length;
      });
      expect(mustGo || isShortWithIt).toBe(true);
    }
  });
});

verifies('ORCH-1442', 'the same situation gives the same plan, and a plan changes no situation', () => {
  check((situation) => {
    const before = structuredClone(situation);
    expect(planSwap(situation)).toEqual(planSwap(before));
    expect(situation).toEqual(before);
  });
});
