// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { repositoryRoot } from '../testing/repository.ts';
import { temporaryFolder, type TemporaryFolder } from '../testing/temporary-folder.ts';

const run = promisify(execFile);
const lock = (version: string): string => JSON.stringify({ packages: { '': {}, 'node_modules/a': { version } } });

/** Stands in for npm: notes what it was asked, and puts "installed" packages and a pinned Node where npm would. */
const FAKE_NPM = `
import { appendFileSync, mkdirSync, copyFileSync, symlinkSync, existsSync } from 'node:fs';
appendFileSync('npm-calls.txt', process.argv.slice(2).join(' ') + '\\n');
const bin = \`node_modules/node-\${process.platform}-\${process.arch}/bin\`;
mkdirSync(bin, { recursive: true });
if (!existsSync(bin + '/node')) symlinkSync(process.execPath, bin + '/node');
copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
`;

async function clone(): Promise<TemporaryFolder> {
  const folder = await temporaryFolder({
    'package-lock.json': lock('1.0.0'),
    'npm.mjs': FAKE_NPM,
    'main.mjs': `console.log(JSON.stringify({ node: process.execPath, args: process.argv.slice(2) })); process.exit(7);`,
  });
  await mkdir(join(folder.path, 'ci/scripts'), { recursive: true });
  await copyFile(join(repositoryRoot, 'ci/scripts/pinned-node.mjs'), join(folder.path, 'ci/scripts/pinned-node.mjs'));
  return folder;
}

interface Outcome {
  readonly code: number;
  readonly stdout: string;
}

async function start({ path }: TemporaryFolder): Promise<Outcome> {
  const env = { ...process.env, npm_execpath: join(path, 'npm.mjs') };
  return run(process.execPath, [join(path, 'ci/scripts/pinned-node.mjs'), 'main.mjs', 'a', '--b'], { env }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: unknown) => error as Outcome,
  );
}

verifies('ORCH-9000', 'a fresh clone installs once and runs on the Node of the lockfile', async () => {
  await using folder = await clone();
  const first = await start(folder);
  expect(first.code).toBe(7);
  expect(JSON.parse(first.stdout)).toEqual({ node: expect.stringContaining('node'), args: ['a', '--b'] });
  await start(folder);
  expect(await readFile(join(folder.path, 'npm-calls.txt'), 'utf8')).toBe('ci\n');
});

verifies('ORCH-9000', 'a changed lockfile installs again', async () => {
  await using folder = await clone();
  await start(folder);
  await folder.write({ 'package-lock.json': lock('1.0.1') });
  await start(folder);
  expect(await readFile(join(folder.path, 'npm-calls.txt'), 'utf8')).toBe('ci\nci\n');
});
