// SPDX-License-Identifier: MIT
import { HeaderFault, HeaderReader, type HeaderSource } from './header-reader.ts';
import { checkHyperparameters, type HeaderValue } from './check-hyperparameters.ts';
import { TENSOR_TYPES } from './tensor-types.ts';

/** What the structure of a sound file says. */
export interface HeaderShape {
  /** Where the weights begin. */
  readonly dataStart: number;
  readonly tensorCount: number;
}

/** Most entries and tensors; the largest known models have a few thousand tensors. */
const MAX_COUNT = 100_000;
const MAX_KEY_BYTES = 1_024;
const MAX_NAME_BYTES = 63;
/** The longest values are templates and embedded documents. */
const MAX_TEXT_BYTES = 10_000_000;
const MAX_ARRAY_LENGTH = 1_000_000;
const MAX_DIMENSIONS = 4;
const MAX_DIMENSION = 2 ** 32;
const DEFAULT_ALIGNMENT = 32;
const MAX_ALIGNMENT = 2 ** 20;
const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Bytes of each value type by its number; strings (8) and arrays (9) say their own size. */
const VALUE_BYTES: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 4],
  [5, 4],
  [6, 4],
  [7, 1],
  [10, 8],
  [11, 8],
  [12, 8],
]);
const TEXT_TYPE = 8;
const ARRAY_TYPE = 9;

/**
 * Walks the whole header of a GGUF file; ORCH-1630. Counts, lengths, types, offsets and sizes have to fit the file and each
 * other before a library or an engine may read it.
 *
 * @throws HeaderFault that says what is wrong.
 */
export function checkHeader(source: HeaderSource): HeaderShape {
  const reader = new HeaderReader(source);
  if (reader.bytes(4).toString('latin1') !== 'GGUF') throw new HeaderFault('The file does not begin with GGUF.');
  const version = reader.uint32();
  if (version !== 2 && version !== 3) throw new HeaderFault(`Version ${version} of the format is not known.`);
  const tensorCount = checkedCount(reader.uint64('The number of tensors'), 'tensors');
  const entryCount = checkedCount(reader.uint64('The number of entries'), 'entries');
  if (tensorCount === 0) throw new HeaderFault('The file holds no tensors.');
  const values = readEntries(reader, entryCount);
  const alignment = checkedAlignment(values);
  const tensors = readTensors(reader, tensorCount);
  checkHyperparameters(values, tensors);
  const dataStart = padded(reader.position, alignment);
  checkPlaces(tensors, { dataStart, alignment, fileBytes: source.fileBytes });
  return { dataStart, tensorCount };
}

function checkedCount(count: number, what: string): number {
  if (count > MAX_COUNT) throw new HeaderFault(`The file says that it holds ${count} ${what}.`);
  return count;
}

function readEntries(reader: HeaderReader, count: number): ReadonlyMap<string, HeaderValue> {
  const values = new Map<string, HeaderValue>();
  for (let index = 0; index < count; index += 1) {
    const key = reader.text('A key', MAX_KEY_BYTES);
    if (!KEY.test(key)) throw new HeaderFault('A key has characters that keys do not have.');
    if (values.has(key)) throw new HeaderFault(`The key ${key} is there twice.`);
    values.set(key, readValue(reader, key));
  }
  return values;
}

function readValue(reader: HeaderReader, key: string): HeaderValue {
  const type = reader.uint32();
  if (type === TEXT_TYPE) return { type, text: reader.text(`The value of ${key}`, MAX_TEXT_BYTES) };
  if (type === ARRAY_TYPE) return readArray(reader, key);
  return { type, number: readNumber(reader, type, key) };
}

function readArray(reader: HeaderReader, key: string): HeaderValue {
  const type = reader.uint32();
  const length = reader.uint64(`The length of ${key}`);
  if (length > MAX_ARRAY_LENGTH) throw new HeaderFault(`${key} has ${length} values.`);
  if (type === TEXT_TYPE) {
    return { type: ARRAY_TYPE, length, hasRepeats: hasRepeats(reader, length, key) };
  }
  // An array of arrays is not written by anything, and engines refuse it.
  const bytes = VALUE_BYTES.get(type);
  if (bytes === undefined) throw new HeaderFault(`${key} has values of the unknown type ${type}.`);
  reader.skip(length * bytes, `The value of ${key}`);
  return { type: ARRAY_TYPE, length };
}

/** Reads texts as engines do: up to the first zero byte, and empty ones apart from each other. */
function hasRepeats(reader: HeaderReader, length: number, key: string): boolean {
  const texts = new Set<string>();
  let namedCount = 0;
  for (let index = 0; index < length; index += 1) {
    const [text = ''] = reader.text(`A value of ${key}`, MAX_TEXT_BYTES).split('\0', 1);
    if (text === '') continue;
    namedCount += 1;
    texts.add(text);
  }
  return texts.size < namedCount;
}

function readNumber(reader: HeaderReader, type: number, key: string): number {
  const size = VALUE_BYTES.get(type);
  if (size === undefined) throw new HeaderFault(`${key} has the unknown type ${type}.`);
  const bytes = reader.bytes(size);
  switch (type) {
    case 0:
    case 7:
      return bytes.readUInt8();
    case 1:
      return bytes.readInt8();
    case 2:
      return bytes.readUInt16LE();
    case 3:
      return bytes.readInt16LE();
    case 4:
      return bytes.readUInt32LE();
    case 5:
      return bytes.readInt32LE();
    case 6:
      return bytes.readFloatLE();
    case 10:
      return Number(bytes.readBigUInt64LE());
    case 11:
      return Number(bytes.readBigInt64LE());
    default:
      return bytes.readDoubleLE();
  }
}

function checkedAlignment(values: ReadonlyMap<string, HeaderValue>): number {
  const value = values.get('general.alignment');
  if (value === undefined) return DEFAULT_ALIGNMENT;
  const alignment = value.type === 4 ? (value.number ?? 0) : 0;
  const isPowerOfTwo = alignment >= 8 && (alignment & (alignment - 1)) === 0;
  if (!isPowerOfTwo || alignment > MAX_ALIGNMENT)
    throw new HeaderFault('The alignment is not a power of two from 8 on.');
  return alignment;
}

interface TensorPlace {
  readonly name: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

function readTensors(reader: HeaderReader, count: number): readonly TensorPlace[] {
  const names = new Set<string>();
  const tensors: TensorPlace[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = reader.text('The name of a tensor', MAX_NAME_BYTES);
    if (names.has(name)) throw new HeaderFault(`The tensor ${name} is there twice.`);
    names.add(name);
    tensors.push(readTensor(reader, name));
  }
  return tensors;
}

function readTensor(reader: HeaderReader, name: string): TensorPlace {
  const dimensionCount = reader.uint32();
  if (dimensionCount === 0 || dimensionCount > MAX_DIMENSIONS) {
    throw new HeaderFault(`The tensor ${name} has ${dimensionCount} dimensions.`);
  }
  const dimensions = Array.from({ length: dimensionCount }, () => reader.uint64(`A dimension of ${name}`));
  const type = reader.uint32();
  const offset = reader.uint64(`The offset of ${name}`);
  const stored = TENSOR_TYPES.get(type);
  if (stored === undefined) throw new HeaderFault(`The tensor ${name} has the unknown type ${type}.`);
  if (dimensions.some((dimension) => dimension === 0 || dimension > MAX_DIMENSION)) {
    throw new HeaderFault(`The tensor ${name} has a dimension that is 0 or too large.`);
  }
  const [rowCount = 0] = dimensions;
  if (rowCount % stored.blockCount !== 0) throw new HeaderFault(`A row of ${name} is no whole number of blocks.`);
  const valueCount = dimensions.reduce((product, dimension) => product * dimension, 1);
  const sizeBytes = (valueCount / stored.blockCount) * stored.blockBytes;
  if (!Number.isSafeInteger(sizeBytes)) throw new HeaderFault(`The tensor ${name} is larger than any file.`);
  return { name, offset, sizeBytes };
}

interface DataPlace {
  readonly dataStart: number;
  readonly alignment: number;
  readonly fileBytes: number;
}

/** One behind the other, none past the end of the file. */
function checkPlaces(tensors: readonly TensorPlace[], { dataStart, alignment, fileBytes }: DataPlace): void {
  let expected = 0;
  for (const { name, offset, sizeBytes } of tensors) {
    if (offset !== expected) throw new HeaderFault(`The tensor ${name} is at ${offset}, not at ${expected}.`);
    if (dataStart + offset + sizeBytes > fileBytes)
      throw new HeaderFault(`The tensor ${name} runs past the end of the file.`);
    expected = padded(offset + sizeBytes, alignment);
  }
}

function padded(bytes: number, alignment: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
