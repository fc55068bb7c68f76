// SPDX-License-Identifier: MIT
import { createSwapper } from '@llama-orch/pool-manager';
import type { SimCard, SimPool } from './sim-card.ts';

/** Ways to decide which model is loaded. */
export const SWAP_POLICIES = ['ours', 'fifo', 'loaded wins'] as const;
/** One of the ways. */
export type SwapPolicy = (typeof SWAP_POLICIES)[number];

/** Lets a policy rule a card; the returned function ends it. */
export function rule(card: SimCard, policy: SwapPolicy, maxWaitMs: number): () => Promise<void> {
  if (policy === 'ours') return ruleBySwapper(card, maxWaitMs);
  // Strictly in the order of arrival, or whatever the loaded model has work for.
  if (policy === 'fifo') card.mayStart = (pool) => pool === oldest(card);
  let isSwapping = false;
  const look = (): void => {
    const next = oldest(card);
    const loaded = card.pools.find(({ replica }) => replica.state === 'ready');
    const isFree =
      loaded === undefined || (loaded.runningCount === 0 && (policy === 'fifo' || loaded.line.length === 0));
    if (next === undefined || next === loaded || isSwapping || !isFree) return;
    isSwapping = true;
    void exchange(loaded, next).finally(() => {
      isSwapping = false;
      look();
    });
  };
  const unwatch = card.demand.watchDemand(look);
  return async () => unwatch();
}

async function exchange(loaded: SimPool | undefined, next: SimPool): Promise<void> {
  await loaded?.replica.unload();
  await next.replica.load({ devices: ['nvidia:0'] });
}

function oldest(card: SimCard): SimPool | undefined {
  return card.pools
    .filter(({ line }) => line.length > 0)
    .sort((a, b) => (a.line[0]?.submittedAtMs ?? 0) - (b.line[0]?.submittedAtMs ?? 0))[0];
}

function ruleBySwapper(card: SimCard, maxWaitMs: number): () => Promise<void> {
  const swapper = createSwapper({
    pools: card.pools.map(({ poolId, replica }) => ({
      poolId,
      replicas: [{ replica }],
      wish: { mask: ['nvidia:0'], requireGpu: true, split: false },
      groupId: 'models',
      together: true,
      isPinned: false,
      loadAtStart: false,
      maxWaitMs,
    })),
    demand: card.demand,
    devices: card.devices,
    clock: card.clock,
    logger: { log: () => undefined },
  });
  swapper.start();
  return () => swapper.close();
}
