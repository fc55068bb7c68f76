// SPDX-License-Identifier: MIT
import type { Capacity } from '../engine-launcher.ts';

/** A context shorter than this serves nobody. */
const SHORTEST_CTX_TOKENS = 512;

/**
 * The next smaller capacity after device memory ran out: half the slots, and with one slot half the context.
 *
 * @returns undefined when there is nothing left to give up, or when neither is known.
 */
export function reduceCapacity(capacity: Capacity): Capacity | undefined {
  const { slots, ctxMaxTokens } = capacity;
  if (slots !== undefined && slots > 1) return { ...capacity, slots: Math.floor(slots / 2) };
  if (ctxMaxTokens === undefined || ctxMaxTokens <= SHORTEST_CTX_TOKENS) return undefined;
  return { ...capacity, ctxMaxTokens: Math.max(SHORTEST_CTX_TOKENS, Math.floor(ctxMaxTokens / 2)) };
}
