// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { requirementId, temporaryRepository } from '../testing/repository.ts';
import { mentionsIn, traceRequirements } from './trace.ts';

const [active, deferred, unknown] = [requirementId(3000), requirementId(3001), requirementId(3999)];
const SPEC = `### ${active} One\n\nStatus: active\n\nMUST\n\n### ${deferred} Two\n\nStatus: deferred (later)\n\nMUST\n`;
const TEST = 'packages/core/src/x.unit.test.ts';
const proof = (id: string): string => `verifies('${id}', 'a fact', () => {});`;

async function trace(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  await using repository = await temporaryRepository({ 'specs/core.md': SPEC, ...files });
  return await traceRequirements(repository.path);
}

verifies('ORCH-9101', 'a cited active requirement and an uncited deferred one pass', async () => {
  expect(await trace({ [TEST]: proof(active) })).toEqual([]);
});

verifies('ORCH-9101', 'an active requirement that no test cites is a finding', async () => {
  const comment = { 'packages/core/src/x.ts': `// ${active}: decided here` };
  expect(await trace(comment)).toEqual([`specs/core.md:1: ${active} "One" is active and no test cites it`]);
});

verifies('ORCH-9101', 'a deferred requirement that a test cites is a finding', async () => {
  const [finding] = await trace({ [TEST]: proof(active) + proof(deferred) });
  expect(finding).toContain(`${deferred} is deferred, but ${TEST} proves it`);
});

verifies('ORCH-9101', 'an unknown id is a finding wherever it stands', async () => {
  const places = {
    'packages/core/src/y.ts': `// ${unknown}: why`,
    'contracts/openapi/openapi.yaml': `x-orch: [${unknown}]`,
    'test-harness/bdd/features/a.feature': `@${unknown}\nFeature: a`,
    'TODO.md': `- [ ] ${unknown} later`,
    'packages/core/src/z.unit.test.ts': proof(unknown),
  };
  for (const [path, text] of Object.entries(places)) {
    expect(await trace({ [TEST]: proof(active), [path]: text })).toEqual([`${path}: ${unknown} is not in specs/`]);
  }
});

verifies('ORCH-9101', 'calls, lists, tables of checks and feature tags are citations; comments are not', () => {
  const two = [requirementId(3001), requirementId(3002)] as const;
  const provenIn = (path: string, text: string): string[] =>
    mentionsIn(path, text)
      .filter(({ proves }) => proves)
      .map(({ id }) => id);
  expect(provenIn(TEST, `verifies(['${two[0]}', '${two[1]}'], 'facts', fn)`)).toEqual(two);
  expect(provenIn('packages/core/src/testkit/x.ts', `[{ id: '${two[0]}', check }]`)).toEqual([two[0]]);
  expect(provenIn('test-harness/bdd/features/a.feature', `@${two[0]} @slow\nScenario: a`)).toEqual([two[0]]);
  expect(provenIn(TEST, `// ${two[0]}: why`)).toEqual([]);
  expect(provenIn('packages/core/src/x.ts', `verifies('${two[0]}', 'not a test', fn)`)).toEqual([]);
});
