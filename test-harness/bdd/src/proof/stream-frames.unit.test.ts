// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { framesOf, isWhole, storedOf, tokenBytesOf } from './stream-frames.ts';

const STARTED = 'id: 0123abcd:0\nevent: started\ndata: {}\n\n';
const token = (seq: number, index = seq - 1): string =>
  `id: 0123abcd:${seq}\nevent: token\ndata: {"t":"a","i":${index}}\n\n`;
const end = (seq: number): string => `id: 0123abcd:${seq}\nevent: end\ndata: {}\n\n`;
const METRICS = 'id: 0123abcd:1\nevent: metrics\ndata: {}\n\n';

verifies('ORCH-8400', 'a joined stream with a gap, a double, a wrong id or a second end is not called whole', () => {
  const judge = (...parts: readonly string[]): boolean => isWhole(framesOf(parts.join('')));
  expect(judge(STARTED, token(1), METRICS, ': \n\n', token(2), end(3))).toBe(true);
  expect(judge(STARTED, token(1), token(3), end(4)), 'gap').toBe(false);
  expect(judge(STARTED, token(1), token(1), end(2)), 'double').toBe(false);
  expect(judge(STARTED, token(1), token(3, 1), end(3)), 'wrong id').toBe(false);
  expect(judge(STARTED, token(1), end(2), end(3)), 'two ends').toBe(false);
  expect(judge(STARTED, token(1)), 'no end').toBe(false);
  expect(judge(), 'nothing').toBe(false);
});

verifies('ORCH-8400', 'a frame that a lost connection tore is not counted, and runs are compared without ids', () => {
  const torn = framesOf(STARTED + token(1) + token(2).slice(0, -1));
  expect(storedOf(torn).map(({ event }) => event)).toEqual(['started', 'token']);
  expect(tokenBytesOf(torn)).toBe('event: token\ndata: {"t":"a","i":0}\n\n');
});
