// SPDX-License-Identifier: MIT
import { closeSync, constants, existsSync, fstatSync, fsync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const { O_RDONLY, O_RDWR, O_CREAT, O_DIRECTORY, O_NOFOLLOW } = constants;

/** Linux reaches a directory by its open handle, wherever its name leads meanwhile; elsewhere the name is all there is. */
const HANDLES = '/proc/self/fd';
const synced = promisify(fsync);
const hasHandles = process.platform === 'linux' && existsSync(HANDLES);

/**
 * An open directory. Names inside it are resolved from the handle, and a symbolic link is never followed: neither the
 * last part of a path nor, where the system has handles, any part below the first directory.
 */
export class Directory implements Disposable {
  readonly #path: string;
  readonly #handle: number;

  private constructor(path: string, handle: number) {
    this.#path = path;
    this.#handle = handle;
  }

  /** Opens `path`. Throws ENOENT, ELOOP or ENOTDIR when it is no directory or a symbolic link to one. */
  static open(path: string): Directory {
    return new Directory(path, openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  }

  /** Path of an entry; `name` is one part, made by the store itself. */
  at(name: string): string {
    return hasHandles ? `${HANDLES}/${this.#handle}/${name}` : join(this.#path, name);
  }

  /** Opens a directory inside this one. */
  enter(name: string): Directory {
    return Directory.open(this.at(name));
  }

  /** The same, made when it is not there yet; only its owner may use it. */
  enterOrMake(name: string): Directory {
    try {
      mkdirSync(this.at(name), { mode: 0o700 });
      fsyncSync(this.#handle);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    return this.enter(name);
  }

  /** Makes sure that `name` is a file of its own and no link, for those who open files by name alone. */
  claimFile(name: string): void {
    const path = this.at(name);
    const handle = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
    const { nlink } = fstatSync(handle);
    closeSync(handle);
    if (nlink !== 1) throw new Error(`${name} has a second name.`);
  }

  /** Whether it belongs to the user this process runs as; true where the system has no users. */
  get isOwn(): boolean {
    return process.getuid === undefined || fstatSync(this.#handle).uid === process.getuid();
  }

  /** Resolves once the entries of this directory are on the disk. */
  async sync(): Promise<void> {
    await synced(this.#handle);
  }

  [Symbol.dispose](): void {
    closeSync(this.#handle);
  }
}
