// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { repositoryRoot } from '../testing/repository.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

verifies('ORCH-9200', '.ci/run calls the test command and passes its last line and exit code on', async () => {
  const npm = '#!/bin/sh\necho "npm $*"\necho "1 passed, 2 failed, 3 skipped"\nexit 5\n';
  await using folder = await temporaryFolder({ 'bin/npm': npm });
  await chmod(join(folder.path, 'bin/npm'), 0o755);
  await mkdir(join(folder.path, '.ci'));
  await copyFile(join(repositoryRoot, '.ci/run'), join(folder.path, '.ci/run'));
  const env = { ...process.env, PATH: [join(folder.path, 'bin'), process.env['PATH']].join(delimiter) };
  await expect(promisify(execFile)(join(folder.path, '.ci/run'), { env })).rejects.toMatchObject({
    code: 5,
    stdout: 'npm test\n1 passed, 2 failed, 3 skipped\n',
  });
});
