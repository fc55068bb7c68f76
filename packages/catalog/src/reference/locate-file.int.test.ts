// SPDX-License-Identifier: MIT
import { link, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { locateFile } from './locate-file.ts';

interface Folders extends AsyncDisposable {
  readonly folder: string;
  readonly outside: string;
}

async function makeFolders(): Promise<Folders> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'llama-orch-locate-')));
  const [folder, outside] = [join(root, 'models'), join(root, 'outside')];
  for (const path of [join(folder, 'a'), join(folder, '.catalog'), outside]) await mkdir(path, { recursive: true });
  await writeFile(join(folder, 'a', 'm.gguf'), 'model');
  await writeFile(join(folder, '.catalog', 'index.sqlite'), 'index');
  await writeFile(join(outside, 'secret'), 'secret');
  return {
    folder,
    outside,
    async [Symbol.asyncDispose]() {
      await rm(root, { recursive: true, force: true });
    },
  };
}

const OUTSIDE = expect.objectContaining({ code: 'INVALID_PARAMS' }) as unknown;

verifies('ORCH-1601', 'a file below the folder is found by its own name', async () => {
  await using folders = await makeFolders();
  const { folder } = folders;
  const path = join(folder, 'a', 'm.gguf');
  expect(await locateFile('a/m.gguf', { folder, allowedPaths: [] })).toBe(path);
  expect(await locateFile(path, { folder, allowedPaths: [] })).toBe(path);
  await expect(locateFile('a/none.gguf', { folder, allowedPaths: [] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(locateFile('A/M.gguf', { folder, allowedPaths: [] })).rejects.toHaveProperty('code');
});

verifies('ORCH-1601', 'links, folders, the own index and absolute paths elsewhere are refused', async () => {
  await using folders = await makeFolders();
  const { folder, outside } = folders;
  await symlink(join(outside, 'secret'), join(folder, 'link.gguf'));
  await symlink(outside, join(folder, 'linked'));
  await symlink(join(folder, 'a'), join(folder, 'inner'));
  await link(join(outside, 'secret'), join(folder, 'hard.gguf'));
  const hostile = [
    'link.gguf',
    'linked/secret',
    'inner/m.gguf',
    'hard.gguf',
    'a',
    '.catalog/index.sqlite',
    '/dev/zero',
  ];
  for (const path of [...hostile, join(outside, 'secret')]) {
    await expect(locateFile(path, { folder, allowedPaths: [] }), path).rejects.toEqual(OUTSIDE);
  }
});

verifies('ORCH-1601', 'a path that the operator allowed may be anywhere, also behind a link', async () => {
  await using folders = await makeFolders();
  const { folder, outside } = folders;
  await symlink(join(outside, 'secret'), join(folder, 'link.gguf'));
  const roots = { folder, allowedPaths: [outside] };
  expect(await locateFile(join(outside, 'secret'), roots)).toBe(join(outside, 'secret'));
  expect(await locateFile('link.gguf', roots)).toBe(join(outside, 'secret'));
  await expect(locateFile(`${outside}x`, roots)).rejects.toHaveProperty('code');
});
