// SPDX-License-Identifier: MIT
import type { WorkerEnd, WorkerInput } from '@llama-orch/worker-adapter-api';
import type { LlamaRankingContext } from 'node-llama-cpp';
import { invalidParams } from './engine-error.ts';
import type { LoadedEngine } from './load-engine.ts';

/** Scores documents; its context is created by the first request and kept. */
export class Ranker {
  readonly #engine: LoadedEngine;
  #context: Promise<LlamaRankingContext> | undefined;

  constructor(engine: LoadedEngine) {
    this.#engine = engine;
  }

  /**
   * One score per document, in order: how likely it is, from 0 to 1, that it answers the query.
   *
   * @throws EngineError INVALID_PARAMS for a document that is with its query longer than the context.
   */
  async rank(
    { query, documents }: Extract<WorkerInput, { workload: 'rerank' }>,
    isAborted: () => boolean,
  ): Promise<WorkerEnd> {
    const { model, props } = this.#engine;
    const startedAt = performance.now();
    const context = await this.#contextReady();
    const queryTokens = model.tokenize(query);
    const tokenized = documents.map((document) => model.tokenize(document));
    const lengths = tokenized.map((tokens) => context.calculateInputLength(queryTokens, tokens));
    const tooLong = lengths.findIndex((length) => length >= props.ctxMaxTokens);
    if (tooLong >= 0) {
      throw invalidParams(`$.inputs[${tooLong}]`, 'Query and document are longer than the context.', {
        limit: props.ctxMaxTokens,
      });
    }
    const scores: number[] = [];
    for (const tokens of tokenized) {
      if (isAborted()) break;
      scores.push(await context.rank(queryTokens, tokens));
    }
    const canceled = isAborted();
    return {
      finishReason: canceled ? 'canceled' : 'stop',
      tokensIn: lengths.reduce((sum, length) => sum + length, 0),
      tokensOut: 0,
      decodeTimeMs: performance.now() - startedAt,
      prefixReuse: false,
      ...(!canceled && { scores }),
    };
  }

  #contextReady(): Promise<LlamaRankingContext> {
    const { model, props, threads } = this.#engine;
    this.#context ??= model.createRankingContext({
      contextSize: props.ctxMaxTokens,
      ...(threads !== undefined && { threads }),
    });
    return this.#context;
  }
}
