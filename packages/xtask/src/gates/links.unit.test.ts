// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { anchorsOf, judgeLinks } from './links.ts';

const known = new Set(['README.md', 'docs', 'docs/tour.md', 'src/a.ts']);
const judge = (pages: Readonly<Record<string, string>>): string[] => judgeLinks(new Map(Object.entries(pages)), known);

verifies('ORCH-9105', 'links to files, folders, headings and other sites pass', () => {
  const tour =
    '# The tour\n\n[up](../README.md#start) [self](#the-tour) [code](../src/a.ts#L3) <https://example.org>\n';
  const readme =
    '# Start\n\n[docs](docs/) [tour](docs/tour.md "Tour") [site](https://example.org/#x)\n\n[ref]: docs/tour.md\n';
  expect(judge({ 'README.md': readme, 'docs/tour.md': tour })).toEqual([]);
});

verifies('ORCH-9105', 'a dead link, reference or anchor is a finding', () => {
  expect(judge({ 'docs/tour.md': '[a](missing.md)' })).toEqual(['docs/tour.md: missing.md does not exist']);
  expect(judge({ 'docs/tour.md': '[a]: ../src/b.ts' })).toEqual(['docs/tour.md: ../src/b.ts does not exist']);
  expect(judge({ 'docs/tour.md': '[`b`](../src/b.ts)' })).toEqual(['docs/tour.md: ../src/b.ts does not exist']);
  expect(judge({ 'docs/tour.md': '# One\n\n[a](#two)' })).toEqual([
    'docs/tour.md: #two names no heading of docs/tour.md',
  ]);
});

verifies('ORCH-9105', 'code is not searched for links', () => {
  expect(judge({ 'README.md': '```md\n[a](missing.md)\n```\n\nWrite `[a](missing.md)`.\n' })).toEqual([]);
});

verifies('ORCH-9105', 'anchors follow the headings as forges write them', () => {
  const anchors = anchorsOf('# What it is\n## `npm test`, then?\n## Same\n## Same\n<a id="own"></a>\n');
  expect([...anchors]).toEqual(['own', 'what-it-is', 'npm-test-then', 'same', 'same-1']);
});
