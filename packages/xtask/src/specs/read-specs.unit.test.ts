// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { requirementId } from '../testing/repository.ts';
import { parseSpec } from './read-specs.ts';

const id = requirementId(3004);

verifies('ORCH-9100', 'a requirement has an id, a title, a status and a text', () => {
  const { requirements, problems } = parseSpec(
    'specs/core.md',
    `# Core\n\n## Queue\n\n### ${id} A full queue stores nothing\n\nStatus: active\n\nIt MUST refuse.\n\nAlways.\n\n## Next\n`,
  );
  expect(problems).toEqual([]);
  expect(requirements).toEqual([
    {
      id,
      title: 'A full queue stores nothing',
      status: 'active',
      file: 'specs/core.md',
      line: 5,
      text: 'It MUST refuse.\n\nAlways.',
    },
  ]);
});

verifies('ORCH-9100', 'a deferred or failing requirement says why', () => {
  const markdown = `### ${id} One\n\nStatus: deferred (no store\nyet)\n\nMUST\n\n### ${requirementId(3005)} Two\n\nStatus: known-failure (https://example.org/1)\n\nMUST\n`;
  const { requirements } = parseSpec('specs/core.md', markdown);
  expect(requirements.map(({ status, reason }) => [status, reason])).toEqual([
    ['deferred', 'no store yet'],
    ['known-failure', 'https://example.org/1'],
  ]);
});

verifies('ORCH-9100', 'a heading or status that does not parse is a problem', () => {
  const broken = [
    '### ORCH-12 Short\n\nStatus: active\n',
    `### ${id} One\n\nStatus: done\n`,
    `### ${id} One\n\nMUST\n`,
  ];
  for (const markdown of [...broken, `### ${id} One\n\nStatus: deferred\n`]) {
    expect(parseSpec('specs/core.md', markdown).problems).toHaveLength(1);
  }
});
