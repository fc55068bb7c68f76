// SPDX-License-Identifier: MIT
import type { JsonObject, ToolDefinition, WorkerRequest } from '@llama-orch/worker-adapter-api';
import {
  JinjaTemplateChatWrapper,
  LlamaGrammarEvaluationState,
  LlamaText,
  type ChatWrapper,
  type LlamaGrammar,
  type LlamaModel,
} from 'node-llama-cpp';
import { compileGrammar } from './compile-grammar.ts';
import { EngineError, invalidParams } from './engine-error.ts';
import type { LoadedEngine } from './load-engine.ts';
import { ToolCallReader, type CallSyntax, type Constraint } from './tool-call-reader.ts';

/** What a tool takes where its schema is beyond the engine's grammars, or says nothing. */
const ANY_OBJECT: JsonObject = { type: 'object' };

/** How the model's template writes calls; undefined where it does not show tools, or begins calls with a control token. */
export function callSyntaxOf(model: LlamaModel, chatWrapper: ChatWrapper): CallSyntax | undefined {
  if (!(chatWrapper instanceof JinjaTemplateChatWrapper) || !chatWrapper.usingJinjaFunctionCallTemplate)
    return undefined;
  const { prefix, paramsPrefix } = chatWrapper.settings.functions.call;
  const opening = LlamaText(prefix).toString();
  // ORCH-4227: a control token has no text to know it by.
  const isReadable =
    opening.trim() !== '' && !model.tokenize(opening, true).some((token) => model.isSpecialToken(token));
  return isReadable ? { opening, argumentsOpening: LlamaText(paramsPrefix).toString() } : undefined;
}

/** Follows what a model writes that may call tools, and holds it to the form of a call once it does. */
export class ToolTalk {
  readonly reader: ToolCallReader;
  readonly #engine: LoadedEngine;
  #held: Constraint['kind'] | undefined;
  #grammarState: LlamaGrammarEvaluationState | undefined;

  constructor(engine: LoadedEngine, reader: ToolCallReader) {
    this.#engine = engine;
    this.reader = reader;
  }

  /**
   * Undefined for a request without tools.
   *
   * @throws EngineError INVALID_PARAMS for tools the model does not know, or with another constraint on the output.
   */
  static async start(engine: LoadedEngine, { input, responseFormat }: WorkerRequest): Promise<ToolTalk | undefined> {
    if (input.workload !== 'chat' || input.tools.length === 0) return undefined;
    const { callSyntax } = engine;
    if (callSyntax === undefined) throw invalidParams('$.tools', "The model's chat template does not call tools.");
    if (responseFormat !== undefined) {
      throw invalidParams(
        '$.response_format',
        'This engine holds the output to a form or lets tools be called, not both.',
      );
    }
    const talk = new ToolTalk(
      engine,
      new ToolCallReader(callSyntax, { tools: input.tools, choice: input.toolChoice ?? 'auto' }),
    );
    await talk.follow();
    return talk;
  }

  /** What the next token is held to. */
  get grammarState(): LlamaGrammarEvaluationState | undefined {
    return this.#grammarState;
  }

  /** To be called after each token: takes up what the model is held to next. */
  async follow(): Promise<void> {
    const { constraint } = this.reader;
    if (constraint === undefined || constraint.kind === this.#held) return;
    this.#held = constraint.kind;
    const { model } = this.#engine;
    this.#grammarState = new LlamaGrammarEvaluationState({ model, grammar: await this.#grammarFor(constraint) });
  }

  #grammarFor(constraint: Constraint): Promise<LlamaGrammar> {
    const { llama } = this.#engine;
    if (constraint.kind === 'arguments') return this.#argumentsGrammar(constraint.tool);
    return llama.createGrammar({
      grammar: `root ::= ${constraint.texts.map((text) => JSON.stringify(text)).join(' | ')}`,
    });
  }

  /** ORCH-4227: the tool's schema where a grammar can say it, else any object: a wish, where a response format is a promise. */
  async #argumentsGrammar({ parameters }: ToolDefinition): Promise<LlamaGrammar> {
    const { llama } = this.#engine;
    const schema = Object.keys(parameters).length === 0 ? ANY_OBJECT : parameters;
    try {
      return await compileGrammar(llama, { type: 'json_schema', schema });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      return compileGrammar(llama, { type: 'json_schema', schema: ANY_OBJECT });
    }
  }
}
