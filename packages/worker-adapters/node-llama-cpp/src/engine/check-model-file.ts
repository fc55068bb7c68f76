// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { FileDigest } from '../engine-protocol.ts';
import { EngineError } from './engine-error.ts';

const HEADER_BYTES = 24;
const SUPPORTED_VERSIONS: ReadonlySet<number> = new Set([2, 3]);
/** Far above any real model; a garbled header asks for far more. */
const MOST_ENTRIES = 10_000_000n;

/** The model file cannot be served; `reason` tells why in one word. */
export function unusableModel(reason: string, message: string, cause?: unknown): EngineError {
  return new EngineError({ code: 'INVALID_PARAMS', message, details: { field: 'model', reason } }, cause);
}

/**
 * Refuses what is no GGUF file before native code sees it.
 *
 * @throws EngineError INVALID_PARAMS with `details.reason`: `missing`, `unreadable`, `not_gguf`.
 */
export async function checkModelFile(path: string): Promise<void> {
  await using file = await open(path).catch((error: unknown) => {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw unusableModel(missing ? 'missing' : 'unreadable', 'The model file cannot be opened.', error);
  });
  if (!(await file.stat()).isFile()) throw unusableModel('unreadable', 'The model path is not a file.');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
  const looksRight =
    bytesRead === HEADER_BYTES &&
    buffer.toString('latin1', 0, 4) === 'GGUF' &&
    SUPPORTED_VERSIONS.has(buffer.readUInt32LE(4)) &&
    buffer.readBigUInt64LE(8) <= MOST_ENTRIES &&
    buffer.readBigUInt64LE(16) <= MOST_ENTRIES;
  if (!looksRight) throw unusableModel('not_gguf', 'The model file is not a GGUF file.');
}

/** SHA-256 of the file, streamed; taken from `known` when the file is still the same. */
export async function digestModelFile(path: string, known: FileDigest | undefined): Promise<FileDigest> {
  const { size, mtimeNs, ino } = await stat(path, { bigint: true });
  const identity = `${size}:${mtimeNs}:${ino}`;
  // ORCH-4231: a file that did not change is not read again.
  if (known?.identity === identity) return known;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return { identity, digest: `sha256:${hash.digest('hex')}` };
}
