// SPDX-License-Identifier: MIT
import { encodeGguf, type GgufTensor, type GgufValue } from './encode-gguf.ts';

/** What {@link createRandomGguf} builds. */
export interface RandomGgufOptions {
  /** Decides every weight; any 32-bit integer. */
  readonly seed: number;
  /** Context the model declares, in tokens. @defaultValue 256 */
  readonly contextTokens?: number;
  /** Width of the residual stream; a multiple of 32. @defaultValue 64 */
  readonly embeddingSize?: number;
  /** @defaultValue 2 */
  readonly layerCount?: number;
  /** Name in the metadata. @defaultValue `random-<seed>` */
  readonly name?: string;
  /** Whether the file carries a chat template. @defaultValue true */
  readonly chatTemplate?: boolean;
}

const SPECIAL_TOKENS = ['<unk>', '<s>', '</s>', '<|im_start|>', '<|im_end|>', '<pad>'];
const TOKEN = { unknown: 0, beginOfText: 1, endOfText: 2, endOfTurn: 4, padding: 5 } as const;
const TOKEN_TYPE = { normal: 1, unknown: 2, control: 3, unused: 5 } as const;
const VOCABULARY_MULTIPLE = 32;
const HEAD_SIZE = 32;
const WEIGHT_SPREAD = 0.08;
const CHAT_TEMPLATE =
  "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/**
 * Builds a llama-architecture model with random weights, as a GGUF file that llama.cpp loads and that speaks noise: one
 * token per byte, a few hundred kilobytes. Equal options give equal bytes on every machine. For tests that need a second
 * model, another digest or another context size.
 */
export function createRandomGguf(options: RandomGgufOptions): Uint8Array {
  const size = options.embeddingSize ?? 64;
  if (size % HEAD_SIZE !== 0) throw new RangeError(`embeddingSize must be a multiple of ${HEAD_SIZE}, not ${size}`);
  const shape: Shape = {
    size,
    contextTokens: options.contextTokens ?? 256,
    layerCount: options.layerCount ?? 2,
    feedForwardSize: size * 2,
    tokens: vocabulary(),
  };
  return encodeGguf(metadata(options, shape), tensors(shape, randomUnits(options.seed)));
}

interface Shape {
  readonly size: number;
  readonly contextTokens: number;
  readonly layerCount: number;
  readonly feedForwardSize: number;
  readonly tokens: readonly string[];
}

function metadata(options: RandomGgufOptions, shape: Shape): ReadonlyMap<string, GgufValue> {
  const uint32 = (value: number): GgufValue => ({ type: 'uint32', value });
  const string = (value: string): GgufValue => ({ type: 'string', value });
  const entries: [string, GgufValue][] = [
    ['general.architecture', string('llama')],
    ['general.type', string('model')],
    ['general.name', string(options.name ?? `random-${options.seed}`)],
    ['general.license', string('mit')],
    ['general.file_type', uint32(0)],
    ['llama.vocab_size', uint32(shape.tokens.length)],
    ['llama.context_length', uint32(shape.contextTokens)],
    ['llama.embedding_length', uint32(shape.size)],
    ['llama.block_count', uint32(shape.layerCount)],
    ['llama.feed_forward_length', uint32(shape.feedForwardSize)],
    ['llama.attention.head_count', uint32(shape.size / HEAD_SIZE)],
    ['llama.attention.head_count_kv', uint32(shape.size / HEAD_SIZE)],
    ['llama.attention.layer_norm_rms_epsilon', { type: 'float32', value: 1e-5 }],
    ['llama.rope.dimension_count', uint32(HEAD_SIZE)],
    ['llama.rope.freq_base', { type: 'float32', value: 10_000 }],
    ['tokenizer.ggml.model', string('gpt2')],
    ['tokenizer.ggml.pre', string('llama-bpe')],
    ['tokenizer.ggml.tokens', { type: 'string[]', value: shape.tokens }],
    ['tokenizer.ggml.token_type', { type: 'int32[]', value: shape.tokens.map(tokenType) }],
    // llama.cpp demands the key; no text contains "<unk>" as a symbol, so this merge never applies.
    ['tokenizer.ggml.merges', { type: 'string[]', value: ['<unk> <unk>'] }],
    ['tokenizer.ggml.bos_token_id', uint32(TOKEN.beginOfText)],
    ['tokenizer.ggml.eos_token_id', uint32(TOKEN.endOfText)],
    ['tokenizer.ggml.eot_token_id', uint32(TOKEN.endOfTurn)],
    ['tokenizer.ggml.unknown_token_id', uint32(TOKEN.unknown)],
    ['tokenizer.ggml.padding_token_id', uint32(TOKEN.padding)],
    ['tokenizer.ggml.add_bos_token', { type: 'bool', value: true }],
    ['tokenizer.ggml.add_eos_token', { type: 'bool', value: false }],
  ];
  if (options.chatTemplate ?? true) entries.push(['tokenizer.chat_template', string(CHAT_TEMPLATE)]);
  return new Map(entries);
}

function tensors(shape: Shape, draw: () => number): readonly GgufTensor[] {
  const { size, feedForwardSize } = shape;
  const matrix = (name: string, columns: number, rows: number): GgufTensor => ({
    name: `${name}.weight`,
    shape: [columns, rows],
    data: Float32Array.from({ length: columns * rows }, () => draw() * WEIGHT_SPREAD),
  });
  const norm = (name: string): GgufTensor => ({
    name: `${name}.weight`,
    shape: [size],
    data: new Float32Array(size).fill(1),
  });
  const layers = Array.from({ length: shape.layerCount }, (_, layer) => `blk.${layer}`).flatMap((layer) => [
    norm(`${layer}.attn_norm`),
    ...['attn_q', 'attn_k', 'attn_v', 'attn_output'].map((name) => matrix(`${layer}.${name}`, size, size)),
    norm(`${layer}.ffn_norm`),
    matrix(`${layer}.ffn_gate`, size, feedForwardSize),
    matrix(`${layer}.ffn_up`, size, feedForwardSize),
    matrix(`${layer}.ffn_down`, feedForwardSize, size),
  ]);
  return [matrix('token_embd', size, shape.tokens.length), ...layers, norm('output_norm')];
}

function tokenType(token: string, id: number): number {
  if (id === TOKEN.unknown) return TOKEN_TYPE.unknown;
  if (id < SPECIAL_TOKENS.length) return TOKEN_TYPE.control;
  return token.startsWith('<unused') ? TOKEN_TYPE.unused : TOKEN_TYPE.normal;
}

/** Special tokens, then one token per byte in the printable form of GPT-2 vocabularies, padded with unused ones. */
function vocabulary(): readonly string[] {
  const tokens = [...SPECIAL_TOKENS];
  let shifted = 256;
  for (let byte = 0; byte < 256; byte += 1) {
    const printable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    tokens.push(String.fromCodePoint(printable ? byte : shifted++));
  }
  while (tokens.length % VOCABULARY_MULTIPLE !== 0) tokens.push(`<unused${tokens.length}>`);
  return tokens;
}

/** Numbers in [-1, 1) from a counter mixed by multiplication (splitmix32): integers only, so equal on every machine. */
function randomUnits(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) | 0) / 2 ** 31;
  };
}
