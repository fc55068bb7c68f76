// SPDX-License-Identifier: MIT
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { folderSize } from './folder-size.ts';
import type { Removable } from './plan-room.ts';

/** Parts of downloads that nobody is working on. */
export async function leftParts(
  incomingFolder: string,
  isRunning: (id: string) => boolean,
): Promise<readonly Removable[]> {
  const ids = (await readdir(incomingFolder)).filter((id) => !isRunning(id));
  return Promise.all(
    ids.map(async (id) => {
      const path = join(incomingFolder, id);
      const { mtimeMs } = await stat(path);
      return { id, sizeBytes: await folderSize(path, () => false), lastUsedAt: mtimeMs };
    }),
  );
}

/** Removes what a crash has left and no model needs. */
export async function sweepFolder(folder: string, isNeeded: (name: string) => boolean): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!isNeeded(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}
