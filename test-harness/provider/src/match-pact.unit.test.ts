// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { exampleFits } from './match-pact.ts';

verifies('ORCH-2403', 'a body that lacks, mistypes or changes what is expected does not fit', () => {
  const example = { code: 'A', list: [{ n: 1 }], deep: { ok: true } };
  const rules = { $: { matchers: [{ match: 'type' }] }, '$.code': { matchers: [{ match: 'equality' }] } } as const;
  const good = { code: 'A', list: [{ n: 2 }, { n: 3, more: 1 }], deep: { ok: false }, more: 1 };
  expect(exampleFits(example, good, rules)).toEqual([]);
  const paths = (actual: unknown): string[] => exampleFits(example, actual, rules).map(({ path }) => path);
  expect(paths({ ...good, code: 'B' })).toEqual(['$.code']);
  expect(paths({ ...good, list: [] })).toEqual(['$.list']);
  expect(paths({ ...good, list: [{ n: 1 }, { n: '1' }] })).toEqual(['$.list[1].n']);
  expect(paths({ code: 'A', list: [{ n: 1 }] })).toEqual(['$.deep']);
  expect(paths([])).toEqual(['$']);
});
