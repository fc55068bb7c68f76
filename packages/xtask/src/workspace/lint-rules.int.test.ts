// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { verifies } from '@llama-orch/test-kit';
import { ESLint } from 'eslint';
import { beforeAll, expect } from 'vitest';
import { repositoryRoot } from '../testing/repository.ts';

const BOUNDARIES = '@nx/enforce-module-boundaries';
const IMPORTS = '@typescript-eslint/no-restricted-imports';
const HEAD = '// SPDX-License-Identifier: MIT\n';

const core = 'packages/orchestrator-core/src/index.ts';
const app = 'packages/orchestratord/src/index.ts';
const adapter = 'packages/worker-adapters/mock/src/index.ts';
const client = 'packages/client/src/index.ts';
const types = 'contracts/api-types/src/index.ts';

let eslint: ESLint;

beforeAll(async () => {
  // Without a project graph on disk the boundary rule skips itself with a warning: the planted breaches would not fail.
  await promisify(execFile)(join(repositoryRoot, 'node_modules/.bin/nx'), ['show', 'projects'], {
    cwd: repositoryRoot,
  });
  eslint = new ESLint({ cwd: repositoryRoot });
});

/** The rules that refuse `code` in place of a file of the repository. */
async function refusedBy(filePath: string, code: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(HEAD + code, { filePath: join(repositoryRoot, filePath) });
  return (result?.messages ?? []).filter(({ severity }) => severity === 2).map(({ ruleId }) => ruleId);
}

const importing = (name: string): string => `export * as planted from '${name}';\n`;

verifies('ORCH-9002', 'a forbidden import between packages is refused', async () => {
  const breaches = [
    [core, '@llama-orch/adapter-mock'],
    [core, 'express'],
    [core, 'winston'],
    [adapter, '@llama-orch/orchestrator-core'],
    [adapter, '@llama-orch/adapter-llamacpp-http'],
    [client, '@llama-orch/orchestrator-core'],
    [app, '@llama-orch/xtask'],
    [types, 'express'],
    [core, '../../worker-adapter-api/src/index.ts'],
  ] as const;
  for (const [file, name] of breaches) {
    expect([file, name, await refusedBy(file, importing(name))]).toEqual([
      file,
      name,
      expect.arrayContaining([BOUNDARIES]),
    ]);
  }
});

verifies('ORCH-9002', 'a permitted import is not refused', async () => {
  expect(await refusedBy(core, importing('@llama-orch/worker-adapter-api'))).not.toContain(BOUNDARIES);
  expect(await refusedBy(app, importing('@llama-orch/orchestrator-core'))).not.toContain(BOUNDARIES);
  expect(await refusedBy(client, importing('@llama-orch/api-types'))).not.toContain(BOUNDARIES);
});

verifies('ORCH-9003', 'a concrete adapter is refused outside compose.ts', async () => {
  expect(await refusedBy(app, importing('@llama-orch/adapter-mock'))).toContain(IMPORTS);
  expect(await refusedBy('packages/orchestratord/src/compose.ts', importing('@llama-orch/adapter-mock'))).not.toContain(
    IMPORTS,
  );
});

verifies('ORCH-9004', 'the core may not reach for clock, chance or I/O', async () => {
  const breaches = [
    ['export const now = (): number => Date.now();', 'no-restricted-properties'],
    ['export const now = new Date();', 'no-restricted-syntax'],
    ['export const now = (): number => performance.now();', 'no-restricted-globals'],
    ['export const chance = (): number => Math.random();', 'no-restricted-properties'],
    ['export const id = (): string => crypto.randomUUID();', 'no-restricted-globals'],
    ['setTimeout(() => undefined, 1);', 'no-restricted-globals'],
    ['export const late = AbortSignal.timeout(1);', 'no-restricted-properties'],
    ['console.log(1);', 'no-restricted-globals'],
    [importing('node:fs'), IMPORTS],
  ] as const;
  for (const [code, rule] of breaches)
    expect([code, await refusedBy(core, code)]).toEqual([code, expect.arrayContaining([rule])]);
});

verifies('ORCH-9005', 'test kits are refused in shipped code', async () => {
  expect(await refusedBy(app, importing('@llama-orch/test-kit'))).toContain(IMPORTS);
  expect(await refusedBy(app, importing('@llama-orch/orchestrator-core/testkit'))).toContain(IMPORTS);
});

verifies('ORCH-9006', 'sizes over the limits are refused', async () => {
  const lines = (count: number): string => '// a line\n'.repeat(count);
  expect(await refusedBy(app, lines(301))).toContain('max-lines');
  expect(await refusedBy(app, lines(250))).not.toContain('max-lines');
  expect(await refusedBy(app, `export function long(): void {\n${lines(51)}}\n`)).toContain('max-lines-per-function');
  expect(
    await refusedBy(
      app,
      'export function wide(a: number, b: number, c: number, d: number): number[] { return [a, b, c, d]; }',
    ),
  ).toContain('max-params');
  expect(await refusedBy('packages/xtask/src/gates/links.unit.test.ts', lines(501))).toContain('max-lines');
});
