// SPDX-License-Identifier: MIT
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@llama-orch/test-kit';
import { getLlama, LlamaCompletion, type LlamaModel } from 'node-llama-cpp';
import { expect } from 'vitest';
import { createRandomGguf, type RandomGgufOptions } from './create-random-gguf.ts';
import { toolCallScript, toolTemplate } from './tool-template.ts';

/** Loads a model, lets `use` have it, and leaves nothing behind. */
async function withModel(options: RandomGgufOptions, use: (model: LlamaModel) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'special-gguf-'));
  const modelPath = join(folder, 'special.gguf');
  await writeFile(modelPath, createRandomGguf(options));
  const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, maxThreads: 1 });
  try {
    await use(await llama.loadModel({ modelPath }));
  } finally {
    await llama.dispose();
    await rm(folder, { recursive: true });
  }
}

verifies('ORCH-4422', 'a ranking model scores each document by itself', () =>
  withModel({ seed: 1, ranks: true }, async (model) => {
    expect(model.fileInsights.supportsRanking).toBe(true);
    const context = await model.createRankingContext({ contextSize: 256, threads: 1 });
    const scores = await context.rankAll('rain', ['snow', 'rain on the hill']);
    expect(new Set(scores).size).toBe(2);
    expect(await context.rankAll('rain', ['rain on the hill', 'snow'])).toEqual(scores.toReversed());
  }),
);

verifies('ORCH-4422', 'a scripted model says its script whatever the seed', () =>
  withModel({ seed: 1, chatTemplate: toolTemplate, script: toolCallScript, contextTokens: 512 }, async (model) => {
    const context = await model.createContext({ contextSize: 256, threads: 1, sequences: 2 });
    for (const seed of [1, 2]) {
      const completion = new LlamaCompletion({ contextSequence: context.getSequence() });
      const options = { temperature: 2, topP: 1, topK: 0, seed, repeatPenalty: false, maxTokens: 99 } as const;
      expect(await completion.generateCompletion('a line\n', options)).toBe(toolCallScript.join(''));
      expect(await completion.generateCompletion('a word', options)).toBe(`\n${toolCallScript.join('')}`);
    }
  }),
);

verifies('ORCH-4422', 'a script that is too long for the model is refused', () => {
  const script = Array.from({ length: 63 }, (_, index) => `word-${index}`);
  expect(() => createRandomGguf({ seed: 1, script })).toThrow(/larger embeddingSize/);
});
