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
import { OrchError } from '@llama-orch/worker-adapter-api';
import { toWireTrace } from '../http/to-wire-trace.ts';
import { placeOf } from '../telemetry/place-of.ts';

/** What a recorder works with. */
export interface RecorderParts {
  readonly orchestrator: Pick<Orchestrator, 'get' | 'list' | 'watch'>;
  readonly artifacts: Pick<ArtifactStore, 'leaveTrace' | 'flush' | 'missingJobs'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether traces hold the prompts. */
  readonly keepPrompts: boolean;
}

/** After a trace was missed, until the ended tasks are looked through. */
const CATCH_UP_MS = 1_000;
/** Tasks looked at in one step. */
const PAGE = 500;

/** Leaves one trace of every job that ends. */
export class ArtifactRecorder {
  readonly #parts: RecorderParts;
  readonly #unwatch: () => void;
  /** Tasks that are looked up. */
  #lookupCount = 0;
  #onLookedUp: (() => void) | undefined;
  /** Of the traces that wait now. */
  #stored: Promise<void> | undefined;
  #catchingUp: Promise<void> | undefined;
  #retry: Timer | undefined;
  #isFailing = false;
  #isStopping = false;

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
      } while (cursor !== undefined && !this.#isStopping);
      this.#isFailing = false;
    } catch (error) {
      this.#miss(error);
    }
  }

  /** Resolves when every trace that was under way is stored, or cannot be. */
  async stop(): Promise<void> {
    this.#unwatch();
    this.#isStopping = true;
    this.#retry?.cancel();
    if (this.#lookupCount > 0) await new Promise<void>((resolve) => (this.#onLookedUp = resolve));
    await this.#catchingUp;
    await this.#parts.artifacts.flush();
  }

  #see(event: ControlEvent): void {
    if (event.kind === 'task' && isTerminal(event.state)) void this.#record(event.taskId);
  }

  async #record(taskId: TaskId): Promise<void> {
    this.#lookupCount += 1;
    try {
      const view = await this.#parts.orchestrator.get(taskId, { withoutOutput: true });
      if (view !== undefined) void this.#leave(view);
    } catch (error) {
      this.#miss(error);
    }
    this.#lookupCount -= 1;
    if (this.#lookupCount === 0) this.#onLookedUp?.();
  }

  async #recordMissing(views: readonly TaskView[]): Promise<void> {
    const { artifacts } = this.#parts;
    const missing = new Set(
      await artifacts.missingJobs(views.map(({ task: { id, jobId } }) => ({ jobId, taskId: id }))),
    );
    const stored = views.filter(({ task }) => missing.has(task.jobId)).map((view) => this.#leave(view));
    await artifacts.flush();
    await Promise.all(stored);
  }

  #leave(view: TaskView): Promise<void> {
    const { artifacts, keepPrompts } = this.#parts;
    const { jobId, id: taskId } = view.task;
    const stored = artifacts.leaveTrace({ jobId, taskId, content: () => toWireTrace(view, { keepPrompts }) });
    // Traces that share a commit share its promise, and a failure is one failure.
    if (stored !== this.#stored) {
      this.#stored = stored;
      stored.catch((error: unknown) => this.#miss(error));
    }
    return stored;
  }

  /** One line per outage, not per task. */
  #miss(error: unknown): void {
    if (!this.#isFailing) {
      const code = OrchError.is(error) ? error.code : undefined;
      this.#parts.logger.log('warn', 'Traces of ended tasks cannot be stored now.', { code, fault: placeOf(error) });
    }
    this.#isFailing = true;
    if (this.#isStopping) return;
    this.#retry ??= this.#parts.clock.setTimer(CATCH_UP_MS, () => {
      this.#retry = undefined;
      this.#catchingUp = this.catchUp();
    });
  }
}
