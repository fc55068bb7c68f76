// SPDX-License-Identifier: MIT
import { HeaderFault } from './header-reader.ts';

/** A value of the header, as far as checks look at it. */
export interface HeaderValue {
  /** Its number in the format. */
  readonly type: number;
  readonly number?: number;
  readonly text?: string;
  /** Of an array. */
  readonly length?: number;
  /** Of an array of texts: whether one is there twice. */
  readonly hasRepeats?: boolean;
}

/** Least and most of what engines divide by, allocate for and index with. Per-layer arrays are left to the engine. */
const BOUNDS: Readonly<Record<string, readonly [number, number]>> = {
  context_length: [1, 2 ** 28],
  embedding_length: [1, 2 ** 20],
  block_count: [1, 4_096],
  feed_forward_length: [0, 2 ** 24],
  'attention.head_count': [0, 65_536],
  'attention.head_count_kv': [0, 65_536],
  'attention.key_length': [1, 2 ** 16],
  'attention.value_length': [1, 2 ** 16],
  'rope.dimension_count': [0, 2 ** 16],
  expert_count: [0, 65_536],
  expert_used_count: [0, 65_536],
  vocab_size: [1, 2 ** 24],
};
const NEEDED = ['context_length', 'embedding_length', 'block_count'];
/** Sizes that engines reckon the shapes of these tensors from. */
const NEEDED_BY: readonly (readonly [string, RegExp])[] = [
  ['attention.head_count', /^blk\.\d+\.attn_(?:q|k|v|qkv)\./],
  ['feed_forward_length', /^blk\.\d+\.ffn_(?:up|down|gate)\./],
];
/** Tokens that stand for something; each has to be in the vocabulary. */
const TOKEN_ID = /^tokenizer\.ggml\.[a-z_]+_token_id$/;
const UNSIGNED_32 = 4;
const SIGNED_32 = 5;

/** @throws HeaderFault when a value would make an engine divide by zero, allocate without bound or index past an end. */
export function checkHyperparameters(
  values: ReadonlyMap<string, HeaderValue>,
  tensors: readonly { readonly name: string }[],
): void {
  const architecture = values.get('general.architecture')?.text;
  if (architecture === undefined || architecture === '') throw new HeaderFault('The file names no architecture.');
  for (const [name, bounds] of Object.entries(BOUNDS)) {
    const key = `${architecture}.${name}`;
    const value = values.get(key);
    if (value === undefined && NEEDED.includes(name)) throw new HeaderFault(`The file does not say ${key}.`);
    if (value !== undefined && value.length === undefined) checkBounds(key, value, bounds);
  }
  for (const [name, needy] of NEEDED_BY) {
    const value = values.get(`${architecture}.${name}`);
    const isThere = value?.length !== undefined || (value?.number ?? 0) > 0;
    if (!isThere && tensors.some((tensor) => needy.test(tensor.name))) {
      throw new HeaderFault(`The file does not say ${architecture}.${name}, which its tensors need.`);
    }
  }
  checkTokens(values);
}

function checkBounds(key: string, { type, number }: HeaderValue, [least, most]: readonly [number, number]): void {
  const isWhole = number !== undefined && Number.isInteger(number) && type !== 6 && type !== 12;
  if (!isWhole || number < least || number > most) throw new HeaderFault(`${key} is not between ${least} and ${most}.`);
}

function checkTokens(values: ReadonlyMap<string, HeaderValue>): void {
  const tokens = values.get('tokenizer.ggml.tokens');
  const tokenCount = tokens?.length;
  if (tokenCount === undefined) return;
  // A vocabulary is also read backwards.
  if (tokens?.hasRepeats === true) throw new HeaderFault('A token is there twice.');
  for (const name of ['token_type', 'scores']) {
    const length = values.get(`tokenizer.ggml.${name}`)?.length;
    if (length !== undefined && length < tokenCount) throw new HeaderFault(`${name} is shorter than the vocabulary.`);
  }
  for (const [key, { type, number }] of values) {
    if (!TOKEN_ID.test(key)) continue;
    // A file that has no such token says so by -1, which is the largest number without a sign.
    const isNone = number === 2 ** 32 - 1 || number === -1;
    const isToken = number !== undefined && number >= 0 && number < tokenCount;
    if ((type !== UNSIGNED_32 && type !== SIGNED_32) || !(isNone || isToken)) {
      throw new HeaderFault(`${key} is not in the vocabulary.`);
    }
  }
}
