// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { repositoryRoot } from '../testing/repository.ts';
import { temporaryFolder, type TemporaryFolder } from '../testing/temporary-folder.ts';

const script = join(repositoryRoot, 'ci/scripts/archive_todo.sh');

async function archive({ path }: TemporaryFolder, date: string): Promise<void> {
  await promisify(execFile)(script, { env: { ...process.env, TODO_ROOT: path, TODO_DATE: date } });
}

verifies('ORCH-9203', 'finished lines move to the archive, newest first, and all others stay', async () => {
  await using folder = await temporaryFolder({ 'TODO.md': '# Plan\n\n- [x] one\n- [ ] two\n' });
  await archive(folder, '2026-01-01');
  await folder.write({ 'TODO.md': '# Plan\n\n- [ ] two\n- [x] three\n' });
  await archive(folder, '2026-01-02');
  expect(await readFile(join(folder.path, 'TODO.md'), 'utf8')).toBe('# Plan\n\n- [ ] two\n');
  expect(await readFile(join(folder.path, 'docs/todo-archive.md'), 'utf8')).toBe(
    '# Finished work\n\n## 2026-01-02\n\n- [x] three\n\n## 2026-01-01\n\n- [x] one\n',
  );
});

verifies('ORCH-9203', 'without a finished line nothing changes', async () => {
  await using folder = await temporaryFolder({ 'TODO.md': '- [ ] two\n' });
  await archive(folder, '2026-01-01');
  expect(await readFile(join(folder.path, 'TODO.md'), 'utf8')).toBe('- [ ] two\n');
  await expect(readFile(join(folder.path, 'docs/todo-archive.md'))).rejects.toThrow('ENOENT');
});
