// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { writeFiles, type FileGenerator } from '../generated-file.ts';
import { freshnessGate } from '../run-gates.ts';
import { repositoryRoot } from '../testing/repository.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { GENERATORS } from './all.ts';
import { generateErrorTable } from './error-table.ts';
import { generateMetricTable } from './metric-table.ts';

const ERRORS = `errors:
  - { code: NOT_FOUND, phases: [request], http: 404, retriable: false, meaning: It is not there. }
`;
const METRICS = `labels:
  reason: { from: errors }
  priority: { closed: [interactive, batch] }
  pool_id: { from: configuration }
metrics:
  - { name: refused_total, type: counter, unit: tasks, labels: [reason, priority, pool_id], help: Refused. }
  - { name: later_total, type: counter, unit: tasks, labels: [], help: Later., status: deferred }
`;

async function contentOf(
  generator: FileGenerator,
  sources: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  await using folder = await temporaryFolder(sources);
  return Object.fromEntries((await generator(folder.path)).map(({ path, content }) => [path, content]));
}

verifies('ORCH-9010', 'the error table and its page hold every row', async () => {
  const files = await contentOf(generateErrorTable, { 'contracts/errors.yaml': ERRORS });
  const table = files['contracts/api-types/src/generated/errors.ts'];
  expect(table).toContain(`export type ErrorCode = 'NOT_FOUND';`);
  expect(table).toContain(
    `NOT_FOUND: { phases: ['request'], http: 404, retriable: false, meaning: 'It is not there.' }`,
  );
  expect(files['docs/errors.md']).toMatch(/`NOT_FOUND` +\| 404 +\| request +\| no +\| It is not there\./);
});

verifies('ORCH-9010', 'labels are typed by their rule, and a deferred series is on the page only', async () => {
  const files = await contentOf(generateMetricTable, { 'contracts/metrics.yaml': METRICS });
  const table = files['contracts/api-types/src/generated/metrics.ts'] ?? '';
  expect(table.replaceAll(/\s+/g, ' ')).toContain(
    `readonly refused_total: { readonly reason: ErrorCode; readonly priority: 'interactive' | 'batch'; readonly pool_id: string; }`,
  );
  expect(table).not.toContain('later_total');
  expect(files['docs/metrics.md']).toContain('Later. (Deferred.)');
});

verifies('ORCH-9013', 'a second run of every generator makes the same bytes, which name their origin', async () => {
  for (const [name, generator] of Object.entries(GENERATORS)) {
    const [first, second] = [await generator(repositoryRoot), await generator(repositoryRoot)];
    expect([name, first]).toEqual([name, second]);
    for (const { path, content } of first) {
      expect([path, content.slice(0, 300)]).toEqual([
        path,
        expect.stringMatching(/Generated from \S+ by: npm run xtask \w+/),
      ]);
    }
  }
});

verifies(['ORCH-9013', 'ORCH-9014'], 'writing makes a stale file fresh, and only then writes', async () => {
  await using folder = await temporaryFolder({ 'contracts/errors.yaml': ERRORS });
  const gate = freshnessGate('regen-errors', generateErrorTable);
  const paths = ['contracts/api-types/src/generated/errors.ts', 'docs/errors.md'];
  expect(await gate(folder.path)).toEqual(paths.map((path) => `${path} is stale; run: npm run xtask regen-errors`));
  expect(await writeFiles(folder.path, await generateErrorTable(folder.path))).toEqual(paths);
  expect(await writeFiles(folder.path, await generateErrorTable(folder.path))).toEqual([]);
  expect(await gate(folder.path)).toEqual([]);
  await folder.write({ 'docs/errors.md': `${await readFile(join(folder.path, 'docs/errors.md'), 'utf8')}edited` });
  expect(await gate(folder.path)).toEqual(['docs/errors.md is stale; run: npm run xtask regen-errors']);
});
