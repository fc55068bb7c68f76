// SPDX-License-Identifier: MIT
import type { WorkerEnd } from '@llama-orch/worker-adapter-api';
import type { LlamaEmbeddingContext } from 'node-llama-cpp';
import { invalidParams } from './engine-error.ts';
import type { LoadedEngine } from './load-engine.ts';

/** Makes embeddings; its context is created by the first request and kept. */
export class Embedder {
  readonly #engine: LoadedEngine;
  #context: Promise<LlamaEmbeddingContext> | undefined;

  constructor(engine: LoadedEngine) {
    this.#engine = engine;
  }

  /**
   * One vector of unit length per input.
   *
   * @throws EngineError INVALID_PARAMS for an input longer than the context.
   */
  async embed(inputs: readonly string[], isAborted: () => boolean): Promise<WorkerEnd> {
    const { model, props } = this.#engine;
    const startedAt = performance.now();
    const tokenized = inputs.map((input) => model.tokenize(input));
    const tooLong = tokenized.findIndex((tokens) => tokens.length >= props.ctxMaxTokens);
    if (tooLong >= 0) {
      throw invalidParams(`$.inputs[${tooLong}]`, 'The input is longer than the context.', {
        limit: props.ctxMaxTokens,
      });
    }
    const context = await this.#contextReady();
    const embeddings: (readonly number[])[] = [];
    for (const tokens of tokenized) {
      if (isAborted()) break;
      const { vector } = await context.getEmbeddingFor([...tokens]);
      embeddings.push(toUnitLength(vector));
    }
    const canceled = isAborted();
    return {
      finishReason: canceled ? 'canceled' : 'stop',
      tokensIn: tokenized.reduce((sum, tokens) => sum + tokens.length, 0),
      tokensOut: 0,
      decodeTimeMs: performance.now() - startedAt,
      prefixReuse: false,
      ...(!canceled && { embeddings }),
    };
  }

  #contextReady(): Promise<LlamaEmbeddingContext> {
    const { model, props, threads } = this.#engine;
    this.#context ??= model.createEmbeddingContext({
      contextSize: props.ctxMaxTokens,
      ...(threads !== undefined && { threads }),
    });
    return this.#context;
  }
}

function toUnitLength(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}
