// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { REPLICA_STATES, REPLICA_TRANSITIONS } from './replica-state.ts';

verifies('ORCH-1410', 'the picture in the specification shows the transition table', async () => {
  const page = await readFile(new URL('../../../specs/pools.md', import.meta.url), 'utf8');
  const picture = /```mermaid\n([^`]*)```/.exec(page)?.[1] ?? '';
  const lines = picture.trim().split('\n').slice(1);
  const arrows = REPLICA_STATES.flatMap((state) =>
    Object.entries(REPLICA_TRANSITIONS[state]).map(([event, next]) => `${state} --> ${next}: ${event}`),
  );
  expect(lines.map((line) => line.trim()).sort()).toEqual(['[*] --> stopped', ...arrows].sort());
});
