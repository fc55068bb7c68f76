// SPDX-License-Identifier: MIT
import { lstat, mkdir, open, realpath, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { STORE_FILES } from './store-files.ts';
import { StoreOpenError } from './store-open-error.ts';

const OWNER_MAY_WRITE = 0o200;

/**
 * Makes sure that a directory may hold a store: it exists (it is made where it does not), is the user's own, can be written
 * and is not reached through a symbolic link. Opens no file of the store: closing one would drop SQLite's locks on it.
 *
 * @returns the directory as an absolute path.
 * @throws StoreOpenError ORCH-1207
 */
export async function prepareDirectory(path: string): Promise<string> {
  const directory = resolve(path);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await checkDirectory(directory);
    await tryToWrite(directory);
  } catch (fault) {
    if (fault instanceof StoreOpenError) throw fault;
    const { code, message } = fault as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOTDIR') throw new StoreOpenError('not-a-directory', directory, 'it is a file');
    const readOnly = code === 'EROFS' || code === 'EACCES' || code === 'EPERM';
    throw new StoreOpenError(readOnly ? 'read-only' : 'unusable', directory, message);
  }
  return directory;
}

async function checkDirectory(directory: string): Promise<void> {
  const stats = await lstat(directory);
  const real = await realpath(directory);
  if (stats.isSymbolicLink() || real !== directory) {
    throw new StoreOpenError('symbolic-link', directory, `it is reached through a symbolic link, its place is ${real}`);
  }
  const uid = process.getuid?.();
  if (uid !== undefined && stats.uid !== uid) {
    throw new StoreOpenError('foreign-owner', directory, `it belongs to user ${stats.uid}, not to user ${uid}`);
  }
  // The superuser writes where the mode forbids it, but whoever set the mode meant it.
  if ((stats.mode & OWNER_MAY_WRITE) === 0) {
    throw new StoreOpenError('read-only', directory, 'its mode forbids writing');
  }
  for (const name of Object.values(STORE_FILES)) {
    const file = await lstat(join(directory, name)).catch(() => undefined);
    if (file?.isSymbolicLink() === true) {
      throw new StoreOpenError('symbolic-link', directory, `its file ${name} is a symbolic link`);
    }
  }
}

/** Modes do not tell of read-only file systems. A full disk is no reason to refuse: what is stored can still be read. */
async function tryToWrite(directory: string): Promise<void> {
  const file = join(directory, `.probe-${process.pid}`);
  try {
    await (await open(file, 'wx', 0o600)).close();
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'EEXIST') throw fault;
  }
  await rm(file, { force: true });
}
