// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { isTerminal, TASK_STATES, TASK_TRANSITIONS } from './task-state.ts';

verifies('ORCH-3400', 'the picture in the specification shows the transition table', async () => {
  const page = await readFile(new URL('../../../../specs/core.md', import.meta.url), 'utf8');
  const picture = /```mermaid\n([^`]*)```/.exec(page)?.[1] ?? '';
  const lines = picture.trim().split('\n').slice(1);
  const arrows = TASK_STATES.flatMap((state) =>
    Object.entries(TASK_TRANSITIONS[state]).map(([event, next]) => `${state} --> ${next}: ${event}`),
  );
  const ends = TASK_STATES.filter((state) => isTerminal(state)).map((state) => `${state} --> [*]`);
  expect(lines.map((line) => line.trim()).sort()).toEqual(['[*] --> queued', ...arrows, ...ends].sort());
});
