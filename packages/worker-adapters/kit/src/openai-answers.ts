// SPDX-License-Identifier: MIT
import type { WorkerEnd } from '@llama-orch/worker-adapter-api';
import { isObject, numberOf } from './json.ts';
import { protocolFault } from './map-http-fault.ts';
import { usageOf } from './openai-stream.ts';

/** Bytes of a number in a vector that comes in base64. */
const FLOAT_BYTES = 4;

/** Vectors or scores, and the tokens they cost; undefined where the engine did not count. */
export type OpenAiAnswer = Pick<WorkerEnd, 'embeddings' | 'scores'> & { readonly promptTokens: number | undefined };

/**
 * The answer of an embeddings call, in the order of the inputs.
 *
 * @throws OrchError WORKER_RESET when a vector is missing.
 */
export function readEmbeddings(answer: unknown, count: number): OpenAiAnswer {
  const embeddings = inOrder(answer, 'data', count).map((row) => vectorOf(row['embedding']));
  return { embeddings, promptTokens: promptTokensOf(answer) };
}

/**
 * The answer of a rerank call, in the order of the documents, however the engine sorts them.
 *
 * @throws OrchError WORKER_RESET when a score is missing.
 */
export function readScores(answer: unknown, count: number): OpenAiAnswer {
  const scores = inOrder(answer, 'results', count).map(({ relevance_score: score }) => {
    if (typeof score !== 'number') throw protocolFault('not_json');
    return score;
  });
  return { scores, promptTokens: promptTokensOf(answer) };
}

function inOrder(answer: unknown, key: string, count: number): readonly Readonly<Record<string, unknown>>[] {
  const rows = isObject(answer) ? answer[key] : undefined;
  if (!Array.isArray(rows)) throw protocolFault('not_json');
  const byIndex = new Map(rows.filter(isObject).map((row) => [row['index'], row] as const));
  return Array.from({ length: count }, (_, index) => {
    const row = byIndex.get(index);
    if (row === undefined) throw protocolFault('not_json');
    return row;
  });
}

/** Numbers, or the base64 of 32-bit floats in little-endian order, which some engines send unasked. */
function vectorOf(value: unknown): readonly number[] {
  if (Array.isArray(value) && value.every((number) => typeof number === 'number')) return value;
  if (typeof value !== 'string') throw protocolFault('not_json');
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length === 0 || bytes.length % FLOAT_BYTES !== 0) throw protocolFault('not_json');
  return Array.from({ length: bytes.length / FLOAT_BYTES }, (_, i) => bytes.readFloatLE(i * FLOAT_BYTES));
}

function promptTokensOf(answer: unknown): number | undefined {
  const usage = isObject(answer) ? answer['usage'] : undefined;
  if (!isObject(usage)) return undefined;
  // Rerank answers of Jina's shape count in total_tokens alone.
  return usageOf(usage).promptTokens ?? numberOf(usage['total_tokens']);
}
