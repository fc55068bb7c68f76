// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { expect } from 'vitest';
import { readEmbeddings, readScores } from './openai-answers.ts';

function codeOf(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return OrchError.is(error) ? error.code : error;
  }
}

verifies('ORCH-4074', 'rows come in the order of the inputs, with what they cost', () => {
  const data = [
    { index: 1, embedding: [2] },
    { index: 0, embedding: 'AAAAPw==' },
  ];
  expect(readEmbeddings({ data, usage: { prompt_tokens: 3 } }, 2)).toEqual({
    embeddings: [[0.5], [2]],
    promptTokens: 3,
  });
  const results = [
    { index: 1, relevance_score: 0.5 },
    { index: 0, relevance_score: -1 },
  ];
  expect(readScores({ results, usage: { total_tokens: 7 } }, 2)).toEqual({ scores: [-1, 0.5], promptTokens: 7 });
  expect(readScores({ results }, 2).promptTokens).toBeUndefined();
});

verifies('ORCH-4074', 'a missing or malformed row is a reset', () => {
  for (const answer of [
    undefined,
    {},
    { data: [] },
    { data: [{ index: 1, embedding: [1] }] },
    { data: [{ index: 0, embedding: ['1'] }] },
    { data: [{ index: 0, embedding: '' }] },
    { data: [{ index: 0, embedding: 'AAAA' }] },
  ]) {
    expect([answer, codeOf(() => readEmbeddings(answer, 1))]).toEqual([answer, 'WORKER_RESET']);
  }
  expect(codeOf(() => readScores({ results: [{ index: 0, relevance_score: '1' }] }, 1))).toBe('WORKER_RESET');
});
