// SPDX-License-Identifier: MIT

/** Which token follows which: each of a chain is followed by the next one and the end by `last`; everything else by `first`. */
export interface TokenChain {
  readonly first: number;
  readonly then: readonly number[];
  readonly last: number;
}

const EMBEDDED = 1;
/** So far above the other logits that no temperature matters. */
const CERTAIN = 100;

/** How many dimensions it takes to tell the tokens of a chain apart from each other and from the rest. */
export function dimensionsOf({ then }: TokenChain): number {
  return then.length + 2;
}

/**
 * Embeddings and output weights of a model that keeps to the chain, when its layers add nothing: each token of the chain has
 * a dimension of its own, all others share one, and what follows is read off it.
 */
export function scriptedWeights(chain: TokenChain, size: number, tokenCount: number): ScriptedWeights {
  const embedding = new Float32Array(size * tokenCount);
  const output = new Float32Array(size * tokenCount);
  const steps = [chain.first, ...chain.then];
  for (let token = 0; token < tokenCount; token += 1) embedding[token * size + steps.indexOf(token) + 1] = EMBEDDED;
  output[chain.first * size] = CERTAIN;
  for (const [index] of steps.entries()) output[(steps[index + 1] ?? chain.last) * size + index + 1] = CERTAIN;
  return { embedding, output };
}

/** Matrices of one row per token. */
export interface ScriptedWeights {
  readonly embedding: Float32Array;
  readonly output: Float32Array;
}
