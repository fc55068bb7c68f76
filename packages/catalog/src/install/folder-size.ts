// SPDX-License-Identifier: MIT
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes that a folder takes on the disk, without the folders that `isLeftOut` names; links are not followed. */
export async function folderSize(path: string, isLeftOut: (path: string) => boolean): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (isLeftOut(child)) continue;
    sum += entry.isDirectory() ? await folderSize(child, isLeftOut) : await fileSize(child);
  }
  return sum;
}

/** Bytes on the disk: a file with holes takes less than it is long. */
async function fileSize(path: string): Promise<number> {
  try {
    const { blocks, size } = await lstat(path);
    return process.platform === 'win32' ? size : blocks * 512;
  } catch {
    // It was removed while the folder was read.
    return 0;
  }
}
