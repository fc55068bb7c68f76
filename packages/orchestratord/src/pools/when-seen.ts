// SPDX-License-Identifier: MIT
import type { Orchestrator, PoolId, ReplicaView } from '@llama-orch/orchestrator-core';
import type { ManagedReplica } from '@llama-orch/pool-manager';

/** Resolves when the orchestrator has noticed what became of a pool's engines, so that whoever asks next is told. */
export async function whenSeen(
  orchestrator: Pick<Orchestrator, 'pool' | 'watch'>,
  poolId: PoolId,
  replicas: readonly ManagedReplica[],
): Promise<void> {
  for (;;) {
    const { promise: changed, resolve: change } = Promise.withResolvers<void>();
    const stops = [
      orchestrator.watch((event) => {
        if (event.kind === 'replica' && event.poolId === poolId) change();
      }),
      ...replicas.map(({ adapter }) => adapter.onHealthChange?.(change)),
    ];
    try {
      const pool = await orchestrator.pool(poolId);
      const states = new Map<string, ReplicaView['state']>(pool?.replicas.map(({ id, state }) => [id, state]));
      if (replicas.every((replica) => agrees(replica, states.get(replica.id)))) return;
      await changed;
    } finally {
      for (const stop of stops) stop?.();
    }
  }
}

/** An engine on its way from one state to another is not waited for. */
function agrees(replica: ManagedReplica, seen: ReplicaView['state'] | undefined): boolean {
  const { state } = replica.view();
  if (state === 'ready') return seen !== 'loading' && seen !== 'unloaded';
  return state !== 'stopped' || seen !== 'ready';
}
