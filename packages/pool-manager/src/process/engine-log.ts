// SPDX-License-Identifier: MIT
import { mkdir, open, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

const LIMIT_BYTES = 16 * 1024 * 1024;
const FILE_COUNT = 3;

/** Settings of {@link openEngineLog}. */
export interface EngineLogOptions {
  /** The newest file; older ones stand beside it as `.1`, `.2` and so on. */
  readonly path: string;
  /** Bytes after which a new file begins. Default 16 MiB. */
  readonly limitBytes?: number;
  /** Files kept, the newest included. Default 3. */
  readonly fileCount?: number;
  /** Told the first time that output could not be written, as on a full disk; later output is tried again. */
  readonly onFault: (error: unknown) => void;
}

/** The output of one replica's engines on the disk, in files that only its owner may read. */
export interface EngineLog {
  /** Writes in order of the calls; resolves when it is written or lost, never rejects. */
  write(chunk: Uint8Array): Promise<void>;
  /** Resolves when everything is written; idempotent. */
  close(): Promise<void>;
}

/** Opens the log for appending. @throws when the file cannot be opened. */
export async function openEngineLog(options: EngineLogOptions): Promise<EngineLog> {
  await mkdir(dirname(options.path), { recursive: true, mode: 0o700 });
  const handle = await openFile(options.path);
  return new RotatingLog(options, handle, (await handle.stat()).size);
}

class RotatingLog implements EngineLog {
  readonly #options: EngineLogOptions;
  #handle: FileHandle;
  #sizeBytes: number;
  #last: Promise<void> = Promise.resolve();
  #hasFailed = false;
  #isClosed = false;

  constructor(options: EngineLogOptions, handle: FileHandle, sizeBytes: number) {
    this.#options = options;
    this.#handle = handle;
    this.#sizeBytes = sizeBytes;
  }

  write(chunk: Uint8Array): Promise<void> {
    this.#last = this.#last.then(() => this.#append(chunk)).catch((error: unknown) => this.#noteFault(error));
    return this.#last;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#last;
    await this.#handle.close();
  }

  async #append(chunk: Uint8Array): Promise<void> {
    // ORCH-1403
    const limitBytes = this.#options.limitBytes ?? LIMIT_BYTES;
    if (this.#sizeBytes > 0 && this.#sizeBytes + chunk.length > limitBytes) await this.#rotate();
    await this.#handle.appendFile(chunk);
    this.#sizeBytes += chunk.length;
  }

  async #rotate(): Promise<void> {
    const { path, fileCount = FILE_COUNT } = this.#options;
    for (let age = fileCount - 1; age > 0; age -= 1) {
      await rename(age === 1 ? path : `${path}.${age - 1}`, `${path}.${age}`).catch(ignoreMissing);
    }
    const full = this.#handle;
    this.#handle = await openFile(path, fileCount > 1 ? 'a' : 'w');
    this.#sizeBytes = 0;
    await full.close();
  }

  #noteFault(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.onFault(error);
  }
}

function openFile(path: string, flags = 'a'): Promise<FileHandle> {
  return open(path, flags, 0o600);
}

/** There are fewer old files than may be kept. */
function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
