// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { GIB } from './__fixtures__/situation.ts';
import { poolId, SwapRig } from './__fixtures__/swap-rig.ts';

verifies('ORCH-1440', 'a pool is loaded when work waits for it, and what it takes is measured', async () => {
  const rig = new SwapRig({ a: {}, b: {} });
  rig.swapper.start();
  await rig.need('a', { waitingCount: 1 });
  expect(rig.replica('a')).toMatchObject({ state: 'loading', devices: ['nvidia:0'] });
  await rig.pass(1_000);
  expect(rig.ready).toEqual(['a']);
  expect(rig.swapper.view()[0]).toEqual({
    poolId: 'a',
    isHeld: false,
    replicas: [{ id: 'a', devices: ['nvidia:0'], footprintBytes: 8 * GIB }],
  });
  await rig.swapper.close();
});

verifies(
  'ORCH-1440',
  'pools that fit live together once each was measured; a third pushes out the least recently used',
  async () => {
    const rig = new SwapRig({ a: { footprintGib: 12 }, b: {}, c: { footprintGib: 10 } });
    rig.swapper.start();
    for (const id of ['a', 'b', 'c']) {
      await rig.need(id, { waitingCount: 1 });
      await rig.pass(2_000);
      await rig.need(id, { runningCount: 1 });
      await rig.need(id, { runningCount: 0 });
      await rig.pass(20_000);
    }
    // Measured for the first time, each had the card to itself.
    expect(rig.ready).toEqual(['c']);
    await rig.need('b', { waitingCount: 1 });
    await rig.pass(2_000);
    expect(rig.ready).toEqual(['b', 'c']);
    await rig.need('b', { runningCount: 0 });
    await rig.pass(20_000);
    await rig.need('a', { waitingCount: 1 });
    await rig.pass(2_000);
    expect(rig.ready).toEqual(['a', 'b']);
    expect(rig.swapper.decisions().slice(-2)).toMatchObject([
      { kind: 'evicted', replicaId: 'c', reason: 'a has waiting work.' },
      { kind: 'load', replicaId: 'a', devices: ['nvidia:0'], reason: 'a has waiting work.' },
    ]);
    await rig.swapper.close();
  },
);

verifies(
  'ORCH-1421',
  'devices are read again before every load, and a load that no longer fits is not begun',
  async () => {
    const rig = new SwapRig({ a: {}, b: {} });
    rig.swapper.start();
    await rig.need('a', { waitingCount: 1 });
    await rig.pass(1_000);
    await rig.need('a', { runningCount: 0 });
    await rig.swapper.unload(poolId('a'));
    rig.devices.take('nvidia:0', 20 * GIB);
    const readCount = rig.devices.readCount;
    await rig.need('a', { waitingCount: 1 });
    expect(rig.devices.readCount).toBeGreaterThan(readCount);
    await rig.pass(3_000);
    expect(rig.moves).toEqual(['+a', '-a']);
    expect(rig.swapper.view()[0]?.reason).toBe('nvidia:0 has 4096 MiB free at most, 8192 MiB are needed.');
    rig.devices.take('nvidia:0', -20 * GIB);
    await rig.pass(6_000);
    expect(rig.ready).toEqual(['a']);
    await rig.swapper.close();
  },
);

verifies(
  'ORCH-1424',
  'a pool that requires a GPU is not loaded without one, and says why until there is one',
  async () => {
    const rig = new SwapRig({ a: { wish: { requireGpu: true, split: false }, loadAtStart: true } });
    rig.devices.failWith('nvidia-smi failed: no driver.');
    rig.swapper.start();
    await rig.need('a', { waitingCount: 1 });
    await rig.pass(10_000);
    expect(rig.moves).toEqual([]);
    const reason =
      'The pool requires a GPU; devices cannot be read (nvidia-smi failed: no driver). Mend the driver, or set require_gpu to false.';
    expect(rig.swapper.view()[0]?.reason).toBe(reason);
    await expect(rig.swapper.load(poolId('a'))).rejects.toMatchObject({ code: 'POOL_UNREADY', message: reason });
    rig.devices.failWith(undefined);
    await rig.pass(6_000);
    expect(rig.ready).toEqual(['a']);
    await rig.swapper.close();
  },
);

verifies(
  ['ORCH-1441', 'ORCH-1443'],
  'a pool that has served long enough is held, drains, and is then unloaded',
  async () => {
    const rig = new SwapRig({ a: { together: false }, b: { together: false, maxWaitMs: 30_000 } });
    rig.swapper.start();
    await rig.need('a', { waitingCount: 1 });
    await rig.pass(1_000);
    await rig.need('a', { runningCount: 1, waitingCount: 5 });
    await rig.need('b', { waitingCount: 1 });
    await rig.pass(29_000);
    expect([...rig.held]).toEqual([]);
    await rig.pass(2_000);
    expect([...rig.held]).toEqual(['a']);
    expect(rig.swapper.view()[0]).toMatchObject({
      isHeld: true,
      reason: 'b has waiting work for as long as it may wait.',
    });
    await rig.pass(60_000);
    expect(rig.moves).toEqual(['+a']);
    await rig.need('a', { runningCount: 0, waitingCount: 5 });
    expect(rig.moves).toEqual(['+a', '-a', '+b']);
    await rig.pass(1_000);
    expect([rig.ready, [...rig.held]]).toEqual([['b'], []]);
    await rig.swapper.close();
  },
);

verifies(
  'ORCH-1441',
  'a job that slipped in before the hold is waited for, and the pool gets no other meanwhile',
  async () => {
    const rig = new SwapRig({ a: { together: false, loadMs: 0 }, b: { together: false } });
    rig.swapper.start();
    await rig.need('a', { waitingCount: 1 });
    await rig.pass(10_000);
    await rig.need('a', { runningCount: 0 });
    const running = rig.need('a', { runningCount: 1 });
    const unloaded = rig.swapper.unload(poolId('a'));
    await running;
    await rig.pass(60_000);
    expect([rig.replica('a').state, [...rig.held]]).toEqual(['draining', ['a']]);
    await rig.need('a', { runningCount: 0 });
    await unloaded;
    await rig.pass(0);
    expect([rig.replica('a').state, [...rig.held]]).toEqual(['stopped', []]);
    await rig.swapper.close();
  },
);

verifies('ORCH-1444', 'an idle pool is unloaded after its time, and a pinned one never', async () => {
  const rig = new SwapRig({
    a: { idleUnloadMs: 30_000 },
    b: { idleUnloadMs: 30_000, isPinned: true, isMeasured: true },
  });
  rig.swapper.start();
  for (const id of ['a', 'b']) {
    await rig.need(id, { waitingCount: 1 });
    await rig.pass(1_000);
    await rig.need(id, { runningCount: 1 });
    await rig.pass(60_000);
  }
  expect(rig.ready).toEqual(['a', 'b']);
  await rig.need('a', { runningCount: 0 });
  await rig.need('b', { runningCount: 0 });
  await rig.pass(29_999);
  expect(rig.ready).toEqual(['a', 'b']);
  await rig.pass(1);
  expect(rig.ready).toEqual(['b']);
  await rig.pass(3_600_000);
  expect(rig.moves).toEqual(['+a', '+b', '-a']);
  expect(rig.unheldUnloads).toEqual([]);
  await rig.swapper.close();
});

verifies('ORCH-1445', 'a slow load keeps no other pool from being loaded, held back or released', async () => {
  const devices = [
    { id: 'nvidia:0', totalBytes: 24 * GIB },
    { id: 'nvidia:1', totalBytes: 24 * GIB },
  ] as const;
  const wish = { mask: ['nvidia:1'], requireGpu: false, split: false } as const;
  const second = { wish, groupId: 'others', together: false };
  const rig = new SwapRig({ slow: { loadMs: 600_000 }, b: second, c: second }, devices);
  rig.swapper.start();
  await rig.need('slow', { waitingCount: 1 });
  for (const id of ['b', 'c', 'b']) {
    await rig.need(id, { waitingCount: 1 });
    await rig.pass(3_000);
    await rig.need(id, { runningCount: 0 });
  }
  expect(rig.moves).toEqual(['+slow', '+b', '-b', '+c', '-c', '+b']);
  expect(rig.replica('slow').state).toBe('loading');
  const closed = rig.swapper.close();
  await rig.pass(0);
  await closed;
});

verifies('ORCH-1446', 'a load whose waiters are gone is ended and its device given to the next', async () => {
  const rig = new SwapRig({ a: { loadMs: 60_000 }, b: {} });
  rig.swapper.start();
  await rig.need('a', { waitingCount: 1 });
  await rig.need('b', { waitingCount: 1 });
  await rig.pass(10_000);
  expect(rig.moves).toEqual(['+a']);
  await rig.need('a', { waitingCount: 0 });
  expect(rig.replica('a').state).toBe('stopped');
  expect(rig.swapper.decisions()).toMatchObject([
    { kind: 'load' },
    { kind: 'unwanted', replicaId: 'a' },
    { kind: 'load' },
  ]);
  await rig.pass(1_000);
  expect([rig.ready, rig.devices.freeBytes('nvidia:0')]).toEqual([['b'], 16 * GIB]);
  await rig.swapper.close();
});

verifies('ORCH-1446', 'a load whose work begins before it has been measured is not unwanted', async () => {
  const rig = new SwapRig({ a: { servesAtOnce: true } });
  rig.swapper.start();
  await rig.need('a', { waitingCount: 1 });
  await rig.pass(1_000);
  await rig.need('a', { runningCount: 0 });
  await rig.pass(60_000);
  expect(rig.moves).toEqual(['+a']);
  await rig.swapper.close();
});

verifies('ORCH-1446', 'a load that an operator asked for goes on without waiters', async () => {
  const rig = new SwapRig({ a: { loadMs: 5_000 } });
  rig.swapper.start();
  const loaded = rig.swapper.load(poolId('a'));
  await rig.need('a', { waitingCount: 1 });
  await rig.need('a', { waitingCount: 0 });
  await rig.pass(5_000);
  await loaded;
  await rig.swapper.load(poolId('a'));
  expect(rig.replica('a').loadCount).toBe(1);
  await expect(rig.swapper.load(poolId('zzz'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await rig.swapper.close();
});

verifies('ORCH-1440', 'a load that fails is told to who asked, and tried again later for work that waits', async () => {
  const rig = new SwapRig({ a: {} });
  rig.replica('a').failure = 'The engine does not start.';
  rig.swapper.start();
  const asked = rig.swapper.load(poolId('a'));
  const told = expect(asked).rejects.toMatchObject({ code: 'POOL_UNREADY', message: 'The engine does not start.' });
  await rig.pass(1_000);
  await told;
  await rig.need('a', { waitingCount: 1 });
  await rig.pass(1_000);
  expect(rig.replica('a').loadCount).toBe(1);
  rig.replica('a').failure = undefined;
  await rig.pass(2_000);
  expect(rig.ready).toEqual(['a']);
  expect(rig.lines).toContain('warn A replica could not be loaded. The engine does not start.');
  await rig.swapper.close();
});

verifies(
  'ORCH-1440',
  'other pools are taken over at run time: what stays keeps its engine and what is known of it',
  async () => {
    const rig = new SwapRig({ a: { loadAtStart: true, isPinned: true }, b: {} });
    rig.swapper.start();
    await rig.pass(1_000);
    expect(rig.ready).toEqual(['a']);
    rig.swapper.setPools(rig.pools.slice(0, 1));
    await rig.need('b', { waitingCount: 1 });
    await rig.pass(5_000);
    expect(rig.moves).toEqual(['+a']);
    rig.swapper.setPools(rig.pools);
    await rig.pass(5_000);
    expect(rig.ready).toEqual(['a', 'b']);
    expect(rig.swapper.view()[0]?.replicas[0]?.footprintBytes).toBe(8 * GIB);
    await rig.swapper.close();
  },
);

verifies(
  ['ORCH-1422', 'ORCH-1423'],
  'a split takes its share of every device of its mask, and is measured over all',
  async () => {
    const devices = [
      { id: 'nvidia:0', totalBytes: 8 * GIB },
      { id: 'nvidia:1', totalBytes: 8 * GIB },
      { id: 'nvidia:2', totalBytes: 8 * GIB },
    ] as const;
    const wish = { mask: ['nvidia:0', 'nvidia:1'], requireGpu: true, split: true } as const;
    const rig = new SwapRig({ a: { wish, footprintGib: 12 } }, devices);
    rig.swapper.start();
    await rig.need('a', { waitingCount: 1 });
    await rig.pass(1_000);
    expect(rig.replica('a').devices).toEqual(['nvidia:0', 'nvidia:1']);
    expect(rig.swapper.view()[0]?.replicas[0]?.footprintBytes).toBe(12 * GIB);
    await rig.swapper.close();
  },
);

verifies('ORCH-1440', 'a pool that is taken out while it is held is released, and known when it returns', async () => {
  const rig = new SwapRig({ a: { together: false }, b: { together: false, maxWaitMs: 0 } });
  rig.swapper.start();
  await rig.need('a', { waitingCount: 1 });
  await rig.pass(1_000);
  await rig.need('a', { runningCount: 1 });
  await rig.need('b', { waitingCount: 1 });
  await rig.pass(2_000);
  expect([...rig.held]).toEqual(['a']);
  rig.swapper.setPools(rig.pools.slice(1));
  expect([...rig.held]).toEqual([]);
  rig.swapper.setPools(rig.pools);
  expect(rig.swapper.view()[0]?.replicas).toEqual([{ id: 'a', devices: ['nvidia:0'], footprintBytes: 8 * GIB }]);
  await rig.pass(2_000);
  expect([...rig.held]).toEqual(['a']);
  await rig.swapper.close();
  expect([...rig.held]).toEqual([]);
});

verifies('ORCH-1443', 'what becomes due while a slow machine still thinks is not forgotten', async () => {
  for (const lagMs of [2, 3, 4, 6, 9]) {
    const rig = new SwapRig({ a: { together: false }, b: { together: false } });
    rig.swapper.start();
    await rig.need('a', { waitingCount: 1 });
    await rig.pass(1_000);
    await rig.need('a', { runningCount: 0 });
    // Its follow-up is given up 10 ms later, between two looks at the clock.
    await rig.pass(990);
    rig.lagMs = lagMs;
    await rig.need('b', { waitingCount: 1 });
    rig.lagMs = 0;
    await rig.pass(1_100);
    expect(rig.moves, `${lagMs} ms`).toEqual(['+a', '-a', '+b']);
    await rig.swapper.close();
  }
});

verifies('ORCH-1421', 'devices are not read while nothing is to be loaded', async () => {
  const rig = new SwapRig({ a: {} });
  rig.swapper.start();
  await rig.need('a', { waitingCount: 1 });
  await rig.pass(1_000);
  const { readCount } = rig.devices;
  for (let job = 0; job < 20; job += 1) {
    await rig.need('a', { runningCount: 1, waitingCount: 1 });
    await rig.need('a', { runningCount: 0 });
    await rig.pass(5_000);
  }
  expect(rig.devices.readCount).toBe(readCount);
  await rig.swapper.close();
});

verifies('ORCH-1446', 'a load that still waits for its device is ended with its last waiter', async () => {
  const rig = new SwapRig({ a: { together: false }, b: { together: false } });
  rig.swapper.start();
  await rig.need('a', { waitingCount: 1 });
  await rig.pass(1_000);
  await rig.need('a', { runningCount: 1 });
  const unloaded = rig.swapper.unload(poolId('a'));
  await rig.need('b', { waitingCount: 1 });
  expect(rig.swapper.decisions().at(-1)).toMatchObject({ kind: 'load', replicaId: 'b' });
  await rig.need('b', { waitingCount: 0 });
  await rig.need('a', { runningCount: 0 });
  await unloaded;
  await rig.pass(10_000);
  expect(rig.moves).toEqual(['+a', '-a']);
  await rig.swapper.close();
});
