// SPDX-License-Identifier: MIT
import { encodeGguf, type GgufTensor, type GgufValue } from './encode-gguf.ts';
import { dimensionsOf, scriptedWeights, type TokenChain } from './scripted-weights.ts';

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
  /** Whether the file carries a chat template, or which. @defaultValue true */
  readonly chatTemplate?: boolean | string;
  /** Whether the model scores documents for a query instead of writing text. @defaultValue false */
  readonly ranks?: boolean;
  /** What it says after every line end, token by token, until it ends its turn; none twice. After anything else it ends the line. @defaultValue noise */
  readonly script?: readonly string[];
}

const SPECIAL_TOKENS = ['<unk>', '<s>', '</s>', '<|im_start|>', '<|im_end|>', '<pad>'];
const TOKEN = { unknown: 0, beginOfText: 1, endOfText: 2, endOfTurn: 4, padding: 5 } as const;
const TOKEN_TYPE = { normal: 1, unknown: 2, control: 3, unused: 5 } as const;
const VOCABULARY_MULTIPLE = 32;
const HEAD_SIZE = 32;
const WEIGHT_SPREAD = 0.08;
const POOLING_RANK = 4;
const RANK_LABEL_COUNT = 2;
const CHAT_TEMPLATE =
  "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/** What a ranking model reads. */
const RANK_TEMPLATE = '<s>{query}</s>{document}</s>';

/**
 * Builds a llama-architecture model with random weights, as a GGUF file that llama.cpp loads and that speaks noise: one
 * token per byte, a few hundred kilobytes. Equal options give equal bytes on every machine. For tests that need a second
 * model, another digest, another context size, another template, scores, or a model that says what the test wants.
 */
export function createRandomGguf(options: RandomGgufOptions): Uint8Array {
  const size = options.embeddingSize ?? 64;
  if (size % HEAD_SIZE !== 0) throw new RangeError(`embeddingSize must be a multiple of ${HEAD_SIZE}, not ${size}`);
  const shape: Shape = {
    size,
    contextTokens: options.contextTokens ?? 256,
    architecture: options.ranks === true ? 'qwen3' : 'llama',
    layerCount: options.layerCount ?? 2,
    feedForwardSize: size * 2,
    tokens: vocabulary(options.script ?? []),
    chain: options.script && chainOf(options.script),
  };
  if (shape.chain !== undefined && dimensionsOf(shape.chain) > size) {
    throw new RangeError(`A script of ${options.script?.length} tokens needs a larger embeddingSize than ${size}.`);
  }
  return encodeGguf(metadata(options, shape), tensors(shape, randomUnits(options.seed)));
}

interface Shape {
  /** The one for ranking differs in that it evens out queries and keys, and has a classifier. */
  readonly architecture: 'llama' | 'qwen3';
  readonly size: number;
  readonly contextTokens: number;
  readonly layerCount: number;
  readonly feedForwardSize: number;
  readonly tokens: readonly string[];
  readonly chain: TokenChain | undefined;
}

function metadata(options: RandomGgufOptions, shape: Shape): ReadonlyMap<string, GgufValue> {
  const uint32 = (value: number): GgufValue => ({ type: 'uint32', value });
  const string = (value: string): GgufValue => ({ type: 'string', value });
  const { architecture } = shape;
  const { chatTemplate = true } = options;
  const entries: [string, GgufValue][] = [
    ['general.architecture', string(architecture)],
    ['general.type', string('model')],
    ['general.name', string(options.name ?? `random-${options.seed}`)],
    ['general.license', string('mit')],
    ['general.file_type', uint32(0)],
    [`${architecture}.vocab_size`, uint32(shape.tokens.length)],
    [`${architecture}.context_length`, uint32(shape.contextTokens)],
    [`${architecture}.embedding_length`, uint32(shape.size)],
    [`${architecture}.block_count`, uint32(shape.layerCount)],
    [`${architecture}.feed_forward_length`, uint32(shape.feedForwardSize)],
    [`${architecture}.attention.head_count`, uint32(shape.size / HEAD_SIZE)],
    [`${architecture}.attention.head_count_kv`, uint32(shape.size / HEAD_SIZE)],
    [`${architecture}.attention.layer_norm_rms_epsilon`, { type: 'float32', value: 1e-5 }],
    [`${architecture}.rope.dimension_count`, uint32(HEAD_SIZE)],
    [`${architecture}.rope.freq_base`, { type: 'float32', value: 10_000 }],
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
  if (chatTemplate !== false) {
    entries.push(['tokenizer.chat_template', string(chatTemplate === true ? CHAT_TEMPLATE : chatTemplate)]);
  }
  if (options.ranks === true) entries.push(...rankingEntries(architecture));
  return new Map(entries);
}

function rankingEntries(architecture: string): [string, GgufValue][] {
  return [
    [`${architecture}.pooling_type`, { type: 'uint32', value: POOLING_RANK }],
    [`${architecture}.classifier.output_labels`, { type: 'string[]', value: ['yes', 'no'] }],
    ['tokenizer.chat_template.rerank', { type: 'string', value: RANK_TEMPLATE }],
  ];
}

function tensors(shape: Shape, draw: () => number): readonly GgufTensor[] {
  const { size, feedForwardSize } = shape;
  const matrix = (name: string, columns: number, rows: number): GgufTensor => ({
    name: `${name}.weight`,
    shape: [columns, rows],
    data: Float32Array.from({ length: columns * rows }, () => draw() * WEIGHT_SPREAD),
  });
  const norm = (name: string, width = size): GgufTensor => ({
    name: `${name}.weight`,
    shape: [width],
    data: new Float32Array(width).fill(1),
  });
  const ranks = shape.architecture === 'qwen3';
  const layers = Array.from({ length: shape.layerCount }, (_, layer) => `blk.${layer}`).flatMap((layer) => [
    norm(`${layer}.attn_norm`),
    ...['attn_q', 'attn_k', 'attn_v', 'attn_output'].map((name) => matrix(`${layer}.${name}`, size, size)),
    ...(ranks ? ['attn_q_norm', 'attn_k_norm'].map((name) => norm(`${layer}.${name}`, HEAD_SIZE)) : []),
    norm(`${layer}.ffn_norm`),
    matrix(`${layer}.ffn_gate`, size, feedForwardSize),
    matrix(`${layer}.ffn_up`, size, feedForwardSize),
    matrix(`${layer}.ffn_down`, feedForwardSize, size),
  ]);
  if (shape.chain !== undefined) return scripted(shape, shape.chain, layers);
  const classifier = ranks ? [matrix('cls.output', size, RANK_LABEL_COUNT)] : [];
  return [matrix('token_embd', size, shape.tokens.length), ...layers, norm('output_norm'), ...classifier];
}

/** The layers are there and add nothing. */
function scripted(shape: Shape, chain: TokenChain, layers: readonly GgufTensor[]): readonly GgufTensor[] {
  const { size, tokens } = shape;
  const { embedding, output } = scriptedWeights(chain, size, tokens.length);
  const mute = /(attn_output|ffn_down)\.weight$/;
  return [
    { name: 'token_embd.weight', shape: [size, tokens.length], data: embedding },
    ...layers.map((tensor) => (mute.test(tensor.name) ? { ...tensor, data: tensor.data.fill(0) } : tensor)),
    { name: 'output_norm.weight', shape: [size], data: new Float32Array(size).fill(1) },
    { name: 'output.weight', shape: [size, tokens.length], data: output },
  ];
}

function chainOf(script: readonly string[]): TokenChain {
  const tokens = vocabulary(script);
  const idOf = (text: string): number => tokens.indexOf(printable(text));
  return { first: idOf('\n'), then: script.map(idOf), last: TOKEN.endOfTurn };
}

function tokenType(token: string, id: number): number {
  if (id === TOKEN.unknown) return TOKEN_TYPE.unknown;
  if (id < SPECIAL_TOKENS.length) return TOKEN_TYPE.control;
  return token.startsWith('<unused') ? TOKEN_TYPE.unused : TOKEN_TYPE.normal;
}

/** The printable form that GPT-2 vocabularies give each byte. */
const PRINTABLE: readonly string[] = printableBytes();

function printableBytes(): string[] {
  let shifted = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    return String.fromCodePoint(isPrintable ? byte : shifted++);
  });
}

function printable(text: string): string {
  return Array.from(Buffer.from(text), (byte) => PRINTABLE[byte]).join('');
}

/** Special tokens, one token per byte, and those of a script, padded with unused ones. */
function vocabulary(script: readonly string[]): readonly string[] {
  const tokens = [...new Set([...SPECIAL_TOKENS, ...PRINTABLE, ...script.map(printable)])];
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
