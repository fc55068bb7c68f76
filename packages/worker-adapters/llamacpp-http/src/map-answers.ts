// SPDX-License-Identifier: MIT
import { protocolFault } from '@llama-orch/adapter-kit';
import type { WorkerEnd } from '@llama-orch/worker-adapter-api';
import { isObject } from './parse-json.ts';

/**
 * The answer of `/v1/embeddings`, in the order of the inputs.
 *
 * @throws OrchError WORKER_RESET when a vector is missing.
 */
export function toEmbeddings(answer: unknown, count: number): WorkerEnd {
  const embeddings = inOrder(answer, 'data', count).map((row) => {
    const vector = row['embedding'];
    if (!Array.isArray(vector) || !vector.every((value) => typeof value === 'number')) throw protocolFault('not_json');
    return vector;
  });
  return { ...endOf(answer), embeddings };
}

/**
 * The answer of `/v1/rerank`, in the order of the documents.
 *
 * @throws OrchError WORKER_RESET when a score is missing.
 */
export function toScores(answer: unknown, count: number): WorkerEnd {
  const scores = inOrder(answer, 'results', count).map(({ relevance_score: score }) => {
    if (typeof score !== 'number') throw protocolFault('not_json');
    return score;
  });
  return { ...endOf(answer), scores };
}

function inOrder(answer: unknown, key: string, count: number): readonly Readonly<Record<string, unknown>>[] {
  const rows = isObject(answer) ? answer[key] : undefined;
  if (!Array.isArray(rows)) throw protocolFault('not_json');
  return Array.from({ length: count }, (_, index) => {
    const row: unknown = rows.find((candidate) => isObject(candidate) && candidate['index'] === index);
    if (!isObject(row)) throw protocolFault('not_json');
    return row;
  });
}

function endOf(answer: unknown): WorkerEnd {
  const usage = isObject(answer) && isObject(answer['usage']) ? answer['usage'] : {};
  const { prompt_tokens: promptTokens } = usage;
  const tokensIn = typeof promptTokens === 'number' ? promptTokens : 0;
  return { finishReason: 'stop', tokensIn, tokensOut: 0, decodeTimeMs: 0, prefixReuse: false };
}
