// SPDX-License-Identifier: MIT
import {
  createHttpTransport,
  parseJson,
  readEmbeddings,
  readScores,
  refuseDenied,
  RunGate,
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
import { checkModels, toWorkerProps, type OpenaiPropsOptions } from './map-props.ts';
import {
  chatBody,
  completionBody,
  embeddingBody,
  refuseUnsent,
  rerankBody,
  type RequestOptions,
} from './map-request.ts';

/** Settings of {@link createOpenaiHttpAdapter}. */
export interface OpenaiHttpOptions extends OpenaiPropsOptions, RequestOptions {
  /** Where the API begins, usually ending in `/v1`. */
  readonly baseUrl: string;
  /** Sent as a bearer token. */
  readonly apiKey?: string;
  /** Milliseconds until a connection stands. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds until an answer begins; a server that loads its model first is silent for so long. Default 30,000. */
  readonly headersTimeoutMs?: number;
  /** Milliseconds between two events. Default 60,000. */
  readonly idleTimeoutMs?: number;
  /** Milliseconds for a whole generation. Default: no limit. */
  readonly wallTimeoutMs?: number;
}

const CONTROL_TIMEOUT_MS = 5_000;
/** Answers of a server that is up and has no list of models, or none for us now. */
const UP_WITHOUT_LIST = [404, 405, 429];

/** An adapter to one server that speaks OpenAI's HTTP API. */
export function createOpenaiHttpAdapter(options: OpenaiHttpOptions): WorkerAdapter {
  return new OpenaiHttpAdapter(options);
}

class OpenaiHttpAdapter implements WorkerAdapter {
  readonly kind = 'openai-http';
  readonly specVersion = 1;
  readonly #options: OpenaiHttpOptions;
  readonly #props: WorkerProps;
  readonly #transport: HttpTransport;
  readonly #gate = new RunGate();

  constructor(options: OpenaiHttpOptions) {
    this.#options = options;
    this.#props = toWorkerProps(options);
    // Some hosts turn nameless clients away.
    this.#transport = createHttpTransport({ ...options, headers: { 'user-agent': 'llama-orch' } });
  }

  async probe(signal: AbortSignal): Promise<WorkerHealth> {
    try {
      this.#gate.refuseClosed();
      const question = { method: 'GET', path: '/models', headersTimeoutMs: CONTROL_TIMEOUT_MS } as const;
      const answer = await this.#transport.call(question, signal);
      if (answer.status === 503) return { state: 'loading' };
      if (answer.status === 200) checkModels(parseJson(answer.body), this.#options.modelId);
      else if (!UP_WITHOUT_LIST.includes(answer.status)) throw faultOfAnswer(answer);
      return { state: 'ready', props: this.#props };
    } catch (error) {
      return { state: 'failed', error: OrchError.from(error, 'WORKER_RESET') };
    }
  }

  /** This API has no readings. */
  async metrics(): Promise<WorkerMetrics> {
    return {};
  }

  run(request: WorkerRequest, sink: TokenSink, signal: AbortSignal): Promise<WorkerEnd> {
    const stream = createStream(sink);
    return this.#gate.run(signal, {
      work: (stop) => this.#work(request, stream, stop),
      canceledEnd: () => toCanceledEnd(stream.conclude(), request.input),
    });
  }

  async close(): Promise<void> {
    const closed = this.#gate.close();
    this.#transport.close();
    await closed;
  }

  async #work(request: WorkerRequest, stream: OpenAiStream, signal: AbortSignal): Promise<WorkerEnd> {
    refuseDenied(request, this.#props);
    using _slot = this.#gate.takeSlot(this.#props.slots);
    const { input } = request;
    switch (input.workload) {
      case 'completion': {
        const body = completionBody(request, input.prompt, this.#options);
        return await this.#generate(request, { path: '/completions', body, stream, signal });
      }
      case 'chat': {
        const body = chatBody(request, input, this.#options);
        return await this.#generate(request, { path: '/chat/completions', body, stream, signal });
      }
      case 'embedding': {
        const answer = await this.#post('/embeddings', embeddingBody(input, this.#options), signal);
        return toAnswerEnd(readEmbeddings(answer, input.inputs.length), input);
      }
      case 'rerank': {
        const answer = await this.#post('/rerank', rerankBody(input, this.#options), signal);
        return toAnswerEnd(readScores(answer, input.documents.length), input);
      }
    }
  }

  async #generate(request: WorkerRequest, { path, body, stream, signal }: Generation): Promise<WorkerEnd> {
    refuseUnsent(request, this.#options);
    const answer = await this.#transport.stream({ method: 'POST', path, body }, stream, signal);
    if (answer.status !== 200 || answer.contentType !== 'text/event-stream') throw faultOfAnswer(answer);
    return toWorkerEnd(stream.conclude(), request);
  }

  async #post(path: string, body: string, signal: AbortSignal): Promise<unknown> {
    const answer = await this.#transport.call({ method: 'POST', path, body }, signal);
    if (answer.status !== 200) throw faultOfAnswer(answer);
    return parseJson(answer.body);
  }
}

/** One generation on its way. */
interface Generation {
  readonly path: string;
  readonly body: string;
  readonly stream: OpenAiStream;
  readonly signal: AbortSignal;
}
