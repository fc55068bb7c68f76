// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** By what a file is known to be the one that was checked, without reading it. */
export interface FileIdentity {
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  readonly inode: number;
}

/** A file that was read to its end. */
export interface DigestedFile {
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
  readonly file: FileIdentity;
}

/** Windows knows no such flag. */
const READ_NO_LINK = constants.O_RDONLY | ((constants.O_NOFOLLOW as number | undefined) ?? 0);

/** Hashes a file; a symbolic link is not followed. @throws Error of the file system; the reason of `signal`. */
export async function digestFile(path: string, signal: AbortSignal): Promise<DigestedFile> {
  const handle = await open(path, READ_NO_LINK);
  try {
    const hash = createHash('sha256');
    const stream = handle.createReadStream({ highWaterMark: 2 ** 20, autoClose: false, signal });
    for await (const piece of stream) hash.update(piece as Buffer);
    const { size, mtimeMs, ino } = await handle.stat();
    return {
      digest: `sha256:${hash.digest('hex')}`,
      file: { sizeBytes: size, modifiedAtMs: mtimeMs, inode: ino },
    };
  } finally {
    await handle.close();
  }
}

/** The identity of a file as it is now; undefined when it is gone. */
export async function identifyFile(path: string): Promise<FileIdentity | undefined> {
  try {
    await using handle = await open(path, READ_NO_LINK);
    const { size, mtimeMs, ino } = await handle.stat();
    return { sizeBytes: size, modifiedAtMs: mtimeMs, inode: ino };
  } catch {
    // Whatever keeps it from being opened keeps it from being loaded.
    return undefined;
  }
}

/** Whether it is the same file with the same content, as far as can be told without reading it. */
export function isSameFile(a: FileIdentity | undefined, b: FileIdentity | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.sizeBytes === b.sizeBytes && a.modifiedAtMs === b.modifiedAtMs && a.inode === b.inode;
}
