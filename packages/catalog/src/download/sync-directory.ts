// SPDX-License-Identifier: MIT
import { open } from 'node:fs/promises';

/** Makes renames in a directory outlive a power cut, where the platform can. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
