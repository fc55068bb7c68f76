// SPDX-License-Identifier: MIT
import type { ArtifactStore } from '@llama-orch/artifacts';
import {
  isTerminal,
  type Clock,
  type ControlEvent,
  type Logger,
  type Orchestrator,
  type TaskId,
  type TaskView,
  type Timer,
} from '@llama-orch/orchestrator-core';
import { OrchError, type JsonValue } from '@llama-orch/worker-adapter-api';
import { toWireTrace } from '../http/to-wire-trace.ts';
import { placeOf } from '../telemetry/place-of.ts';
import { wellFormed } from './well-formed.ts';

/** What a recorder works with. */
export interface RecorderParts {
  readonly orchestrator: Pick<Orchestrator, 'get' | 'list' | 'watch'>;
  readonly artifacts: Pick<ArtifactStore, 'put' | 'flush' | 'missingJobs'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether traces hold the prompts. */
  readonly keepPrompts: boolean;
}

/** Traces that wait for the disk at most; what ends meanwhile is looked up later, so that memory stays bounded. */
const MAX_PENDING = 10_000;
/** After a trace was missed, until the ended tasks are looked through. */
const CATCH_UP_MS = 1_000;
/** Tasks looked at in one step. */
const PAGE = 500;

/** Leaves one trace of every job that ends. */
export class ArtifactRecorder {
  readonly #parts: RecorderParts;
  readonly #unwatch: () => void;
  readonly #pending = new Set<Promise<void>>();
  #retry: Timer | undefined;
  #isFailing = false;
  #isStopping = false;
  #stopped = false;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#unwatch = parts.orchestrator.watch((event) => this.#see(event));
  }

  /** Leaves the traces of ended tasks that have none yet; never rejects. ORCH-1331 */
  async catchUp(): Promise<void> {
    const { orchestrator } = this.#parts;
    try {
      let cursor: string | undefined;
      do {
        const page = await orchestrator.list({ limit: PAGE, cursor });
        await this.#recordMissing(page.tasks.filter(({ state }) => isTerminal(state)));
        cursor = page.nextCursor;
      } while (cursor !== undefined && !this.#stopped);
      this.#isFailing = false;
    } catch (error) {
      this.#miss(error);
    }
  }

  /** Resolves when every trace that was under way is stored, or cannot be. */
  async stop(): Promise<void> {
    this.#unwatch();
    this.#isStopping = true;
    while (this.#pending.size > 0) await Promise.all([this.#parts.artifacts.flush(), ...this.#pending]);
    this.#stopped = true;
    this.#retry?.cancel();
  }

  #see(event: ControlEvent): void {
    if (event.kind !== 'task' || !isTerminal(event.state)) return;
    if (this.#pending.size >= MAX_PENDING) {
      this.#catchUpLater();
      return;
    }
    const recording = this.#record(event.taskId).finally(() => this.#pending.delete(recording));
    this.#pending.add(recording);
  }

  async #record(taskId: TaskId): Promise<void> {
    try {
      const view = await this.#parts.orchestrator.get(taskId);
      if (view !== undefined) await this.#store(view);
    } catch (error) {
      this.#miss(error);
    }
  }

  async #recordMissing(views: readonly TaskView[]): Promise<void> {
    const missing = new Set(
      await this.#parts.artifacts.missingJobs(views.map(({ task: { id, jobId } }) => ({ jobId, taskId: id }))),
    );
    await Promise.all(views.filter(({ task }) => missing.has(task.jobId)).map((view) => this.#store(view)));
  }

  async #store(view: TaskView): Promise<void> {
    const { artifacts, keepPrompts } = this.#parts;
    const { jobId, id: taskId } = view.task;
    const trace = toWireTrace(view, { keepPrompts });
    const put = (content: JsonValue): Promise<unknown> => {
      const stored = artifacts.put({ kind: 'trace', content, job: { jobId, taskId } });
      // Nothing comes any more that it could share a commit with.
      if (this.#isStopping) void artifacts.flush();
      return stored;
    };
    await put(trace).catch((error: unknown) => {
      if (!OrchError.is(error) || error.code !== 'INVALID_PARAMS') throw error;
      // A client's text may hold half of a surrogate pair, which has no canonical form.
      return put(wellFormed(trace));
    });
  }

  /** One line per outage, not per task. */
  #miss(error: unknown): void {
    if (!this.#isFailing) {
      const code = OrchError.is(error) ? error.code : undefined;
      this.#parts.logger.log('warn', 'Traces of ended tasks cannot be stored now.', { code, fault: placeOf(error) });
    }
    this.#isFailing = true;
    this.#catchUpLater();
  }

  #catchUpLater(): void {
    if (this.#stopped || this.#retry !== undefined) return;
    this.#retry = this.#parts.clock.setTimer(CATCH_UP_MS, () => {
      this.#retry = undefined;
      const catching = this.catchUp().finally(() => this.#pending.delete(catching));
      this.#pending.add(catching);
    });
  }
}
