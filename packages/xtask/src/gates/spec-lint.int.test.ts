// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { requirementId } from '../testing/repository.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { lintSpecs } from './spec-lint.ts';

const README = '| File | Ids | About |\n| --- | --- | --- |\n| `core.md` | 3000-3999 | x |\n';
const requirement = (number: number, text: string): string =>
  `### ${requirementId(number)} Title\n\nStatus: active\n\n${text}\n\n`;

async function lint(specs: Readonly<Record<string, string>>): Promise<readonly string[]> {
  await using folder = await temporaryFolder({ 'specs/README.md': README });
  await folder.write(Object.fromEntries(Object.entries(specs).map(([name, text]) => [`specs/${name}`, text])));
  return await lintSpecs(folder.path);
}

verifies('ORCH-9100', 'specs in order pass the lint', async () => {
  expect(await lint({ 'core.md': requirement(3000, 'It MUST work.') })).toEqual([]);
});

verifies('ORCH-9100', 'each breach of the spec format is a finding', async () => {
  const twice = requirement(3000, 'It MUST work.');
  expect(await lint({ 'core.md': twice + twice })).toEqual([
    `specs/core.md:7: ${requirementId(3000)} was used before at specs/core.md:1`,
  ]);
  expect(await lint({ 'core.md': requirement(2999, 'It MUST work.') })).toEqual([
    `specs/core.md:1: ${requirementId(2999)} is outside the range 3000-3999 of its file`,
  ]);
  expect(await lint({ 'core.md': requirement(3000, 'It must work.') })).toEqual([
    `specs/core.md:1: ${requirementId(3000)} has no RFC 2119 keyword`,
  ]);
  expect(await lint({ 'other.md': requirement(3000, 'It MUST work.') })).toEqual([
    'specs/other.md has no id range in specs/README.md',
  ]);
  expect(await lint({ 'core.md': '### Untitled\n\nStatus: active\n\nIt MUST work.\n' })).toHaveLength(1);
});
