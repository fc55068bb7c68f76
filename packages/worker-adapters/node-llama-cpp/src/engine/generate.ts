// SPDX-License-Identifier: MIT
import type { Sampling, WorkerEnd, WorkerRequest } from '@llama-orch/worker-adapter-api';
import { LlamaGrammarEvaluationState, type LlamaContextSequence, type Token } from 'node-llama-cpp';
import { mapSampling } from '../map-request.ts';
import { compileGrammar } from './compile-grammar.ts';
import { invalidParams } from './engine-error.ts';
import type { LoadedEngine } from './load-engine.ts';
import { createPieceDecoder } from './piece-decoder.ts';
import { promptTokens } from './prompt-tokens.ts';
import type { Slot } from './slot-pool.ts';
import { StopScanner } from './stop-scanner.ts';
import { ToolTalk } from './tool-talk.ts';

/** One generation under way. */
export interface Generation {
  readonly request: WorkerRequest;
  readonly slot: Slot;
  /** Receives text with the number of tokens behind it. */
  readonly emit: (text: string, tokenCount: number) => void;
  /** Asked between engine steps. */
  readonly isAborted: () => boolean;
}

/** Whether a request may use and leave context memory: strict ones never, because reuse changes floating-point sums. */
export function keepsContext({ determinism, sessionId, kvHint }: WorkerRequest): boolean {
  // ORCH-4222: strict runs start cold.
  return determinism === 'best_effort' && kvHint === 'reuse' && sessionId !== undefined;
}

/**
 * Runs one generation to its end. When it settles, no engine step of it is under way, and unless the session keeps its
 * context memory the slot is empty.
 *
 * @throws EngineError INVALID_PARAMS when the prompt or the format cannot be served.
 */
export async function generate(engine: LoadedEngine, generation: Generation): Promise<WorkerEnd> {
  const { request, slot, isAborted } = generation;
  const tools = await ToolTalk.start(engine, request);
  const tokens = promptTokens(engine.model, engine.chatWrapper, request.input);
  const limitTokens = engine.props.ctxMaxTokens;
  if (tokens.length >= limitTokens) {
    const field = request.input.workload === 'chat' ? '$.messages' : '$.prompt';
    // ORCH-4214: a prompt that does not fit is refused, never cut.
    throw invalidParams(field, 'The prompt does not leave room for an answer in the context.', {
      limit: limitTokens,
      prompt_tokens: tokens.length,
    });
  }
  const grammar = request.responseFormat && (await compileGrammar(engine.llama, request.responseFormat));
  const startedAt = performance.now();
  const keptTokens = await prepareContext(slot, request, tokens);
  let keepContext = false;
  try {
    const output = new OutputText(engine, generation, tools);
    const rest = await prefill(slot.sequence, tokens.slice(keptTokens), isAborted);
    const finishReason = isAborted()
      ? 'canceled'
      : await decode(slot.sequence, rest, {
          history: [...tokens],
          grammarEvaluationState: grammar && new LlamaGrammarEvaluationState({ model: engine.model, grammar }),
          maxTokens: Math.min(request.maxTokens, limitTokens - tokens.length),
          output,
          tools,
          sampling: request.sampling,
          isAborted,
        });
    if (finishReason !== 'canceled') output.flush();
    keepContext = keepsContext(request) && finishReason !== 'canceled';
    const call = finishReason === 'stop' ? tools?.reader.call() : undefined;
    return {
      finishReason: call === undefined ? finishReason : 'tool_calls',
      ...(call !== undefined && { toolCalls: [call] }),
      tokensIn: tokens.length,
      tokensOut: output.tokenCount,
      decodeTimeMs: performance.now() - startedAt,
      prefixReuse: keptTokens > 0,
    };
  } finally {
    slot.sessionId = keepContext ? request.sessionId : undefined;
    if (!keepContext) await slot.sequence.clearHistory();
  }
}

/** Empties the context memory, or cuts it back to what the session and the prompt share; returns the shared tokens. */
async function prepareContext(slot: Slot, request: WorkerRequest, tokens: readonly Token[]): Promise<number> {
  if (!keepsContext(request) || slot.sessionId !== request.sessionId) {
    slot.sessionId = undefined;
    await slot.sequence.clearHistory();
    return 0;
  }
  // The last token is always evaluated: its result is what the first new token is drawn from.
  await slot.sequence.adaptStateToTokens(tokens.slice(0, -1), false);
  return slot.sequence.nextTokenIndex;
}

/** Evaluates all full batches of the prompt and returns the rest; an abort ends it between two batches. */
async function prefill(sequence: LlamaContextSequence, tokens: Token[], isAborted: () => boolean): Promise<Token[]> {
  const { batchSize } = sequence.context;
  let at = 0;
  while (tokens.length - at > batchSize && !isAborted()) {
    await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(at, at + batchSize));
    at += batchSize;
  }
  return tokens.slice(at);
}

interface Decoding {
  readonly history: Token[];
  readonly grammarEvaluationState: LlamaGrammarEvaluationState | undefined;
  readonly maxTokens: number;
  readonly output: OutputText;
  readonly tools: ToolTalk | undefined;
  readonly sampling: Sampling;
  readonly isAborted: () => boolean;
}

async function decode(
  sequence: LlamaContextSequence,
  rest: Token[],
  { history, grammarEvaluationState, maxTokens, output, tools, sampling, isAborted }: Decoding,
): Promise<WorkerEnd['finishReason']> {
  const steps = sequence.evaluate(rest, {
    ...mapSampling(sampling, history),
    ...(grammarEvaluationState && { grammarEvaluationState }),
    ...(tools && { grammarEvaluationState: () => tools.grammarState }),
  });
  for await (const token of steps) {
    if (isAborted()) return 'canceled';
    history.push(token);
    output.push(token);
    if (output.stopped) return 'stop';
    if (output.tokenCount >= maxTokens) return 'length';
    // The next token is drawn once this has settled.
    if (tools?.reader.isCalling) await tools.follow();
  }
  return isAborted() ? 'canceled' : 'stop';
}

/** From tokens to text that leaves: whole characters, nothing of a stop text, and the count of tokens behind it. */
class OutputText {
  readonly #decoder;
  readonly #scanner;
  readonly #emit: Generation['emit'];
  readonly #tools: ToolTalk | undefined;
  #tokenCount = 0;
  #emittedTokenCount = 0;

  constructor(engine: LoadedEngine, { request, emit }: Generation, tools: ToolTalk | undefined) {
    this.#decoder = createPieceDecoder(engine.model, engine.byteTable);
    this.#scanner = new StopScanner(request.sampling.stop);
    this.#emit = emit;
    this.#tools = tools;
  }

  get tokenCount(): number {
    return this.#tokenCount;
  }

  get stopped(): boolean {
    return this.#scanner.stopped;
  }

  push(token: Token): void {
    this.#tokenCount += 1;
    this.#send(this.#scanner.push(this.#withoutCalls(this.#decoder.push(token))));
  }

  flush(): void {
    const held = this.#withoutCalls(this.#decoder.flush()) + (this.#tools?.reader.flush() ?? '');
    this.#send(this.#scanner.push(held) + this.#scanner.flush());
  }

  #withoutCalls(piece: string): string {
    return this.#tools === undefined ? piece : this.#tools.reader.push(piece);
  }

  #send(text: string): void {
    // Tokens of a call are told as they come, though they give no text.
    if (text === '' && this.#tools?.reader.isCalling !== true) return;
    this.#emit(text, this.#tokenCount - this.#emittedTokenCount);
    this.#emittedTokenCount = this.#tokenCount;
  }
}
