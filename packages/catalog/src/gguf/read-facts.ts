// SPDX-License-Identifier: MIT
import { gguf, GGMLFileQuantizationType } from '@huggingface/gguf';
import type { HeaderShape } from './check-header.ts';
import { HeaderFault } from './header-reader.ts';
import type { ModelFacts } from './model-facts.ts';

const HALF_BYTES = 2;

/** Reads what a model is; only of a file whose header has passed the check. @throws Error of the library, or HeaderFault. */
export async function readFacts(path: string, fileBytes: number, { dataStart }: HeaderShape): Promise<ModelFacts> {
  const parsed = await gguf(path, { allowLocalFile: true, computeParametersCount: true });
  const metadata = parsed.metadata as unknown as Readonly<Record<string, unknown>>;
  const architecture = String(metadata['general.architecture']);
  const number = (key: string): number | undefined => asNumber(metadata[`${architecture}.${key}`]);
  const needed = (key: string): number => {
    const value = number(key);
    if (value === undefined) throw new HeaderFault(`The file does not say ${architecture}.${key}.`);
    return value;
  };
  const name = metadata['general.name'];
  const quantization = GGMLFileQuantizationType[Number(metadata['general.file_type'])];
  const layerCount = needed('block_count');
  const embeddingLength = needed('embedding_length');
  const headCount = number('attention.head_count') ?? 1;
  const keyLength = number('attention.key_length') ?? embeddingLength / Math.max(1, headCount);
  const valueLength = number('attention.value_length') ?? keyLength;
  const keyHeadCount = number('attention.head_count_kv') ?? headCount;
  return {
    architecture,
    ...(typeof name === 'string' ? { name } : {}),
    ...(quantization === undefined ? {} : { quantization }),
    parameterCount: parsed.parameterCount,
    contextTokens: needed('context_length'),
    layerCount,
    embeddingLength,
    hasChatTemplate: typeof metadata['tokenizer.chat_template'] === 'string',
    weightsBytes: fileBytes - dataStart,
    contextBytesPerToken: Math.ceil(layerCount * keyHeadCount * (keyLength + valueLength) * HALF_BYTES),
  };
}

/** A number, or the largest of a number for each layer. */
function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  return Array.isArray(value) && value.length > 0 ? Math.max(...value.map(Number)) : undefined;
}
