// SPDX-License-Identifier: MIT
import {
  createHttpTransport,
  GaugedRuns,
  isObject,
  numberOf,
  parseJson,
  protocolFault,
  readEmbeddings,
  readScores,
  refuseDenied,
  RunGate,
  type HttpAnswer,
  type HttpTransport,
  type OpenAiStream,
} from '@llama-orch/adapter-kit';
import {
  OrchError,
  type TokenSink,
  type WorkerAdapter,
  type WorkerEnd,
  type WorkerHealth,
  type WorkerMetrics,
  type WorkerProps,
  type WorkerRequest,
} from '@llama-orch/worker-adapter-api';
import { createStream, toAnswerEnd, toCanceledEnd, toWorkerEnd } from './map-events.ts';
import { faultOfAnswer } from './map-fault.ts';
import { parseMetrics, requestCount } from './map-metrics.ts';
import { chooseModel, grammarFieldOf, toWorkerProps, type VllmPropsOptions } from './map-props.ts';
import { chatBody, completionBody, embeddingBody, rerankBody, tokenizeBodies, type VllmModel } from './map-request.ts';

/** Settings of {@link createVllmAdapter}. */
export interface VllmOptions extends VllmPropsOptions {
  /** Where the server listens, without `/v1`. */
  readonly baseUrl: string;
  /** The server's `--api-key`. */
  readonly apiKey?: string;
  /** True where others use the server too, so that its gauges do not tell when a request of ours has ended. Default false. */
  readonly isShared?: boolean;
  /** Milliseconds until a connection stands. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds until an answer begins. Default 30,000. */
  readonly headersTimeoutMs?: number;
  /** Milliseconds between two events; a request the engine lets wait is silent. Default 60,000. */
  readonly idleTimeoutMs?: number;
  /** Milliseconds for a whole generation. Default: no limit. */
  readonly wallTimeoutMs?: number;
  /** Milliseconds after which a generation that goes on after its abort counts as stuck. Default 30,000. */
  readonly releaseTimeoutMs?: number;
}

const CONTROL_TIMEOUT_MS = 5_000;
/** The server hears of a closed connection at once; a request that was on its way meanwhile may still begin. */
const NOTICE_MS = 250;

/** An adapter to one vLLM server. */
export function createVllmAdapter(options: VllmOptions): WorkerAdapter {
  return new VllmAdapter(options);
}

class VllmAdapter implements WorkerAdapter {
  readonly kind = 'vllm';
  readonly specVersion = 1;
  readonly #options: VllmOptions;
  readonly #transport: HttpTransport;
  readonly #gate = new RunGate();
  readonly #runs: GaugedRuns;
  #engine: Engine | undefined;

  constructor(options: VllmOptions) {
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
      const health = await this.#get('/health', signal);
      if (isScaling(health)) return { state: 'loading' };
      if (health.status !== 200) throw health.status === 503 ? engineDead() : faultOfAnswer(health);
      return { state: 'ready', props: (await this.#readEngine(signal)).props };
    } catch (error) {
      // ORCH-4501: while the engine loads nobody listens.
      if (this.#engine === undefined && isRefused(error)) return { state: 'loading' };
      return { state: 'failed', error: OrchError.from(error, 'WORKER_RESET') };
    }
  }

  async metrics(signal: AbortSignal): Promise<WorkerMetrics> {
    const answer = await this.#get('/metrics', signal);
    if (answer.status !== 200) throw faultOfAnswer(answer);
    return parseMetrics(answer.body);
  }

  run(request: WorkerRequest, sink: TokenSink, signal: AbortSignal): Promise<WorkerEnd> {
    const stream = createStream(sink);
    return this.#gate.run(signal, {
      work: (stop) => this.#work(request, stream, stop),
      canceledEnd: () => toCanceledEnd(stream.conclude()),
    });
  }

  async countPromptTokens({ input }: WorkerRequest, signal: AbortSignal): Promise<number> {
    const { model } = this.#engine ?? (await this.#readEngine(signal));
    let tokens = 0;
    for (const body of tokenizeBodies(input, model)) {
      const answer = await this.#post('/tokenize', body, signal);
      const count = isObject(answer) ? numberOf(answer['count']) : undefined;
      if (count === undefined) throw protocolFault('not_json', { path: '/tokenize' });
      tokens += count;
    }
    return tokens;
  }

  async close(): Promise<void> {
    const closed = this.#gate.close();
    this.#transport.close();
    await closed;
  }

  async #work(request: WorkerRequest, stream: OpenAiStream, signal: AbortSignal): Promise<WorkerEnd> {
    const { props, model } = this.#engine ?? (await this.#readEngine(signal));
    refuseDenied(request, props);
    using _slot = this.#gate.takeSlot(props.slots);
    const { input } = request;
    switch (input.workload) {
      case 'completion':
        return await this.#generate('/v1/completions', completionBody(request, input.prompt, model), {
          stream,
          signal,
        });
      case 'chat':
        return await this.#generate('/v1/chat/completions', chatBody(request, input, model), { stream, signal });
      case 'embedding': {
        const answer = await this.#post('/v1/embeddings', embeddingBody(input, model), signal);
        return toAnswerEnd(readEmbeddings(answer, input.inputs.length));
      }
      case 'rerank': {
        const answer = await this.#post('/v1/rerank', rerankBody(input, model), signal);
        return toAnswerEnd(readScores(answer, input.documents.length));
      }
    }
  }

  /** ORCH-4514: a run that was cut settles when the gauges show it gone. */
  #generate(path: string, body: string, { stream, signal }: Generation): Promise<WorkerEnd> {
    return this.#runs.run(stream, signal, async () => {
      const answer = await this.#transport.stream({ method: 'POST', path, body }, stream, signal);
      if (answer.status !== 200 || answer.contentType !== 'text/event-stream') throw faultOfAnswer(answer);
      return toWorkerEnd(stream.conclude());
    });
  }

  async #countRunning(signal: AbortSignal): Promise<number | undefined> {
    if (this.#options.isShared === true) return undefined;
    const answer = await this.#get('/metrics', signal);
    return answer.status === 200 ? requestCount(answer.body) : undefined;
  }

  async #readEngine(signal: AbortSignal): Promise<Engine> {
    const models = await this.#get('/v1/models', signal);
    if (models.status !== 200) throw faultOfAnswer(models);
    const served = chooseModel(parseJson(models.body), this.#options);
    const version = await this.#get('/version', signal);
    const answer = version.status === 200 ? parseJson(version.body) : undefined;
    const engineVersion = isObject(answer) && typeof answer['version'] === 'string' ? answer['version'] : 'unknown';
    const props = toWorkerProps(served, engineVersion, this.#options);
    const grammarField = grammarFieldOf(engineVersion) ?? 'structured_outputs';
    this.#engine = { props, model: { servedName: served.servedName, grammarField } };
    return this.#engine;
  }

  #get(path: string, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#transport.call({ method: 'GET', path, headersTimeoutMs: CONTROL_TIMEOUT_MS }, signal);
  }

  async #post(path: string, body: string, signal: AbortSignal): Promise<unknown> {
    const answer = await this.#transport.call({ method: 'POST', path, body }, signal);
    if (answer.status !== 200) throw faultOfAnswer(answer);
    return parseJson(answer.body);
  }
}

/** An engine as it last described itself. */
interface Engine {
  readonly props: WorkerProps;
  readonly model: VllmModel;
}

/** One generation on its way. */
interface Generation {
  readonly stream: OpenAiStream;
  readonly signal: AbortSignal;
}

/** A server that changes its size says so with 503; the same status without a word means a dead engine. */
function isScaling({ status, body }: HttpAnswer): boolean {
  return status === 503 && body !== '';
}

function isRefused(error: unknown): boolean {
  return OrchError.is(error) && error.details['errno'] === 'ECONNREFUSED';
}

function engineDead(): OrchError {
  const message = 'The server says that its engine is dead.';
  return new OrchError('WORKER_RESET', { message, details: { reason: 'engine_dead' } });
}
