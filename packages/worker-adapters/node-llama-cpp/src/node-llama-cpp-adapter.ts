// SPDX-License-Identifier: MIT
import { resolve } from 'node:path';
import type { Worker } from 'node:worker_threads';
import {
  OrchError,
  type TokenSink,
  type WorkerAdapter,
  type WorkerEnd,
  type WorkerHealth,
  type WorkerMetrics,
  type WorkerRequest,
} from '@llama-orch/worker-adapter-api';
import { EngineActivity, guardExit } from './engine-activity.ts';
import type { EngineLogLevel, FileDigest, FromEngine, ToEngine } from './engine-protocol.ts';
import { EngineQueries } from './engine-queries.ts';
import { engineGone, mapFault } from './map-fault.ts';
import { RestartableAdapter } from './restartable-adapter.ts';
import { startThread } from './start-thread.ts';

/** Settings of {@link createNodeLlamaCppAdapter}. */
export interface NodeLlamaCppOptions {
  /** Path of a GGUF file. */
  readonly modelPath: string;
  /** Name of the model in props and receipts. @defaultValue the file's name without `.gguf` */
  readonly modelId?: string;
  /** `sha256:<64 hex digits>` the file must have. @defaultValue any file is served */
  readonly expectedDigest?: string;
  /** Concurrent generations. @defaultValue 1 */
  readonly slots?: number;
  /**
   * `isolated`: one context per slot, which keeps strict determinism. `shared`: one context for all slots, computed in
   * common batches, which is faster under load and best effort only. @defaultValue 'isolated'
   */
  readonly slotMode?: 'isolated' | 'shared';
  /** Context of one slot, in tokens. @defaultValue what the model was trained with */
  readonly ctxMaxTokens?: number;
  /** `false` computes on the CPU; `auto` takes a GPU when its binary is installed. @defaultValue false */
  readonly gpu?: false | 'auto';
  /** CPU threads per slot. @defaultValue 1 for a model under 64 MiB, else llama.cpp's choice */
  readonly threads?: number;
  /** Receives what the engine prints; nothing of it reaches stdout or stderr. @defaultValue dropped */
  readonly onLog?: (level: EngineLogLevel, message: string) => void;
}

/**
 * Runs a GGUF model in this process, on a thread of its own, so that neither loading nor generating blocks the event loop.
 * Loading begins at once; `probe` tells its progress.
 *
 * Faults: INVALID_PARAMS (prompt too long, grammar or schema that cannot be kept, strict on shared slots, a feature the
 * props deny), POOL_UNREADY (loading), REPLICA_EXHAUSTED (all slots busy), WORKER_RESET (closed, crashed or not loadable).
 */
export function createNodeLlamaCppAdapter(options: NodeLlamaCppOptions): WorkerAdapter {
  return new RestartableAdapter(() => new NodeLlamaCppAdapter(options));
}

interface PendingRun {
  readonly sink: TokenSink;
  readonly signal: AbortSignal;
  readonly settle: PromiseWithResolvers<WorkerEnd>;
}

/**
 * A thread that has not ended by then is let go. It is never terminated: in the middle of native work that would take the
 * whole process down.
 */
const CLOSE_LIMIT_MS = 10_000;
const NEVER_STARTED: WorkerEnd = {
  finishReason: 'canceled',
  tokensIn: 0,
  tokensOut: 0,
  decodeTimeMs: 0,
  prefixReuse: false,
};

/** Digests of the files seen by this process, by absolute path. */
const knownDigests = new Map<string, FileDigest>();

class NodeLlamaCppAdapter implements WorkerAdapter {
  readonly kind = 'node-llama-cpp';
  readonly specVersion = 1;
  readonly #modelPath: string;
  readonly #onLog: NonNullable<NodeLlamaCppOptions['onLog']>;
  readonly #thread: Worker;
  readonly #threadEnded: Promise<void>;
  readonly #activity = new EngineActivity();
  readonly #stopGuarding = guardExit(this.#activity);
  readonly #runs = new Map<number, PendingRun>();
  readonly #unsettled = new Set<Promise<WorkerEnd>>();
  readonly #queries = new EngineQueries();
  #health: WorkerHealth = { state: 'loading' };
  #lastId = 0;
  #closed: Promise<void> | undefined;

  constructor(options: NodeLlamaCppOptions) {
    this.#modelPath = resolve(options.modelPath);
    this.#onLog = options.onLog ?? (() => undefined);
    this.#activity.begin();
    this.#thread = startThread(options, {
      modelPath: this.#modelPath,
      knownDigest: knownDigests.get(this.#modelPath),
      activityMemory: this.#activity.memory,
    });
    this.#threadEnded = new Promise((ended) => this.#thread.once('exit', () => ended()));
    this.#listen();
  }

  async probe(signal: AbortSignal): Promise<WorkerHealth> {
    if (this.#health.state !== 'ready') return this.#health;
    try {
      // A round trip through the thread proves that it still turns.
      await this.metrics(signal);
    } catch (error) {
      return { state: 'failed', error: OrchError.from(error, 'WORKER_RESET') };
    }
    return this.#health;
  }

  run(request: WorkerRequest, sink: TokenSink, signal: AbortSignal): Promise<WorkerEnd> {
    const settled = this.#run(request, sink, signal);
    const forget = (): void => void this.#unsettled.delete(settled);
    this.#unsettled.add(settled);
    settled.then(forget, forget);
    return settled;
  }

  async #run(request: WorkerRequest, sink: TokenSink, signal: AbortSignal): Promise<WorkerEnd> {
    if (signal.aborted) return NEVER_STARTED;
    const props = this.#readyProps();
    if (this.#runs.size >= props.slots) {
      throw new OrchError('REPLICA_EXHAUSTED', { message: 'All slots are in use.', details: { limit: props.slots } });
    }
    const runId = ++this.#lastId;
    const settle = Promise.withResolvers<WorkerEnd>();
    this.#runs.set(runId, { sink, signal, settle });
    const abort = (): void => this.#post({ type: 'abort', runId });
    signal.addEventListener('abort', abort, { once: true });
    this.#activity.begin();
    this.#post({ type: 'run', runId, request });
    try {
      return await settle.promise;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async metrics(signal: AbortSignal): Promise<WorkerMetrics> {
    this.#readyProps();
    return await this.#queries.ask((queryId) => this.#post({ type: 'readings', queryId }), signal);
  }

  async countPromptTokens(request: WorkerRequest, signal: AbortSignal): Promise<number> {
    this.#readyProps();
    return await this.#queries.ask((queryId) => this.#post({ type: 'count', queryId, request }), signal);
  }

  forgetSession(sessionId: string): void {
    this.#post({ type: 'forget', sessionId });
  }

  /** Its runs end at once, its thread when it can: native work cannot be interrupted without harm to the process. */
  abandon(): Promise<void> {
    this.#fail(new OrchError('WORKER_RESET', { message: 'The engine was restarted.' }));
    this.#endRuns();
    return this.close();
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    this.#fail(new OrchError('WORKER_RESET', { message: 'The engine was closed.' }));
    this.#post({ type: 'close' });
    const overdue = Promise.withResolvers<void>();
    const timer = setTimeout(() => this.#letGo(overdue.resolve), CLOSE_LIMIT_MS);
    await Promise.race([this.#threadEnded, overdue.promise]);
    clearTimeout(timer);
    this.#stopGuarding();
    await Promise.allSettled(this.#unsettled);
  }

  #letGo(done: () => void): void {
    this.#onLog('error', 'The engine does not end; its thread is left to itself.');
    this.#thread.unref();
    this.#endRuns();
    done();
  }

  #readyProps(): Extract<WorkerHealth, { state: 'ready' }>['props'] {
    if (this.#health.state === 'ready') return this.#health.props;
    if (this.#health.state !== 'failed') throw new OrchError('POOL_UNREADY', { message: 'The model is loading.' });
    throw engineGone(this.#health.error);
  }

  #post(message: ToEngine): void {
    this.#thread.postMessage(message);
  }

  #listen(): void {
    this.#thread.on('message', (messages: readonly FromEngine[]) => {
      for (const message of messages) this.#receive(message);
    });
    // ORCH-4241: what the thread prints goes to the log, never to our own streams.
    this.#thread.stdout.setEncoding('utf8').on('data', (text: string) => this.#onLog('info', text.trimEnd()));
    this.#thread.stderr.setEncoding('utf8').on('data', (text: string) => this.#onLog('warn', text.trimEnd()));
    this.#thread.on('error', (error) => this.#fail(engineGone(error)));
    this.#thread.on('exit', () => {
      this.#fail(engineGone(undefined));
      this.#stopGuarding();
      this.#endRuns();
    });
  }

  #endRuns(): void {
    for (const { settle } of this.#runs.values()) settle.reject(this.#failure());
    this.#queries.failAll(this.#failure());
    this.#runs.clear();
  }

  #receive(message: FromEngine): void {
    switch (message.type) {
      case 'tokens':
        this.#deliver(message.runId, message.texts, message.tokenCount);
        break;
      case 'end':
        this.#settle(message.runId, ({ settle, signal }) => this.#resolveEnd(settle, message.end, signal));
        break;
      case 'fault':
        this.#settle(message.runId, ({ settle, signal }) => {
          if (signal.aborted) settle.resolve(NEVER_STARTED);
          else settle.reject(mapFault(message.fault));
        });
        break;
      case 'readings':
        this.#queries.answer(message.queryId, message.readings);
        break;
      case 'counted':
        this.#queries.answer(message.queryId, message.tokenCount);
        break;
      case 'unanswered':
        this.#queries.fail(message.queryId, mapFault(message.fault));
        break;
      case 'log':
        this.#onLog(message.level, message.message);
        break;
      default:
        this.#receiveLoading(message);
    }
  }

  #receiveLoading(message: Extract<FromEngine, { type: 'progress' | 'ready' | 'failed' }>): void {
    if (message.type === 'failed') this.#fail(mapFault(message.fault));
    if (this.#health.state !== 'loading') return;
    if (message.type === 'progress') {
      this.#health = { state: 'loading', progressRatio: message.progressRatio };
    } else if (message.type === 'ready') {
      knownDigests.set(this.#modelPath, message.file);
      this.#health = { state: 'ready', props: message.props };
    }
  }

  #deliver(runId: number, texts: readonly string[], tokenCount: number): void {
    const run = this.#runs.get(runId);
    // ORCH-4212: what was on its way when the signal aborted is dropped here.
    if (run !== undefined && !run.signal.aborted) run.sink.onTokens(texts, tokenCount);
  }

  #settle(runId: number, how: (run: PendingRun) => void): void {
    const run = this.#runs.get(runId);
    this.#runs.delete(runId);
    if (run !== undefined) how(run);
  }

  #resolveEnd(settle: PendingRun['settle'], end: WorkerEnd, signal: AbortSignal): void {
    if (signal.aborted) settle.resolve({ ...end, finishReason: 'canceled' });
    else if (end.finishReason === 'canceled') settle.reject(this.#failure());
    else settle.resolve(end);
  }

  /** The first failure stays: it is the cause of the others. */
  #fail(error: OrchError): void {
    if (this.#health.state !== 'failed') this.#health = { state: 'failed', error };
  }

  #failure(): OrchError {
    return engineGone(this.#health.state === 'failed' ? this.#health.error : undefined);
  }
}
