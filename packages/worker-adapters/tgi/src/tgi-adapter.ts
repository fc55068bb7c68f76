// SPDX-License-Identifier: MIT
import {
  createHttpTransport,
  GaugedRuns,
  parseJson,
  RunGate,
  type HttpAnswer,
  type HttpRequest,
  type HttpTransport,
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
import { findAddedPrefix, parseRendered, parseTokenIds, withoutPrefix, type RenderedChat } from './chat-template.ts';
import { GenerationStream } from './map-events.ts';
import { faultOfAnswer } from './map-fault.ts';
import { parseMetrics, runningCount } from './map-metrics.ts';
import { parseInfo, toWorkerProps, type PropsOptions, type RouterInfo } from './map-props.ts';
import { chatBody, generateBody, refuseUnsupported, tokenizeBody } from './map-request.ts';

/** Settings of {@link createTgiAdapter}. */
export interface TgiOptions extends PropsOptions {
  /** Where the router listens. */
  readonly baseUrl: string;
  /** The router's `--api-key`. */
  readonly apiKey?: string;
  /** Whether others use the router too; a canceled run is then not seen to be over. Default: no. */
  readonly isShared?: boolean;
  /** Milliseconds until a connection stands. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds until an answer begins, which a stream does before its first token. Default 30,000. */
  readonly headersTimeoutMs?: number;
  /** Milliseconds between two events; keep-alives do not count. Default 60,000. */
  readonly idleTimeoutMs?: number;
  /** Milliseconds for a whole generation. Default: no limit. */
  readonly wallTimeoutMs?: number;
  /** Milliseconds after which the work on an aborted run counts as stuck. Default 30,000. */
  readonly releaseTimeoutMs?: number;
}

const CONTROL_TIMEOUT_MS = 5_000;
/** The router notices a closed connection with the next token; one that takes longer is a long prompt. */
const NOTICE_MS = 1_000;

const NO_TEMPLATE_STATUSES: readonly unknown[] = [400, 404, 405, 422, 500, 501];

/** An adapter to one Text Generation Inference router over its native HTTP API. */
export function createTgiAdapter(options: TgiOptions): WorkerAdapter {
  return new TgiAdapter(options);
}

class TgiAdapter implements WorkerAdapter {
  readonly kind = 'tgi';
  readonly specVersion = 1;
  readonly #options: TgiOptions;
  readonly #transport: HttpTransport;
  readonly #gate = new RunGate();
  readonly #runs: GaugedRuns;
  #engine: Engine | undefined;

  constructor(options: TgiOptions) {
    this.#options = options;
    this.#transport = createHttpTransport(options);
    this.#runs = new GaugedRuns({
      countRunning: (signal) => this.#countRunning(signal),
      closing: this.#gate.closing,
      noticeMs: NOTICE_MS,
      limitMs: options.releaseTimeoutMs,
    });
  }

  async probe(signal: AbortSignal): Promise<WorkerHealth> {
    try {
      this.#gate.refuseClosed();
      await this.#ask({ method: 'GET', path: '/health', headersTimeoutMs: CONTROL_TIMEOUT_MS }, signal);
      return { state: 'ready', props: (await this.#readEngine(signal)).props };
    } catch (error) {
      return { state: 'failed', error: OrchError.from(error, 'WORKER_RESET') };
    }
  }

  run(request: WorkerRequest, sink: TokenSink, signal: AbortSignal): Promise<WorkerEnd> {
    const stream = new GenerationStream(request, sink);
    return this.#gate.run(signal, {
      work: (stop) => this.#generate(request, stream, stop),
      canceledEnd: () => stream.canceledEnd(),
    });
  }

  async countPromptTokens({ input }: WorkerRequest, signal: AbortSignal): Promise<number> {
    if (input.workload === 'chat') return (await this.#render(input, signal)).tokenIds.length;
    return (await this.#tokenize(input.workload === 'completion' ? input.prompt : '', signal)).length;
  }

  async metrics(signal: AbortSignal): Promise<WorkerMetrics> {
    const { body } = await this.#ask({ method: 'GET', path: '/metrics' }, signal);
    return parseMetrics(body);
  }

  async close(): Promise<void> {
    const closed = this.#gate.close();
    this.#transport.close();
    await closed;
  }

  async #generate(request: WorkerRequest, stream: GenerationStream, signal: AbortSignal): Promise<WorkerEnd> {
    const engine = this.#engine ?? (await this.#readEngine(signal));
    refuseUnsupported(request, engine.props, engine.info.maxStops);
    using _slot = this.#gate.takeSlot(engine.props.slots);
    const body = generateBody(request, await this.#promptOf(request.input, engine, signal));
    return await this.#runs.run(stream, signal, async () => {
      const answer = await this.#transport.stream({ method: 'POST', path: '/generate_stream', body }, stream, signal);
      if (answer.status !== 200 || answer.contentType !== 'text/event-stream') throw faultOfAnswer(answer);
      return stream.conclude();
    });
  }

  /** ORCH-4625: undefined where the batch holds requests of others as well. */
  async #countRunning(signal: AbortSignal): Promise<number | undefined> {
    if (this.#options.isShared === true) return undefined;
    const answer = await this.#transport.call({ method: 'GET', path: '/metrics' }, signal);
    return answer.status === 200 ? runningCount(answer.body) : undefined;
  }

  async #promptOf(input: WorkerInput, { addedPrefix }: Engine, signal: AbortSignal): Promise<string> {
    if (input.workload === 'completion') return input.prompt;
    if (input.workload !== 'chat') throw new OrchError('INVALID_PARAMS', { details: { field: '$.workload' } });
    return withoutPrefix((await this.#render(input, signal)).text, addedPrefix ?? '');
  }

  async #render({ messages }: ChatInput, signal: AbortSignal): Promise<RenderedChat> {
    const { body } = await this.#ask({ method: 'POST', path: '/chat_tokenize', body: chatBody(messages) }, signal);
    return parseRendered(parseJson(body));
  }

  async #tokenize(inputs: string, signal: AbortSignal): Promise<readonly number[]> {
    const { body } = await this.#ask({ method: 'POST', path: '/tokenize', body: tokenizeBody(inputs) }, signal);
    return parseTokenIds(parseJson(body));
  }

  async #readEngine(signal: AbortSignal): Promise<Engine> {
    const request: HttpRequest = { method: 'GET', path: '/info', headersTimeoutMs: CONTROL_TIMEOUT_MS };
    const info = parseInfo(parseJson((await this.#ask(request, signal)).body));
    const known = this.#engine;
    const isKnown = known !== undefined && isSameEngine(known.info, info);
    const addedPrefix = isKnown ? known.addedPrefix : await this.#findAddedPrefix(signal);
    const props = toWorkerProps(info, addedPrefix !== undefined, this.#options);
    this.#engine = { info, addedPrefix, props };
    return this.#engine;
  }

  async #findAddedPrefix(signal: AbortSignal): Promise<string | undefined> {
    try {
      const chat = await this.#render(
        { workload: 'chat', messages: [{ role: 'user', content: 'a' }], tools: [] },
        signal,
      );
      return await findAddedPrefix(chat, (inputs) => this.#tokenize(inputs, signal));
    } catch (error) {
      // A model without a template refuses or stumbles; versions without this path do not know it.
      if (OrchError.is(error) && NO_TEMPLATE_STATUSES.includes(error.details['status'])) return undefined;
      throw error;
    }
  }

  /** @throws OrchError for an answer that is no success. */
  async #ask(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const answer = await this.#transport.call(request, signal);
    if (answer.status !== 200) throw faultOfAnswer(answer);
    return answer;
  }
}

type ChatInput = Extract<WorkerInput, { workload: 'chat' }>;

/** What was found out about the engine. */
interface Engine {
  readonly info: RouterInfo;
  /** Text that the engine puts before every prompt by itself; undefined where chats cannot be rendered exactly. */
  readonly addedPrefix: string | undefined;
  readonly props: WorkerProps;
}

function isSameEngine(one: RouterInfo, other: RouterInfo): boolean {
  return one.modelId === other.modelId && one.modelRevision === other.modelRevision && one.version === other.version;
}
