// SPDX-License-Identifier: MIT
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@llama-orch/test-kit';
import { getLlama, LlamaCompletion } from 'node-llama-cpp';
import { expect } from 'vitest';
import { createRandomGguf } from './create-random-gguf.ts';

verifies('ORCH-4421', 'llama.cpp loads a random model and generates from it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'random-gguf-'));
  const modelPath = join(folder, 'random.gguf');
  await writeFile(modelPath, createRandomGguf({ seed: 42, contextTokens: 512 }));
  const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, maxThreads: 1 });
  try {
    const model = await llama.loadModel({ modelPath });
    expect(model.trainContextSize).toBe(512);
    const context = await model.createContext({ contextSize: 256, threads: 1 });
    const completion = new LlamaCompletion({ contextSequence: context.getSequence() });
    let tokenCount = 0;
    await completion.generateCompletion('hello', {
      temperature: 1,
      seed: 3,
      repeatPenalty: false,
      maxTokens: 12,
      onToken: (tokens) => (tokenCount += tokens.length),
    });
    expect(tokenCount).toBeGreaterThan(0);
  } finally {
    await llama.dispose();
    await rm(folder, { recursive: true });
  }
});
