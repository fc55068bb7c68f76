// SPDX-License-Identifier: MIT
import {
  createHttpTransport,
  GaugedRuns,
  isObject,
  parseJson,
  RunGate,
  textOf,
  type HttpAnswer,
  type HttpTransport,
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
import { GenerationStream, parseOutputs } from './map-events.ts';
import { faultOfAnswer } from './map-fault.ts';
import { activeCount, metricsUrlBeside, parseMetrics } from './map-metrics.ts';
import { parseModel, parseServerVersion, toWorkerProps, type ModelInfo, type PropsOptions } from './map-props.ts';
import { fieldsOf, generateBody, inferBody, isEchoed, promptOf } from './map-request.ts';

/** Settings of {@link createTritonAdapter}. */
export interface TritonOptions extends PropsOptions {
  /** Where Triton listens for HTTP. */
  readonly baseUrl: string;
  /** Where it tells its metrics. Default: port 8002 where it listens on 8000, else nowhere. */
  readonly metricsUrl?: string;
  /** Sent with every request, for servers with restricted APIs or behind a gateway. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How a generation is asked for. Default: `generate_stream` for decoupled models, else `infer`. */
  readonly route?: 'generate_stream' | 'infer';
  /** Whether others use the model too; a canceled run is then not seen to be over. Default: no. */
  readonly isShared?: boolean;
  /** Milliseconds until a connection stands. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds until an answer begins, which it does with the first token. Default 30,000. */
  readonly headersTimeoutMs?: number;
  /** Milliseconds between two events. Default 60,000. */
  readonly idleTimeoutMs?: number;
  /** Milliseconds for a whole generation. Default: no limit. */
  readonly wallTimeoutMs?: number;
  /** Milliseconds in which the server notices a closed connection, where it does not count its requests. Default 500. */
  readonly noticeMs?: number;
  /** Milliseconds after which the work on an aborted run counts as stuck. Default 30,000. */
  readonly releaseTimeoutMs?: number;
}

const CONTROL_TIMEOUT_MS = 5_000;
const DEFAULT_NOTICE_MS = 500;

/** An adapter to one model of a Triton Inference Server over HTTP. */
export function createTritonAdapter(options: TritonOptions): WorkerAdapter {
  return new TritonAdapter(options);
}

class TritonAdapter implements WorkerAdapter {
  readonly kind = 'triton';
  readonly specVersion = 1;
  readonly #options: TritonOptions;
  readonly #transport: HttpTransport;
  readonly #metrics: HttpTransport | undefined;
  readonly #modelPath: string;
  readonly #gate = new RunGate();
  readonly #runs: GaugedRuns;
  #engine: Engine | undefined;

  constructor(options: TritonOptions) {
    this.#options = options;
    this.#transport = createHttpTransport(options);
    const metricsUrl = options.metricsUrl ?? metricsUrlBeside(options.baseUrl);
    // ORCH-4653: nothing goes to the metrics port but the question; it may be open to others.
    this.#metrics = metricsUrl === undefined ? undefined : createHttpTransport({ baseUrl: metricsUrl });
    this.#runs = new GaugedRuns({
      countRunning: (signal) => this.#countRunning(signal),
      closing: this.#gate.closing,
      noticeMs: options.noticeMs ?? DEFAULT_NOTICE_MS,
      limitMs: options.releaseTimeoutMs,
    });
    const version = options.modelVersion === undefined ? '' : `/versions/${encodeURIComponent(options.modelVersion)}`;
    this.#modelPath = `/v2/models/${encodeURIComponent(options.model)}${version}`;
  }

  async probe(signal: AbortSignal): Promise<WorkerHealth> {
    try {
      this.#gate.refuseClosed();
      const answer = await this.#get(`${this.#modelPath}/ready`, signal);
      if (answer.status !== 200) return await this.#notReady(answer, signal);
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

  async metrics(signal: AbortSignal): Promise<WorkerMetrics> {
    // Without readings the server itself is asked, so that one that is down is not taken for a silent one.
    if (this.#metrics === undefined) await this.#ask('/v2', signal);
    return parseMetrics((await this.#readMetrics(signal)) ?? '');
  }

  async close(): Promise<void> {
    const closed = this.#gate.close();
    this.#transport.close();
    this.#metrics?.close();
    await closed;
  }

  async #generate(request: WorkerRequest, stream: GenerationStream, signal: AbortSignal): Promise<WorkerEnd> {
    const { model, props } = this.#engine ?? (await this.#readEngine(signal));
    const prompt = promptOf(request, props);
    const isStream = (this.#options.route ?? (model.isDecoupled ? 'generate_stream' : 'infer')) === 'generate_stream';
    const fields = fieldsOf(request, model, isStream);
    using _slot = this.#gate.takeSlot(props.slots);
    stream.expect(model);
    return await this.#runs.run(stream, signal, async () => {
      if (isStream) await this.#stream(generateBody(request.jobId, fields), stream, signal);
      else {
        const outputs = await this.#infer(inferBody(request.jobId, fields, model), signal);
        stream.pushWhole(outputs, isEchoed(model) ? prompt : '');
      }
      return stream.conclude();
    });
  }

  async #stream(body: string, stream: GenerationStream, signal: AbortSignal): Promise<void> {
    const request = { method: 'POST', path: `${this.#modelPath}/generate_stream`, body } as const;
    const answer = await this.#transport.stream(request, stream, signal);
    if (answer.status !== 200 || answer.contentType !== 'text/event-stream') throw faultOfAnswer(answer);
  }

  async #infer(body: string, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    const answer = await this.#transport.call({ method: 'POST', path: `${this.#modelPath}/infer`, body }, signal);
    if (answer.status !== 200) throw faultOfAnswer(answer);
    return parseOutputs(parseJson(answer.body));
  }

  /** ORCH-4676: undefined for backends that do not count, and where others use the model as well. */
  async #countRunning(signal: AbortSignal): Promise<number | undefined> {
    const text = this.#options.isShared === true ? undefined : await this.#readMetrics(signal);
    return text === undefined ? undefined : activeCount(text);
  }

  /** Undefined where there is no metrics port. */
  async #readMetrics(signal: AbortSignal): Promise<string | undefined> {
    const answer = await this.#metrics?.call({ method: 'GET', path: '/metrics' }, signal);
    return answer?.status === 200 ? answer.body : undefined;
  }

  /** ORCH-4652: the index tells a model that is being loaded from one that is not there. */
  async #notReady(answer: HttpAnswer, signal: AbortSignal): Promise<WorkerHealth> {
    const fault = faultOfAnswer(answer);
    // A backend that is not healthy answers 400; another server knows no such path.
    if (answer.status === 400 || fault.code !== 'POOL_UNREADY') throw fault;
    const { model, modelVersion } = this.#options;
    const index = await this.#transport.call({ method: 'POST', path: '/v2/repository/index', body: '{}' }, signal);
    const models: unknown = index.status === 200 ? parseJson(index.body) : undefined;
    const entries = Array.isArray(models) ? models.filter(isObject) : [];
    const entry = entries.find(
      ({ name, version }) => name === model && (modelVersion === undefined || version === modelVersion),
    );
    const state = entry?.['state'];
    if (state !== 'UNAVAILABLE' && state !== 'UNLOADING') return { state: 'loading' };
    throw new OrchError('POOL_UNREADY', {
      message: 'Triton has not loaded the model.',
      details: { reason: 'model_state', state },
      cause: new Error(textOf(entry?.['reason']) ?? 'no reason'),
    });
  }

  async #readEngine(signal: AbortSignal): Promise<Engine> {
    const version = parseServerVersion(parseJson(await this.#ask('/v2', signal)));
    const metadata = parseJson(await this.#ask(this.#modelPath, signal));
    const config = parseJson(await this.#ask(`${this.#modelPath}/config`, signal));
    const model = parseModel(metadata, config);
    this.#engine = { model, props: toWorkerProps(version, model, this.#options) };
    return this.#engine;
  }

  /** @throws OrchError for an answer that is no success. */
  async #ask(path: string, signal: AbortSignal): Promise<string> {
    const answer = await this.#get(path, signal);
    if (answer.status !== 200) throw faultOfAnswer(answer);
    return answer.body;
  }

  #get(path: string, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#transport.call({ method: 'GET', path, headersTimeoutMs: CONTROL_TIMEOUT_MS }, signal);
  }
}

/** What was found out about the engine. */
interface Engine {
  readonly model: ModelInfo;
  readonly props: WorkerProps;
}
