// SPDX-License-Identifier: MIT

/** What a model is and needs, read from its header; ORCH-1631. */
export interface ModelFacts {
  /** As in `llama`. */
  readonly architecture: string;
  readonly name?: string;
  /** As in `Q4_K_M`; absent where the file does not say. */
  readonly quantization?: string;
  readonly parameterCount: number;
  /** Context that the model was trained with. */
  readonly contextTokens: number;
  readonly layerCount: number;
  readonly embeddingLength: number;
  readonly hasChatTemplate: boolean;
  /** Bytes of the weights. */
  readonly weightsBytes: number;
  /** Bytes that each token of a context takes, at 16 bits a value. */
  readonly contextBytesPerToken: number;
}

/** What a load takes of a device. */
export interface DeviceMemory {
  /** Context that was reckoned with. */
  readonly contextTokens: number;
  readonly weightsBytes: number;
  readonly contextBytes: number;
  /** What engines take beside: scratch for one batch. */
  readonly scratchBytes: number;
  readonly totalBytes: number;
}

/** Tokens of a batch that llama.cpp reckons scratch for. */
const BATCH_TOKENS = 512;
/** Values of scratch for a token of a batch, for each value of its embedding. */
const SCRATCH_VALUES = 16;
const VALUE_BYTES = 4;

/**
 * An estimate of what a load takes, all layers on the device. Engines differ by some tenths; what is measured counts.
 *
 * @param contextTokens All slots together; default what the model was trained with.
 */
export function estimateDeviceMemory(facts: ModelFacts, contextTokens = facts.contextTokens): DeviceMemory {
  const contextBytes = contextTokens * facts.contextBytesPerToken;
  const scratchBytes = BATCH_TOKENS * facts.embeddingLength * SCRATCH_VALUES * VALUE_BYTES;
  const totalBytes = facts.weightsBytes + contextBytes + scratchBytes;
  return { contextTokens, weightsBytes: facts.weightsBytes, contextBytes, scratchBytes, totalBytes };
}
