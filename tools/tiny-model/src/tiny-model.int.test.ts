// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { verifies } from '@llama-orch/test-kit';
import { getLlama, type Llama } from 'node-llama-cpp';
import { afterAll, beforeAll, expect } from 'vitest';
import tokenizations from '../evaluation/tokenizations.json' with { type: 'json' };
import { tinyModelDigest, tinyModelPath } from './tiny-model.ts';

let llama: Llama;

beforeAll(async () => {
  llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, maxThreads: 1 });
});
afterAll(() => llama.dispose());

verifies('ORCH-4400', 'the shipped file has the exported and the committed digest', async () => {
  const digest = createHash('sha256')
    .update(await readFile(tinyModelPath))
    .digest('hex');
  expect(tinyModelDigest).toBe(`sha256:${digest}`);
  expect(await readFile(`${tinyModelPath}.sha256`, 'utf8')).toBe(`${digest}  haiku-tiny.gguf\n`);
});

verifies('ORCH-4401', 'the file declares architecture, context, license and chat template', async () => {
  const model = await llama.loadModel({ modelPath: tinyModelPath });
  const { general, tokenizer } = model.fileInfo.metadata;
  expect(general).toMatchObject({ architecture: 'llama', name: 'Haiku Tiny', license: 'mit' });
  expect(model.trainContextSize).toBe(512);
  expect(tokenizer.chat_template).toContain('<|im_start|>');
  await model.dispose();
});

verifies('ORCH-4402', 'llama.cpp tokenizes reference texts like the corpus tokenizer', async () => {
  const model = await llama.loadModel({ modelPath: tinyModelPath, vocabOnly: true });
  expect(tokenizations.length).toBeGreaterThan(0);
  for (const { text, ids } of tokenizations) {
    expect([...model.tokenize(text)], text).toEqual(ids);
  }
  await model.dispose();
});
