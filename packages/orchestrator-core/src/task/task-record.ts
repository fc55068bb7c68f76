// SPDX-License-Identifier: MIT
import type { FinishReason, OrchError } from '@llama-orch/worker-adapter-api';
import type { ExpectedStarts } from '../estimate/line-drift.ts';
import type { WaitingPlace } from '../estimate/waiting-work.ts';
import type { DeliveredPrefix } from '../store/task-store.ts';
import type { Timer } from '../ports.ts';
import type { KeyShare } from '../keys/key-ledger.ts';
import type { PlacementReason } from '../scheduling/pick-worker.ts';
import type { Turn } from '../session/session-table.ts';
import type { EventLog } from '../stream/event-log.ts';
import type { BesideReason } from '../waiting/why-waiting.ts';
import type { ReplicaId } from './ids.ts';
import { isTerminal, type TaskState } from './task-state.ts';
import type {
  AdmissionAnswer,
  EngineIdentity,
  JobAttempt,
  Receipt,
  Task,
  TaskProducts,
  TaskUsage,
  TaskView,
} from './task.ts';

/** Counts and times of the attempt that ended a task; measured, never guessed. */
export interface RunFigures {
  queueTimeMs?: number;
  firstTokenMs?: number;
  decodeTimeMs?: number;
  totalTimeMs?: number;
}

/** Those of a job that gave text alone; most tasks share them. */
export const NO_PRODUCTS: TaskProducts = {};

/** What this process knows of one task while it is held. Only the lifecycle writes it. */
export class TaskRecord {
  /** Another one, of the same id, once its priority has changed. */
  task: Task;
  readonly log: EventLog;
  /** Grows with every task of this process; the place in listings. */
  readonly order: number;
  /** Undefined until the queue has accepted the task: before that nobody may see it. */
  admission: AdmissionAnswer | undefined;
  state: TaskState = 'queued';
  /** What its pool expected when it came; absent where nobody was ahead, and for one that came to another process. */
  expectedStarts: ExpectedStarts | undefined;
  /** Where it stands among what waits; absent when it does not wait. Written by the pool alone. */
  waitingPlace: WaitingPlace | undefined;
  /** Number of the execution begun last; those that an engine refused before their first token do not count. */
  attempt = 0;
  /** Executions that came to nothing, in order. */
  readonly earlier: JobAttempt[] = [];
  /** What readers have of the stream at least; known where jobs can be replayed. */
  delivered: DeliveredPrefix | undefined;
  /** Times it came back to the queue because an engine would not take it. */
  releases = 0;
  replicaId: ReplicaId | undefined;
  /** Why the last execution ran there. */
  placementReason: PlacementReason | undefined;
  deadline: Timer | undefined;
  /** Why a job that was claimed stands beside the line; absent while it stands in it. */
  besideReason: BesideReason | undefined;
  /** Ends the wait of a job that was claimed and stands beside the line. */
  expire: (() => void) | undefined;
  /** The turn of its session, open until the task has ended. */
  turn: Turn | undefined;
  /** What it holds of its key's share until it has ended. */
  share: KeyShare | undefined;
  shareSettled = false;
  /** How long engines were at work on it, in milliseconds. */
  engineMs = 0;
  readonly figures: RunFigures = {};
  usage: TaskUsage | undefined;
  finishReason: FinishReason | undefined;
  error: OrchError | undefined;
  receipt: Receipt | undefined;
  /** What a job produced besides its text. */
  products: TaskProducts = NO_PRODUCTS;
  #whenEnded: PromiseWithResolvers<undefined> | undefined;

  constructor(task: Task, log: EventLog, order: number) {
    this.task = task;
    this.log = log;
    this.order = order;
  }

  /** True once it has its end and its slot is free. */
  get ended(): boolean {
    return isTerminal(this.state);
  }

  /** What gave readers the tokens that they may have; undefined before the first execution. */
  get engine(): EngineIdentity | undefined {
    // Once one has given a token, all later ones were on its like.
    return this.earlier.findLast(({ engine }) => engine !== undefined)?.engine;
  }

  /** Resolves once the task has ended and its slot is free. */
  whenEnded(): Promise<unknown> {
    if (this.ended) return Promise.resolve();
    this.#whenEnded ??= Promise.withResolvers();
    return this.#whenEnded.promise;
  }

  /** Lets go whoever waits for the end. */
  announceEnd(): void {
    this.#whenEnded?.resolve(undefined);
  }

  /** As clients may see it, without what changes while it waits. */
  view(admission: AdmissionAnswer, { withoutOutput } = { withoutOutput: false }): TaskView {
    const { figures, task } = this;
    const text = this.state === 'completed' && !withoutOutput ? this.log.outputText() : undefined;
    return {
      task,
      admission,
      state: this.state,
      attempt: this.attempt,
      timings: { ...figures, createdAt: task.createdAt },
      replicaId: this.replicaId,
      placementReason: this.placementReason,
      usage: this.usage,
      finishReason: this.finishReason,
      error: this.error,
      receipt: this.receipt,
      output: text === undefined ? undefined : { ...this.products, text },
    };
  }
}
