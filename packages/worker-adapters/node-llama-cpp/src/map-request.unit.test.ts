// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import type { Token } from 'node-llama-cpp';
import { expect } from 'vitest';
import { greedy } from './__fixtures__/ready-adapter.ts';
import { mapSampling } from './map-request.ts';

const history = Array.from({ length: 100 }, (_, token) => token as Token);

verifies('ORCH-4219', 'neutral settings pass every value and no penalty', () => {
  expect(mapSampling({ ...greedy, seed: 7 }, history)).toEqual({ seed: 7, temperature: 0, topP: 1, topK: 0, minP: 0 });
});

verifies('ORCH-4219', 'any penalty brings all three, over the last 64 tokens', () => {
  const { repeatPenalty } = mapSampling({ ...greedy, presencePenalty: 0.5 }, history);
  expect(repeatPenalty).toMatchObject({ penalty: 1, presencePenalty: 0.5, frequencyPenalty: 0, maxPunishTokens: 64 });
  const punished = repeatPenalty?.punishTokens;
  expect(typeof punished === 'function' && punished()).toEqual(history.slice(36));
});
