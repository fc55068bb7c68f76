// SPDX-License-Identifier: MIT
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

/**
 * Writes a consistent copy of the database to `file`, which must not exist yet; a copy that is there is whole.
 *
 * Commits wait until it is written.
 */
export function writeBackup(database: DatabaseSync, file: string): void {
  if (statSync(file, { throwIfNoEntry: false }) !== undefined) throw new Error(`${file} exists already`);
  const partial = `${file}.partial`;
  rmSync(partial, { force: true });
  try {
    database.prepare('VACUUM INTO ?').run(partial);
    synchronize(partial);
    renameSync(partial, file);
    synchronize(dirname(file));
  } finally {
    rmSync(partial, { force: true });
  }
}

function synchronize(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
