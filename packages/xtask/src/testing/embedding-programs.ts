// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A program of the page on embedding, and what it needs. */
export interface EmbeddingProgram {
  readonly source: string;
  /** Our packages that the page tells to install for it. */
  readonly packages: readonly string[];
}

const MODEL_IMPORTS = /^import .* from '@llama-orch\/(?:adapter-node-llama-cpp|tiny-model)';\n/gm;
const ADAPTER = /^const adapter = .*\n/m;

/** The program of `docs/embedding.md` as it stands there, and its variant without a model. */
export async function embeddingPrograms(
  root: string,
): Promise<{ readonly withModel: EmbeddingProgram; readonly withMock: EmbeddingProgram }> {
  const page = await readFile(join(root, 'docs/embedding.md'), 'utf8');
  const [source = '', variant = ''] = codeBlocks(page, 'ts');
  const packages = /^npm install (.*)$/m.exec(codeBlocks(page, 'sh').join('\n'))?.[1]?.split(' ') ?? [];
  const [adapter = ''] = ADAPTER.exec(variant) ?? [];
  return {
    withModel: { source, packages },
    withMock: {
      source:
        variant.replace(ADAPTER, '').trimEnd() + '\n' + source.replace(MODEL_IMPORTS, '').replace(ADAPTER, adapter),
      packages: ['@llama-orch/adapter-mock', ...packages.filter((name) => !/llama-cpp|tiny-model/.test(name))],
    },
  };
}

function codeBlocks(page: string, language: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, block = '']) => block);
}
