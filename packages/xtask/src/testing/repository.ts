// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder, type TemporaryFolder } from './temporary-folder.ts';

const execute = promisify(execFile);

/** The repository this code is part of. */
export const repositoryRoot = join(import.meta.dirname, '../../../..');

/** A temporary folder that is a git repository, so that gates see its files. */
export async function temporaryRepository(files: Readonly<Record<string, string>>): Promise<TemporaryFolder> {
  const folder = await temporaryFolder(files);
  await execute('git', ['init', '-q', folder.path]);
  return folder;
}

/** An id that this repository's own trace gate does not take for a citation. */
export function requirementId(number: number): string {
  return `ORCH-${String(number).padStart(4, '0')}`;
}
