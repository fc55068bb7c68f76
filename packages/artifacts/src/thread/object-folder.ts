// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import { closeSync, constants, fstatSync, fsync, openSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { unlinkSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { artifactIdOf, isArtifactId, type ArtifactId } from '../artifact-id.ts';
import type { Directory } from './directory.ts';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;
const PREFIX = 'sha256:';
/** Digits of the digest that name the folder of a file: 256 folders keep each one small. */
const FAN_OUT = 2;
const synced = promisify(fsync);

/** A content that is written and has no name yet. */
export interface Incoming {
  readonly id: ArtifactId;
  readonly path: string;
  readonly handle: number;
}

/**
 * The contents, one file each: `objects/<2 digits>/<62 digits>`, and `incoming/<uuid>` while it is written. A path is
 * made of an id's digits alone, so no id leads outside; ORCH-1335.
 */
export class ObjectFolder implements Disposable {
  readonly #objects: Directory;
  readonly #incoming: Directory;
  /** Folders with entries that may not be on the disk yet. */
  readonly #unsynced = new Set<string>();

  constructor(root: Directory) {
    this.#objects = root.enterOrMake('objects');
    this.#incoming = root.enterOrMake('incoming');
  }

  /** Writes a content without giving it its name. */
  write(id: ArtifactId, content: Uint8Array): Incoming {
    const path = this.#incoming.at(randomUUID());
    const handle = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      writeFileSync(handle, content);
    } catch (error) {
      this.discard({ id, path, handle });
      throw error;
    }
    return { id, path, handle };
  }

  /** Forgets a written content that gets no name. */
  discard({ path, handle }: Incoming): void {
    closeSync(handle);
    unlinkIfThere(path);
  }

  /**
   * Gives written contents their names, once they are on the disk as a whole: a cut leaves nothing under a name. Resolves
   * when the names are on the disk too. The disk takes many syncs at once as fast as a few.
   */
  async adopt(incoming: readonly Incoming[]): Promise<void> {
    await Promise.all(incoming.map(({ handle }) => synced(handle)));
    using folders = new DisposableStack();
    const directories = new Map<string, Directory>();
    for (const { id, path } of incoming) {
      const { folder, name } = placeOf(id);
      const directory = directories.get(folder) ?? folders.use(this.#objects.enterOrMake(folder));
      directories.set(folder, directory);
      renameSync(path, directory.at(name));
    }
    await Promise.all(Array.from(directories.values(), (directory) => directory.sync()));
  }

  /** Opens a content for reading; the caller closes the handle. Throws ENOENT, or ELOOP for a symbolic link. */
  open(id: ArtifactId): number {
    const { folder, name } = placeOf(id);
    using directory = this.#objects.enter(folder);
    // Without O_NONBLOCK a pipe in the place of a file would hang the thread.
    const handle = openSync(directory.at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (fstatSync(handle).isFile()) return handle;
    closeSync(handle);
    throw new Error('The entry of an artifact is no file.');
  }

  /** Whether the stored content is the one of the id. */
  isIntact(id: ArtifactId, sizeBytes: number): boolean {
    let handle: number | undefined;
    try {
      handle = this.open(id);
      return fstatSync(handle).size === sizeBytes && artifactIdOf(readFileSync(handle)) === id;
    } catch {
      // Not there, not a file or not readable: whatever the reason, it has to be written again.
      return false;
    } finally {
      if (handle !== undefined) closeSync(handle);
    }
  }

  /** Removes a content; nothing happens when it is not there. */
  remove(id: ArtifactId): void {
    const { folder, name } = placeOf(id);
    try {
      using directory = this.#objects.enter(folder);
      unlinkIfThere(directory.at(name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  /** Removes what a killed process left: unfinished uploads, and contents that never got into the index. */
  sweep(isKnown: (id: ArtifactId) => boolean): void {
    for (const name of readdirSync(this.#incoming.at('.'))) unlinkIfThere(this.#incoming.at(name));
    for (const folder of readdirSync(this.#objects.at('.'), { withFileTypes: true })) {
      if (!folder.isDirectory()) continue;
      using directory = this.#objects.enter(folder.name);
      for (const name of readdirSync(directory.at('.'))) {
        const id = `${PREFIX}${folder.name}${name}`;
        if (isArtifactId(id) && !isKnown(id)) unlinkIfThere(directory.at(name));
      }
    }
  }

  [Symbol.dispose](): void {
    this.#objects[Symbol.dispose]();
    this.#incoming[Symbol.dispose]();
  }
}

function placeOf(id: ArtifactId): { folder: string; name: string } {
  // ORCH-1335: the last door before a path; whatever got here by mistake builds none.
  if (!isArtifactId(id)) throw new Error('Not the id of an artifact.');
  const digits = id.slice(PREFIX.length);
  return { folder: digits.slice(0, FAN_OUT), name: digits.slice(FAN_OUT) };
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
