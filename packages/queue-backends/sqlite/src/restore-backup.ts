// SPDX-License-Identifier: MIT
import { copyFile, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { openDatabase } from './thread/open-database.ts';
import { Journal } from './thread/journal.ts';
import { HighWater } from './thread/high-water.ts';
import { StoreRefusal, toRefusal } from './thread/store-refusal.ts';
import { prepareDirectory } from './prepare-directory.ts';
import { STORE_FILES } from './store-files.ts';
import { StoreOpenError } from './store-open-error.ts';

/** What is restored, and where. */
export interface RestoreOptions {
  /** A file written by `backup`. */
  readonly file: string;
  /** Made where it does not exist; must hold no task and be used by no process. */
  readonly directory: string;
}

/**
 * Puts a backup in the place of an empty store; the next process that opens the directory goes on from there.
 *
 * @throws StoreOpenError when the directory is in use, holds tasks or cannot be used, or when the file is no backup that
 * this release can read. The directory is then as it was.
 */
export async function restoreSqliteBackup({ file, directory: path }: RestoreOptions): Promise<void> {
  const directory = await prepareDirectory(path);
  const staging = await mkdtemp(join(directory, '.restore-'));
  try {
    const copy = join(staging, STORE_FILES.database);
    await copyFile(resolve(file), copy);
    const sequence = inspect(directory, () => checkBackup(copy));
    inspect(directory, () => demandEmpty(join(directory, STORE_FILES.database)));
    await replaceStore(directory, copy);
    const highWater = new HighWater(join(directory, STORE_FILES.highWater));
    highWater.write(sequence);
    highWater.close();
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Opens the copy as the service would, so that an older schema is brought up to date; answers its last record. */
function checkBackup(copy: string): number {
  const database = openDatabase(copy);
  try {
    const verdict = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0];
    if (verdict !== 'ok') throw new StoreRefusal('damaged', `the backup is damaged (${String(verdict)})`);
    return new Journal(database).sequence;
  } finally {
    // Closing folds the write-ahead log into the file.
    database.close();
  }
}

const HELD = `
  SELECT 1 FROM task UNION ALL SELECT 1 FROM used_id
  UNION ALL SELECT 1 FROM journal WHERE sequence > (SELECT value FROM meta WHERE key = 'sequence') LIMIT 1`;

/** ORCH-1217: tasks are never overwritten, nor what a killed process has committed of them. */
function demandEmpty(file: string): void {
  const database = openDatabase(file);
  try {
    const isHeld = database.prepare(HELD).get() !== undefined;
    if (isHeld) throw new StoreRefusal('in-use', 'it holds tasks, which a restore would overwrite');
  } finally {
    database.close();
  }
}

async function replaceStore(directory: string, copy: string): Promise<void> {
  const handle = await open(copy, 'r+');
  await handle.sync();
  await handle.close();
  await rm(join(directory, STORE_FILES.highWater), { force: true });
  await rm(join(directory, STORE_FILES.log), { force: true });
  await rename(copy, join(directory, STORE_FILES.database));
  const folder = await open(directory, 'r');
  await folder.sync();
  await folder.close();
}

function inspect<T>(directory: string, look: () => T): T {
  try {
    return look();
  } catch (fault) {
    const { reason, message } = toRefusal(fault);
    throw new StoreOpenError(reason, directory, message);
  }
}
