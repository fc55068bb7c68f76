// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import { tinyModelPath } from '@llama-orch/tiny-model';

/** A model that loads: the project's own. */
export const TINY_MODEL = readFileSync(tinyModelPath);

/** A sound model file of any size from some kilobytes on: one entry for each need, and one tensor. */
export function soundModel(dataBytes: number, name = 'test'): Buffer {
  const text = (value: string): Buffer => Buffer.concat([uint64(value.length), Buffer.from(value)]);
  const entry = (key: string, type: number, value: Buffer): Buffer => Buffer.concat([text(key), uint32(type), value]);
  const valueCount = Math.ceil(dataBytes / 4);
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    uint32(3),
    uint64(1),
    uint64(5),
    entry('general.architecture', 8, text('llama')),
    entry('general.name', 8, text(name)),
    entry('llama.context_length', 4, uint32(512)),
    entry('llama.embedding_length', 4, uint32(64)),
    entry('llama.block_count', 4, uint32(2)),
    text('token_embd.weight'),
    uint32(1),
    uint64(valueCount),
    uint32(0),
    uint64(0),
  ]);
  const start = Math.ceil(head.length / 32) * 32;
  const file = Buffer.alloc(start + valueCount * 4);
  head.copy(file);
  // Every block differs, so that a byte at the wrong place shows.
  for (let at = start; at + 4 <= file.length; at += 4) file.writeUInt32LE((at * 2_654_435_761) % 2 ** 32, at);
  return file;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
