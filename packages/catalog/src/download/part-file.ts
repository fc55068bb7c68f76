// SPDX-License-Identifier: MIT
import { mkdir, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ByteRanges, type ByteRange } from './byte-ranges.ts';
import { syncDirectory } from './sync-directory.ts';

/** What a server said of the file, by which it is known again. */
export interface Entity {
  /** A strong entity tag; undefined where the server gives none, and then nothing can be resumed. */
  readonly etag: string | undefined;
  readonly totalBytes: number;
}

interface PartRecord {
  readonly entity: Entity;
  readonly ranges: readonly ByteRange[];
}

const RECORD_NAME = 'part.json';

/**
 * A download that is not whole. The record says only what the data file surely holds: data is synced first, and the record
 * is replaced by a rename, so that a crash at any instant leaves a record that is true; ORCH-1610.
 */
export class PartFile {
  readonly #directory: string;
  readonly #recordBytes: number;
  #data: Promise<FileHandle> | undefined;
  #entity: Entity | undefined;
  #ranges = new ByteRanges();
  #unrecordedBytes = 0;
  #recording: Promise<void> | undefined;
  #arrived = Promise.withResolvers<void>();

  private constructor(directory: string, recordBytes: number) {
    this.#directory = directory;
    this.#recordBytes = recordBytes;
  }

  /**
   * Takes up what an earlier run left, where it left anything that can be used.
   *
   * @param recordBytes Bytes that may be lost to a crash: a record is written whenever this many came.
   */
  static async open(directory: string, recordBytes: number): Promise<PartFile> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const part = new PartFile(directory, recordBytes);
    const record = await readRecord(join(directory, RECORD_NAME));
    const storedBytes = await stat(part.dataPath).then(
      ({ size }) => size,
      () => 0,
    );
    if (record !== undefined && record.ranges.every(({ end }) => end <= storedBytes)) {
      part.#entity = record.entity;
      part.#ranges = new ByteRanges(record.ranges);
    }
    return part;
  }

  /** Absolute path of the data. */
  get dataPath(): string {
    return join(this.#directory, 'data');
  }

  /** What is being downloaded; undefined while nothing is known. */
  get entity(): Entity | undefined {
    return this.#entity;
  }

  /** The bytes that are there. */
  get ranges(): ByteRanges {
    return this.#ranges;
  }

  /** Forgets what there is. */
  async forget(): Promise<void> {
    await this.#recording;
    await rm(join(this.#directory, RECORD_NAME), { force: true });
    await (await this.#open()).truncate(0);
    this.#entity = undefined;
    this.#ranges = new ByteRanges();
    this.#unrecordedBytes = 0;
  }

  /** Forgets what there is and begins with another entity. */
  async begin(entity: Entity): Promise<void> {
    await this.forget();
    this.#entity = entity;
    await this.record();
  }

  /** Writes a piece where it belongs. */
  async write(piece: Buffer, position: number): Promise<void> {
    const data = await this.#open();
    let written = 0;
    while (written < piece.length) {
      const { bytesWritten } = await data.write(piece, written, piece.length - written, position + written);
      written += bytesWritten;
    }
    this.#ranges.add({ start: position, end: position + piece.length });
    this.#announce();
    this.#unrecordedBytes += piece.length;
    if (this.#unrecordedBytes >= this.#recordBytes) await this.record();
  }

  /** Reads back what is there. */
  async read(buffer: Buffer, position: number): Promise<number> {
    const data = await this.#open();
    return (await data.read(buffer, 0, buffer.length, position)).bytesRead;
  }

  /** Resolves when more is there than now. */
  get arrival(): Promise<void> {
    return this.#arrived.promise;
  }

  /** Makes what is there outlive a crash and a power cut. */
  async record(): Promise<void> {
    // Writers meet here: whoever comes while a record is being written waits for the next one.
    while (this.#recording !== undefined) await this.#recording;
    this.#recording = this.#writeRecord().finally(() => (this.#recording = undefined));
    await this.#recording;
  }

  /** Closes the data file; what is recorded stays. */
  async close(): Promise<void> {
    await this.#recording;
    const data = await this.#data;
    this.#data = undefined;
    await data?.close();
  }

  /** Gives the whole file its final name, so that it is there or not, also after a power cut; ORCH-1611. */
  async publish(path: string): Promise<void> {
    const data = await this.#open();
    await data.chmod(0o444);
    await data.sync();
    await this.close();
    await rename(this.dataPath, path);
    await syncDirectory(dirname(path));
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** Removes all of it. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  #open(): Promise<FileHandle> {
    // 'a' would ignore positions, and 'w+' empty the file.
    this.#data ??= open(this.dataPath, 'r+').catch(() => open(this.dataPath, 'w+', 0o600));
    return this.#data;
  }

  async #writeRecord(): Promise<void> {
    if (this.#entity === undefined) return;
    const ranges = this.#ranges.toJSON();
    this.#unrecordedBytes = 0;
    await (await this.#open()).datasync();
    const record: PartRecord = { entity: this.#entity, ranges };
    const fresh = join(this.#directory, `${RECORD_NAME}.new`);
    const file = await open(fresh, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify(record));
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(fresh, join(this.#directory, RECORD_NAME));
    await syncDirectory(this.#directory);
  }

  #announce(): void {
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
  }
}

async function readRecord(path: string): Promise<PartRecord | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as PartRecord;
  } catch {
    // Absent or torn: there is nothing that could be resumed.
    return undefined;
  }
}
