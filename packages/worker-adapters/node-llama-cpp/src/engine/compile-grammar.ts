// SPDX-License-Identifier: MIT
import type { ResponseFormat } from '@llama-orch/worker-adapter-api';
import type { Llama, LlamaGrammar } from 'node-llama-cpp';
import { checkGbnf } from './check-gbnf.ts';
import { invalidParams } from './engine-error.ts';
import { toGbnfSchema } from './to-gbnf-schema.ts';

const GRAMMAR_FIELD = '$.response_format.grammar';
const SCHEMA_FIELD = '$.response_format.schema';
/** node-llama-cpp lets every JSON grammar end in blank lines and cuts them off later; ours ends with the value. */
const BLANK_LINES_AT_END = / "\\n\\n\\n\\n" \[\\n\]\*(?=\n|$)/;

/**
 * The grammar that keeps the output in form.
 *
 * @throws EngineError INVALID_PARAMS naming the field, for a grammar or schema the engine cannot keep.
 */
export async function compileGrammar(llama: Llama, format: ResponseFormat): Promise<LlamaGrammar> {
  if (format.type === 'grammar') {
    // ORCH-4218: llama.cpp prints a grammar it cannot parse, so it never sees one.
    const fault = checkGbnf(format.grammar);
    if (fault !== undefined) throw invalidParams(GRAMMAR_FIELD, `The grammar is wrong: ${fault}`);
    return createGrammar(llama, format.grammar, GRAMMAR_FIELD);
  }
  const { grammar } = await llama.createGrammarForJsonSchema(toGbnfSchema(format.schema, SCHEMA_FIELD));
  return createGrammar(llama, grammar.replace(BLANK_LINES_AT_END, ''), SCHEMA_FIELD);
}

async function createGrammar(llama: Llama, grammar: string, field: string): Promise<LlamaGrammar> {
  try {
    return await llama.createGrammar({ grammar });
  } catch {
    throw invalidParams(field, 'llama.cpp refuses the grammar.');
  }
}
