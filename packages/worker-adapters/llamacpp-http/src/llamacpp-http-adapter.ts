// SPDX-License-Identifier: MIT
import {
  createHttpTransport,
  isObject,
  parseJson,
  protocolFault,
  readEmbeddings,
  readScores,
  refuseDenied,
  type HttpAnswer,
  type HttpTransport,
  type SilenceCheck,
} from '@llama-orch/adapter-kit';
import {
  OrchError,
  type TokenSink,
  type WorkerAdapter,
  type WorkerEnd,
  type WorkerHealth,
  type WorkerInput,
  type WorkerMetrics,
  type WorkerProps,
  type WorkerRequest,
} from '@llama-orch/worker-adapter-api';
import { ChatStream } from './chat-stream.ts';
import { CompletionStream } from './map-events.ts';
import { faultOfAnswer } from './map-fault.ts';
import { parseMetrics, parseSlots } from './map-metrics.ts';
import type { PropsOptions } from './map-props.ts';
import {
  chatBody,
  completionBody,
  embeddingBody,
  rerankBody,
  templateBody,
  tokenizeBody,
  type ChatInput,
} from './map-request.ts';
import { askJson } from './post-json.ts';
import { PropsReader } from './props-reader.ts';
import { endOf, withContextFacts } from './run-end.ts';
import { createSilenceCheck } from './silence-check.ts';
import { proveSlotFree } from './slot-release.ts';
import { SlotTable } from './slot-table.ts';

/** Settings of {@link createLlamacppHttpAdapter}. */
export interface LlamacppHttpOptions extends PropsOptions {
  /** Where llama-server listens, with its `--api-prefix` if it has one. */
  readonly baseUrl: string;
  /** The server's `--api-key`. */
  readonly apiKey?: string;
  /** `sha256:<64 hex>` of the model file, for engines on other machines. Default: computed where the file is readable. */
  readonly modelDigest?: string;
  /** Milliseconds until a connection stands. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds until an answer begins; builds before May 2026 begin with the first token. Default 30,000. */
  readonly headersTimeoutMs?: number;
  /** Milliseconds in which the engine answers, or at least says that it is well. Default 5,000. */
  readonly silenceTimeoutMs?: number;
  /** Milliseconds between two events. Default 60,000. */
  readonly idleTimeoutMs?: number;
  /** Milliseconds for a whole generation. Default: no limit. */
  readonly wallTimeoutMs?: number;
  /** Milliseconds after which the slot of an aborted run counts as stuck. Default 30,000. */
  readonly releaseTimeoutMs?: number;
}

const DEFAULT_SILENCE_TIMEOUT_MS = 5_000;
const DEFAULT_RELEASE_TIMEOUT_MS = 30_000;
/** How long a fault waits for its slot before it is told. */
const FAULT_RELEASE_TIMEOUT_MS = 1_000;

/** An adapter to one llama.cpp `llama-server` over its native HTTP API. */
export function createLlamacppHttpAdapter(options: LlamacppHttpOptions): WorkerAdapter {
  return new LlamacppHttpAdapter(options);
}

class LlamacppHttpAdapter implements WorkerAdapter {
  readonly kind = 'llamacpp-http';
  readonly specVersion = 1;
  readonly #options: LlamacppHttpOptions;
  readonly #transport: HttpTransport;
  readonly #reader: PropsReader;
  readonly #silence: SilenceCheck;
  readonly #closing = new AbortController();
  /** Resolved when the last run has ended after the adapter was closed. */
  readonly #idle = Promise.withResolvers<undefined>();
  #runCount = 0;
  #props: WorkerProps | undefined;
  #slots = new SlotTable(0);

  constructor(options: LlamacppHttpOptions) {
    this.#options = options;
    this.#transport = createHttpTransport(options);
    this.#reader = new PropsReader(this.#transport, options);
    this.#silence = createSilenceCheck(this.#transport, options.silenceTimeoutMs ?? DEFAULT_SILENCE_TIMEOUT_MS);
  }

  async probe(signal: AbortSignal): Promise<WorkerHealth> {
    try {
      this.#refuseClosed();
      if (await this.#reader.isLoading(signal)) return { state: 'loading' };
      return { state: 'ready', props: await this.#readProps(signal) };
    } catch (error) {
      this.#reader.forget();
      return { state: 'failed', error: OrchError.from(error, 'WORKER_RESET') };
    }
  }

  async metrics(signal: AbortSignal): Promise<WorkerMetrics> {
    const readings = await this.#readings(signal);
    return { ...readings, contexts: this.#slots.sessionIds.map((sessionId) => ({ sessionId })) };
  }

  forgetSession(sessionId: string): void {
    const slot = this.#slots.forget(sessionId);
    if (slot === undefined) return;
    const erase = { method: 'POST', path: `/slots/${slot}?action=erase`, body: '{}' } as const;
    // A server without this action overwrites the slot when somebody else gets it.
    this.#transport.call(erase, this.#closing.signal).catch(() => undefined);
  }

  async #readings(signal: AbortSignal): Promise<WorkerMetrics> {
    const answer = await this.#transport.call({ method: 'GET', path: '/metrics' }, signal);
    if (answer.status === 200) return parseMetrics(answer.body);
    // ORCH-4340: without --metrics the slots still tell how many are busy.
    const slots = await this.#transport.call({ method: 'GET', path: '/slots' }, signal);
    const states = slots.status === 200 ? parseSlots(parseJson(slots.body)) : undefined;
    if (states !== undefined) return { slotsBusy: states.filter(({ isBusy }) => isBusy).length };
    if (answer.status === 501) return {};
    throw faultOfAnswer(answer);
  }

  async run(request: WorkerRequest, sink: TokenSink, signal: AbortSignal): Promise<WorkerEnd> {
    this.#refuseClosed();
    const stream = callsTools(request) ? new ChatStream(sink) : new CompletionStream(sink);
    const run: Run = { request, stream, signal, slots: this.#slots, slot: undefined };
    this.#runCount += 1;
    try {
      signal.throwIfAborted();
      refuseDenied(request, this.#props ?? (await this.#readProps(signal)));
      const { input } = request;
      if (input.workload === 'embedding') return await this.#embed(input, signal);
      if (input.workload === 'rerank') return await this.#rerank(input, signal);
      const prompt = input.workload === 'chat' ? await this.#promptOf(input, signal) : input.prompt;
      return endOfStream(run, await this.#generate(run, prompt));
    } catch (error) {
      await this.#release(run, error);
      const isCanceled = signal.aborted && error === signal.reason;
      if (this.#closing.signal.aborted || isCanceled) return stream.canceledEnd();
      throw error;
    } finally {
      if (run.slot !== undefined) run.slots.give(run.slot);
      this.#runCount -= 1;
      if (this.#runCount === 0 && this.#closing.signal.aborted) this.#idle.resolve(undefined);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#transport.close();
    if (this.#runCount > 0) await this.#idle.promise;
  }

  async countPromptTokens({ input }: WorkerRequest, signal: AbortSignal): Promise<number> {
    this.#refuseClosed();
    if (input.workload !== 'completion' && input.workload !== 'chat') return 0;
    const prompt = input.workload === 'chat' ? await this.#template(input, signal) : input.prompt;
    const answer = await this.#ask('/tokenize', tokenizeBody(prompt), signal);
    const tokens = isObject(answer) ? answer['tokens'] : undefined;
    if (!Array.isArray(tokens)) throw protocolFault('not_json');
    return tokens.length;
  }

  async #embed({ inputs }: Input<'embedding'>, signal: AbortSignal): Promise<WorkerEnd> {
    return endOf(readEmbeddings(await this.#ask('/v1/embeddings', embeddingBody(inputs), signal), inputs.length));
  }

  async #rerank(input: Input<'rerank'>, signal: AbortSignal): Promise<WorkerEnd> {
    return endOf(readScores(await this.#ask('/v1/rerank', rerankBody(input), signal), input.documents.length));
  }

  /** ORCH-4334: calls of tools are read by the engine, which knows the form its template gives them. */
  async #promptOf(input: ChatInput, signal: AbortSignal): Promise<string | ChatInput> {
    return input.tools.length > 0 ? input : await this.#template(input, signal);
  }

  /** Sends a generation to a free slot. */
  #generate(run: Run, prompt: string | ChatInput): Promise<HttpAnswer> {
    const { request } = run;
    const slots = this.#slots;
    const slot = slots.take(request.sessionId);
    if (slot === undefined) throw new OrchError('REPLICA_EXHAUSTED', { details: { reason: 'slots_busy' } });
    run.slots = slots;
    run.slot = slot;
    const isCompletion = typeof prompt === 'string';
    const path = isCompletion ? '/completion' : '/v1/chat/completions';
    const body = isCompletion ? completionBody(request, { prompt, slot }) : chatBody(request, prompt, slot);
    return this.#transport.stream({ method: 'POST', path, body, silence: this.#silence }, run.stream, run.signal);
  }

  /** Waits until the engine has let go of a slot whose request was cut. */
  async #release({ slot, stream, signal }: Run, error: unknown): Promise<void> {
    if (slot === undefined) return;
    const isAborted = signal.aborted;
    // An engine that refused the request has not begun it.
    if (!isAborted && OrchError.is(error) && error.code !== 'WORKER_RESET' && error.code !== 'DECODE_TIMEOUT') return;
    const free = proveSlotFree({
      transport: this.#transport,
      slot,
      hasStarted: stream.hasStarted,
      otherRuns: () => this.#runCount - 1,
      closing: this.#closing.signal,
      limitMs: isAborted ? (this.#options.releaseTimeoutMs ?? DEFAULT_RELEASE_TIMEOUT_MS) : FAULT_RELEASE_TIMEOUT_MS,
    });
    // After a fault the fault is the news, whether the slot came free in time or not.
    await (isAborted ? free : free.catch(() => undefined));
  }

  async #template(input: ChatInput, signal: AbortSignal): Promise<string> {
    const answer = await this.#ask('/apply-template', templateBody(input), signal);
    if (!isObject(answer) || typeof answer['prompt'] !== 'string') throw protocolFault('not_json');
    return answer['prompt'];
  }

  #ask(path: string, body: string, signal: AbortSignal): Promise<unknown> {
    return askJson(this.#transport, { path, body, silence: this.#silence }, signal);
  }

  async #readProps(signal: AbortSignal): Promise<WorkerProps> {
    const props = await this.#reader.read(AbortSignal.any([signal, this.#closing.signal]));
    if (props.slots !== this.#props?.slots) this.#slots = new SlotTable(props.slots);
    this.#props = props;
    return props;
  }

  #refuseClosed(): void {
    if (this.#closing.signal.aborted) {
      throw new OrchError('WORKER_RESET', { message: 'The adapter is closed.', details: { reason: 'closed' } });
    }
  }
}

type Input<W extends WorkerInput['workload']> = Extract<WorkerInput, { workload: W }>;

/** One run on its way. */
interface Run {
  readonly request: WorkerRequest;
  readonly stream: CompletionStream | ChatStream;
  readonly signal: AbortSignal;
  /** Where its slot comes from and goes back to. */
  slots: SlotTable;
  /** Undefined while it has none. */
  slot: number | undefined;
}

function callsTools({ input }: WorkerRequest): boolean {
  return input.workload === 'chat' && input.tools.length > 0;
}

/** The end of a run whose answer is whole. */
function endOfStream({ request, stream, slots, slot }: Run, answer: HttpAnswer): WorkerEnd {
  const promptField = request.input.workload === 'chat' ? '$.messages' : '$.prompt';
  if (answer.status !== 200 || answer.contentType !== 'text/event-stream') throw faultOfAnswer(answer, promptField);
  return withContextFacts(stream.conclude(), request, slot === undefined ? undefined : slots.displacedFrom(slot));
}
