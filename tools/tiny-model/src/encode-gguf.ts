// SPDX-License-Identifier: MIT

/** A metadata value with its GGUF type. */
export type GgufValue =
  | { readonly type: 'uint32' | 'float32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'int32[]'; readonly value: readonly number[] }
  | { readonly type: 'string[]'; readonly value: readonly string[] };

/** A tensor of 32-bit floats. */
export interface GgufTensor {
  readonly name: string;
  /** Sizes from the fastest-moving dimension to the slowest, as GGUF writes them. */
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const MAGIC = 'GGUF';
const VERSION = 3;
const ALIGNMENT_BYTES = 32;
const TYPE_IDS = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;
const TENSOR_TYPE_F32 = 0;

/**
 * Writes a GGUF file, version 3, little-endian.
 *
 * @param metadata Keys in file order.
 * @param tensors In file order; offsets are aligned to 32 bytes.
 */
export function encodeGguf(metadata: ReadonlyMap<string, GgufValue>, tensors: readonly GgufTensor[]): Uint8Array {
  const head = [Buffer.from(MAGIC), uint32(VERSION), uint64(tensors.length), uint64(metadata.size)];
  for (const [key, value] of metadata) head.push(text(key), encodeValue(value));
  let offset = 0;
  for (const { name, shape, data } of tensors) {
    head.push(text(name), uint32(shape.length), ...shape.map(uint64), uint32(TENSOR_TYPE_F32), uint64(offset));
    offset += aligned(data.byteLength);
  }
  const blobs = tensors.map(({ data }) => padded(Buffer.from(data.buffer, data.byteOffset, data.byteLength)));
  return Buffer.concat([padded(Buffer.concat(head)), ...blobs]);
}

function encodeValue(value: GgufValue): Buffer {
  switch (value.type) {
    case 'uint32':
      return Buffer.concat([uint32(TYPE_IDS.uint32), uint32(value.value)]);
    case 'float32':
      return Buffer.concat([uint32(TYPE_IDS.float32), float32(value.value)]);
    case 'bool':
      return Buffer.concat([uint32(TYPE_IDS.bool), Buffer.of(value.value ? 1 : 0)]);
    case 'string':
      return Buffer.concat([uint32(TYPE_IDS.string), text(value.value)]);
    case 'int32[]':
      return encodeArray(TYPE_IDS.int32, value.value.map(uint32));
    case 'string[]':
      return encodeArray(TYPE_IDS.string, value.value.map(text));
  }
}

function encodeArray(itemType: number, items: readonly Buffer[]): Buffer {
  return Buffer.concat([uint32(TYPE_IDS.array), uint32(itemType), uint64(items.length), ...items]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([uint64(bytes.length), bytes]);
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

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function aligned(sizeBytes: number): number {
  return Math.ceil(sizeBytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(aligned(bytes.length) - bytes.length)]);
}
