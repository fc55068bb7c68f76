// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { copyFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { repositoryRoot } from '../testing/repository.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

const knip = join(repositoryRoot, 'node_modules/.bin/knip');

verifies('ORCH-9107', 'an unreached file, an unused export and an unused dependency are findings', async () => {
  const manifest = (name: string, more: object = {}): string => JSON.stringify({ name, type: 'module', ...more });
  await using folder = await temporaryFolder({
    'package.json': manifest('planted', { workspaces: ['packages/*'] }),
    'packages/a/package.json': manifest('a', { exports: './src/index.ts', dependencies: { 'left-over': '1.0.0' } }),
    'packages/a/src/index.ts': `export { used } from './used.ts';\n`,
    'packages/a/src/used.ts': 'export const used = 1;\nexport const forgotten = 2;\n',
    'packages/a/src/unreached.ts': 'export const lost = 3;\n',
  });
  await copyFile(join(repositoryRoot, 'knip.json'), join(folder.path, 'knip.json'));
  await symlink(join(repositoryRoot, 'node_modules'), join(folder.path, 'node_modules'));
  const { stdout } = await promisify(execFile)(knip, ['--no-progress'], { cwd: folder.path }).then(
    () => ({ stdout: 'nothing found' }),
    (error: unknown) => error as { readonly stdout: string },
  );
  for (const finding of ['unreached.ts', 'forgotten', 'left-over']) expect(stdout).toContain(finding);
});
