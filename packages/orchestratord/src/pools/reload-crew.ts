// SPDX-License-Identifier: MIT
import type { PoolId, PoolOperations } from '@llama-orch/orchestrator-core';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { closeCrew, loadCrew, placesOf, unloadCrew, type Crew, type Places } from './crew.ts';
import { reloadFailed, type LoadFault } from './pool-control.ts';

/** One crew in the place of another. */
export interface CrewChange {
  readonly poolId: PoolId;
  readonly current: Crew;
  readonly next: Crew;
  /** Whether both may be in memory at once. */
  readonly fitsBeside: boolean;
  /** Gives the pool to the new crew, in one step; resolves when the old one has ended what it ran. */
  readonly handOver: () => Promise<void>;
  readonly operations: Pick<PoolOperations, 'holdPool'>;
}

/**
 * Loads the new engines beside the old ones, or instead of them where both do not fit, and hands the pool over. ORCH-1452
 *
 * @throws OrchError RELOAD_FAILED; the old engines serve on then, and nothing of the new ones is left.
 */
export async function reloadCrew(change: CrewChange): Promise<void> {
  const places = placesOf(change.current);
  if (change.fitsBeside) {
    const fault = await loadCrew(change.next, places);
    if (fault === undefined) return handOver(change);
    if (!isMemoryFault(fault)) return giveUp(change, fault);
    await unloadCrew(change.next);
  }
  const { poolId, operations } = change;
  // What comes meanwhile waits; what runs ends first.
  operations.holdPool(poolId, true);
  try {
    await reloadInstead(change, places);
  } finally {
    operations.holdPool(poolId, false);
  }
}

async function reloadInstead(change: CrewChange, places: Places): Promise<void> {
  const { current, next } = change;
  await unloadCrew(current);
  try {
    const fault = await loadCrew(next, places);
    if (fault !== undefined) return await giveUp(change, fault);
    await handOver(change);
  } catch (error) {
    // One that cannot be loaded again goes on trying, and its health tells why.
    await loadCrew(current, places);
    throw error;
  }
}

async function handOver({ handOver: run, next, current }: CrewChange): Promise<void> {
  try {
    await run();
  } catch (error) {
    await closeCrew(next);
    const { message } = OrchError.from(error, 'INTERNAL');
    throw reloadFailed('switch', { reason: message });
  }
  await closeCrew(current);
}

async function giveUp({ next }: CrewChange, fault: LoadFault): Promise<never> {
  await closeCrew(next);
  throw reloadFailed('load', fault);
}

function isMemoryFault({ kind }: LoadFault): boolean {
  return kind === 'device_memory' || kind === 'host_memory';
}
