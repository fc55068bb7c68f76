// SPDX-License-Identifier: MIT
import {
  OrchError,
  type TokenSink,
  type WorkerAdapter,
  type WorkerEnd,
  type WorkerHealth,
  type WorkerMetrics,
  type WorkerRequest,
} from '@llama-orch/worker-adapter-api';
import type { GuardedRuns } from './guarded-runs.ts';

/** What the adapter asks of its replica. */
export interface ReplicaBehind {
  readonly id: string;
  /** Kind of the adapters behind it. */
  readonly kind: string;
  /** The engine that takes runs now; undefined when there is none. */
  serving(): GuardedRuns | undefined;
  /** The state for the core while no engine serves. */
  absentHealth(): WorkerHealth;
  /** The room on its devices, where it can be read. */
  deviceMemory(signal: AbortSignal): Promise<WorkerMetrics['devices']>;
  /** Left out where the engine is not ours to end. */
  readonly restart?: () => void;
  close(): Promise<void>;
}

/** The adapter that stays while engines come and go behind it. */
export class ReplicaAdapter implements WorkerAdapter {
  readonly kind: string;
  readonly specVersion = 1;
  /** Left out where the engine is not ours to end, so that nobody counts on it. */
  readonly restart?: () => void;
  readonly #replica: ReplicaBehind;
  readonly #listeners = new Set<() => void>();

  constructor(replica: ReplicaBehind) {
    this.#replica = replica;
    this.kind = replica.kind;
    if (replica.restart !== undefined) this.restart = replica.restart;
  }

  /** That of the engine of the moment; undefined where it cannot count. */
  get countPromptTokens(): WorkerAdapter['countPromptTokens'] {
    const adapter = this.#replica.serving()?.adapter;
    return adapter?.countPromptTokens?.bind(adapter);
  }

  async probe(signal: AbortSignal): Promise<WorkerHealth> {
    const health = await this.#replica.serving()?.adapter.probe(signal);
    // It may have ended while it was asked.
    if (health === undefined || this.#replica.serving() === undefined) return this.#replica.absentHealth();
    // One of ours is started anew or found to be well: what comes may wait for that.
    return health.state === 'failed' && this.restart !== undefined ? { state: 'loading' } : health;
  }

  run(request: WorkerRequest, sink: TokenSink, signal: AbortSignal): Promise<WorkerEnd> {
    const serving = this.#replica.serving();
    return serving === undefined ? Promise.reject(this.#absent()) : serving.run(request, sink, signal);
  }

  async metrics(signal: AbortSignal): Promise<WorkerMetrics> {
    const serving = this.#replica.serving();
    if (serving === undefined) throw this.#absent();
    const readings = await serving.adapter.metrics(signal);
    const devices = readings.devices ?? (await this.#replica.deviceMemory(signal));
    return devices === undefined ? readings : { ...readings, devices };
  }

  forgetSession(sessionId: string): void {
    this.#replica.serving()?.adapter.forgetSession?.(sessionId);
  }

  onHealthChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Tells who listens that {@link ReplicaAdapter.probe} would answer otherwise now. */
  noteChange(): void {
    for (const listener of this.#listeners) listener();
  }

  close(): Promise<void> {
    return this.#replica.close();
  }

  #absent(): OrchError {
    return new OrchError('WORKER_RESET', { message: `Replica ${this.#replica.id} has no engine now.` });
  }
}
