// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect, test } from 'vitest';
import { runStages, type Stage } from './stage.ts';

const stage = (name: string, passes: boolean): Stage => ({ name, run: async () => passes });
const stages = [stage('one', true), stage('two', false), stage('three', true)];

verifies('ORCH-9200', 'a failed stage does not hide the stages behind it', async () => {
  const lines: string[] = [];
  const results = await runStages(stages, { print: (line) => lines.push(line), nowMs: () => 0 });
  expect(results.map(({ name, passed }) => [name, passed])).toEqual([
    ['one', true],
    ['two', false],
    ['three', true],
  ]);
  expect(lines.slice(-3)).toEqual(['ok     one (0.0 s)', 'FAILED two (0.0 s)', 'ok     three (0.0 s)']);
});

test('a run that stops at the first failure runs nothing behind it', async () => {
  const results = await runStages(stages, { print: () => undefined, stopAtFirst: true });
  expect(results.map(({ name }) => name)).toEqual(['one', 'two']);
});
