// SPDX-License-Identifier: MIT
import { OrchError } from '../../orch-error.ts';
import type { TokenSink, WorkerAdapter, WorkerEnd, WorkerHealth, WorkerProps } from '../../worker-adapter.ts';
import type { WorkerRequest } from '../../worker-request.ts';
import type { AdapterFixture } from '../adapter-fixture.ts';

/** Ways to break the port, one obligation each. */
export type Breakage =
  | 'breakage_resolves'
  | 'cancel_poisons'
  | 'close_leaves_runs'
  | 'denied_runs'
  | 'empty_piece'
  | 'empty_version'
  | 'frees_late'
  | 'overruns'
  | 'oversubscribes'
  | 'piece_after_abort'
  | 'piece_after_settle'
  | 'probe_hides_outage'
  | 'probe_throws'
  | 'ratio_over_one'
  | 'refusal_is_internal'
  | 'rejects_abort'
  | 'restart_leaves_runs'
  | 'runs_aborted'
  | 'second_close_throws'
  | 'serial'
  | 'starts_aborted'
  | 'tells_who_left'
  | 'varies';

const SLOTS = 2;

/** An engine that counts: one piece per turn of the event loop. It keeps the port but for one chosen breakage. */
class LoopAdapter implements WorkerAdapter {
  readonly kind = 'loop';
  readonly specVersion = 1;
  readonly #breakage: Breakage | undefined;
  readonly #running = new Set<AbortController>();
  readonly #ended = new Set<Promise<unknown>>();
  readonly #listeners = new Set<() => void>();
  #isDown = false;
  busy = 0;
  started = 0;
  #wasCanceled = false;
  #closes = 0;
  #restarts = 0;

  constructor(breakage: Breakage | undefined) {
    this.#breakage = breakage;
  }

  async probe(signal: AbortSignal): Promise<WorkerHealth> {
    if (this.#breakage === 'probe_throws') signal.throwIfAborted();
    if (this.#isDown && this.#breakage !== 'probe_hides_outage') {
      return { state: 'failed', error: new OrchError('WORKER_RESET') };
    }
    return { state: 'ready', props: this.#props() };
  }

  async metrics(): Promise<{ slotsBusy: number; kvCacheUsageRatio: number }> {
    return { slotsBusy: this.busy, kvCacheUsageRatio: this.#breakage === 'ratio_over_one' ? 1.5 : 0.5 };
  }

  run(request: WorkerRequest, sink: TokenSink, signal: AbortSignal): Promise<WorkerEnd> {
    const run = this.#run(request, sink, signal);
    const ended = run.catch(() => undefined);
    this.#ended.add(ended);
    void ended.then(() => this.#ended.delete(ended));
    return run;
  }

  goDown(): void {
    this.#isDown = true;
    for (const listener of this.#listeners) listener();
  }

  onHealthChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      if (this.#breakage !== 'tells_who_left') this.#listeners.delete(listener);
    };
  }

  restart(): void {
    if (this.#breakage === 'restart_leaves_runs') return;
    this.#restarts += 1;
    for (const controller of this.#running) controller.abort();
  }

  async close(): Promise<void> {
    this.#closes += 1;
    if (this.#closes > 1 && this.#breakage === 'second_close_throws') throw new Error('closed twice');
    if (this.#breakage === 'close_leaves_runs') return;
    for (const controller of this.#running) controller.abort();
    await Promise.all(this.#ended);
  }

  async #run(request: WorkerRequest, sink: TokenSink, signal: AbortSignal): Promise<WorkerEnd> {
    const { input } = request;
    if (this.#closes > 0) throw new OrchError('WORKER_RESET');
    if (signal.aborted && this.#breakage !== 'runs_aborted') {
      if (this.#breakage === 'starts_aborted') this.started += 1;
      return endOf('canceled', 0);
    }
    const denied = input.workload !== 'completion' || request.responseFormat !== undefined;
    if (denied && this.#breakage !== 'denied_runs') {
      throw new OrchError('INVALID_PARAMS', { details: { field: '$.workload' } });
    }
    const prompt = input.workload === 'completion' ? input.prompt : 'brief';
    if (prompt === 'refused')
      throw new OrchError(this.#breakage === 'refusal_is_internal' ? 'INTERNAL' : 'INVALID_PARAMS');
    if (this.#running.size >= SLOTS && this.#breakage !== 'oversubscribes') throw new OrchError('REPLICA_EXHAUSTED');
    const controller = new AbortController();
    const restarts = this.#restarts;
    this.#running.add(controller);
    try {
      while (this.#breakage === 'serial' && this.busy > 0) await turn();
      const end = await this.#generate(
        { ...request, jobId: prompt },
        sink,
        AbortSignal.any([signal, controller.signal]),
      );
      if (restarts < this.#restarts) throw new OrchError('WORKER_RESET');
      return end;
    } finally {
      this.#running.delete(controller);
    }
  }

  async #generate(request: WorkerRequest, sink: TokenSink, signal: AbortSignal): Promise<WorkerEnd> {
    this.started += 1;
    this.busy += 1;
    const length = request.jobId === 'brief' ? 3 : Infinity;
    let sent = 0;
    while (sent < length && (sent < request.maxTokens || this.#breakage === 'overruns') && sent < 1_000) {
      await turn();
      if (signal.aborted && this.#breakage !== 'runs_aborted') break;
      if (request.jobId === 'breaking' && sent === 2 && this.#breakage !== 'breakage_resolves') {
        this.busy -= 1;
        throw new OrchError('WORKER_RESET');
      }
      if (request.jobId === 'breaking' && sent === 2) break;
      sink.onTokens([this.#piece(sent)], 1);
      sent += 1;
    }
    const end = await this.#finish(sent, { sink, isCanceled: signal.aborted, wasCut: sent >= request.maxTokens });
    return end;
  }

  #piece(index: number): string {
    if (this.#breakage === 'empty_piece') return '';
    if (this.#breakage === 'varies' || (this.#breakage === 'cancel_poisons' && this.#wasCanceled))
      return `${this.started}`;
    return `${index} `;
  }

  async #finish(sent: number, how: { sink: TokenSink; isCanceled: boolean; wasCut: boolean }): Promise<WorkerEnd> {
    const free = (): void => void (this.busy -= 1);
    if (how.isCanceled && this.#breakage === 'frees_late') setImmediate(() => setImmediate(() => setImmediate(free)));
    else free();
    if (how.isCanceled) this.#wasCanceled = true;
    if (how.isCanceled && this.#breakage === 'piece_after_abort') how.sink.onTokens(['late'], 1);
    if (!how.isCanceled && this.#breakage === 'piece_after_settle') setImmediate(() => how.sink.onTokens(['late'], 0));
    if (how.isCanceled && this.#breakage === 'rejects_abort') throw new OrchError('WORKER_RESET');
    return endOf(how.isCanceled ? 'canceled' : how.wasCut ? 'length' : 'stop', sent);
  }

  #props(): WorkerProps {
    return {
      engine: 'loop',
      engineVersion: this.#breakage === 'empty_version' ? '' : '1',
      modelId: 'counting',
      modelDigest: undefined,
      slots: SLOTS,
      ctxMaxTokens: 64,
      workloads: ['completion'],
      slotMode: 'isolated',
      features: { determinism: 'strict', jsonSchema: false, grammar: false, tools: false, sessionReuse: false },
    };
  }
}

/** A fixture of the loop engine, whole or with one breakage. */
export function acquireLoopAdapter(breakage?: Breakage): AdapterFixture {
  const adapter = new LoopAdapter(breakage);
  return {
    adapter,
    brief: requestOf('brief'),
    endless: requestOf('endless'),
    refused: requestOf('refused'),
    breaking: requestOf('breaking'),
    stopEngine: async () => adapter.goDown(),
    observer: { busySlots: async () => adapter.busy, startedCount: async () => adapter.started },
    [Symbol.asyncDispose]: () => adapter.close().catch(() => undefined /* a broken close is what some checks need */),
  };
}

function requestOf(prompt: string): WorkerRequest {
  return {
    jobId: 'job',
    input: { workload: 'completion', prompt },
    maxTokens: 1_000_000,
    sampling: {
      seed: 1,
      temperature: 0,
      topP: 1,
      topK: 0,
      minP: 0,
      repeatPenalty: 1,
      presencePenalty: 0,
      frequencyPenalty: 0,
      stop: [],
    },
    determinism: 'strict',
    kvHint: 'cold',
  };
}

function endOf(finishReason: WorkerEnd['finishReason'], tokensOut: number): WorkerEnd {
  return { finishReason, tokensIn: 1, tokensOut, decodeTimeMs: 0, prefixReuse: false };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
