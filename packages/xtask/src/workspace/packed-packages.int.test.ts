// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { verifies } from '@llama-orch/test-kit';
import { afterAll, beforeAll, expect } from 'vitest';
import { embeddingPrograms } from '../testing/embedding-programs.ts';
import { repositoryRoot } from '../testing/repository.ts';
import { temporaryFolder, type TemporaryFolder } from '../testing/temporary-folder.ts';
import { linkPackages, packPackages, type PackedPackage } from './packed-packages.ts';

const run = promisify(execFile);
const bin = (name: string): string => join(repositoryRoot, 'node_modules/.bin', name);

let folder: TemporaryFolder;
let packages: readonly PackedPackage[];

beforeAll(async () => {
  folder = await temporaryFolder();
  packages = await packPackages(repositoryRoot, folder.path);
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

/** What a linter prints when it refuses a package; nothing when it is content. */
async function complaints(program: string, args: readonly string[]): Promise<string> {
  return run(bin(program), args, { env: { ...process.env, NO_COLOR: '1' } }).then(
    () => '',
    (error: unknown) => (error as { readonly stdout: string }).stdout,
  );
}

verifies('ORCH-9300', 'every packed package satisfies publint', async () => {
  for (const { tarball } of packages) {
    expect([tarball, await complaints('publint', ['run', tarball, '--strict'])]).toEqual([tarball, '']);
  }
});

verifies('ORCH-9300', 'every packed package has types that resolve', async () => {
  for (const { tarball } of packages) {
    expect([tarball, await complaints('attw', [tarball, '--profile', 'esm-only'])]).toEqual([tarball, '']);
  }
});

verifies('ORCH-9300', 'every entry of every packed package imports with its declared dependencies alone', async () => {
  for (const { installed, manifest } of packages) {
    const entries = Object.keys(manifest.exports ?? {}).filter((entry) => entry !== './package.json');
    const names = entries.map((entry) => join(manifest.name, entry));
    const code = names.map((name) => `await import(${JSON.stringify(name)});`).join('\n');
    const result = await run(process.execPath, ['--input-type=module', '--eval', code], { cwd: installed }).then(
      () => 'imported',
      (error: unknown) => (error as { readonly stderr: string }).stderr,
    );
    expect([names, result]).toEqual([names, 'imported']);
  }
});

verifies('ORCH-9300', 'a packed package holds sources and no tests', async () => {
  for (const { installed } of packages) {
    expect([
      installed,
      existsSync(join(installed, 'src/index.ts')),
      existsSync(join(installed, 'dist/index.d.ts')),
    ]).toEqual([installed, true, true]);
    const { stdout } = await run('find', [installed, '-name', '*.test.*']);
    expect(stdout).toBe('');
  }
});

/** What the program of the page on embedding prints: two haiku of one seed, and the receipt of the first. */
const EMBEDDED =
  /^accepted at place 0\nrepeated at place 0\n(?<text>.+)\n(?<receipt>receipt \{\n.*\n\})\naccepted at place 0\n(?<twin>.+)\nsame output true\naccepted at place 0\nended canceled after \d+ tokens\n$/s;

verifies('ORCH-1061', 'the programs of the page on embedding compile and run with the packages it names', async () => {
  const { withModel, withMock } = await embeddingPrograms(repositoryRoot);
  const cases = [
    { engine: 'node-llama-cpp', ...withModel },
    { engine: 'mock', ...withMock },
  ].map((program) => ({ ...program, file: join(folder.path, `embedding-${program.engine}`, 'main.mts') }));
  for (const { file, source, packages: names } of cases) {
    await mkdir(dirname(file));
    await writeFile(file, source);
    await linkPackages(dirname(file), names, packages);
  }
  const types = ['--types', 'node', '--typeRoots', join(repositoryRoot, 'node_modules/@types')];
  const options = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--skipLibCheck',
    ...types,
  ];
  expect(await complaints('tsc', [...options, '--erasableSyntaxOnly', ...cases.map(({ file }) => file)])).toBe('');
  for (const { engine, file } of cases) {
    const { stdout } = await run(process.execPath, [file], {
      cwd: dirname(file),
      env: { ...process.env, FORCE_COLOR: '0' },
    });
    expect([engine, stdout]).toEqual([engine, expect.stringMatching(EMBEDDED)]);
    const { text = '', twin, receipt = '' } = EMBEDDED.exec(stdout)?.groups ?? {};
    expect([engine, twin]).toEqual([engine, text]);
    expect(receipt).toContain(`engine: '${engine}'`);
    expect(receipt).toContain(`outputSha256: '${createHash('sha256').update(text).digest('hex')}'`);
  }
});

/** Faults of npm that mean that its registry cannot be reached. */
const UNREACHABLE = /ENOTFOUND|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|EAI_AGAIN|ETIMEDOUT|ENOTCACHED/;

verifies(
  'ORCH-9304',
  'npm installs all tarballs together into an empty folder, where every entry imports',
  async (context) => {
    const consumer = join(folder.path, 'consumer');
    await mkdir(consumer);
    // The overrides of the root leave out half a gigabyte of engine builds that this machine cannot use.
    const { overrides } = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8')) as {
      readonly overrides: Readonly<Record<string, unknown>>;
    };
    const engines = Object.fromEntries(
      Object.entries(overrides).filter(([name]) => name.startsWith('@node-llama-cpp/')),
    );
    await writeFile(
      join(consumer, 'package.json'),
      JSON.stringify({ private: true, type: 'module', overrides: engines }),
    );
    const tarballs = packages.map(({ tarball }) => tarball);
    const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=0'];
    const refusal = await run('npm', ['install', ...flags, ...tarballs], { cwd: consumer }).then(
      () => '',
      (error: unknown) => (error as { readonly stderr: string }).stderr,
    );
    context.skip(UNREACHABLE.test(refusal), 'the package registry cannot be reached');
    expect(refusal).toBe('');
    const entries = packages.flatMap(({ manifest }) =>
      Object.keys(manifest.exports ?? {})
        .filter((entry) => entry !== './package.json')
        .map((entry) => join(manifest.name, entry)),
    );
    const code = entries.map((entry) => `await import(${JSON.stringify(entry)});`).join('\n');
    await writeFile(join(consumer, 'main.js'), `${code}\nconsole.log('imported');\n`);
    const { stdout } = await run(process.execPath, ['main.js'], { cwd: consumer });
    expect(stdout).toBe('imported\n');
  },
);
