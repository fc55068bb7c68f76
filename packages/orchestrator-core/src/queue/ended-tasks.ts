// SPDX-License-Identifier: MIT
import type { TaskId } from '../task/ids.ts';
import type { TaskEnd } from '../task/task.ts';

/** What is remembered of a task that has ended. */
export interface EndedTask {
  readonly id: TaskId;
  readonly fingerprint: string;
  readonly outcome: TaskEnd['outcome'];
  /** Epoch of the lease that settled it; undefined when a cancel or an eviction ended it. */
  readonly settledEpoch: number | undefined;
}

/** The most recently ended tasks, so that their ids are not used twice. */
export class EndedTasks {
  readonly #byId = new Map<TaskId, EndedTask>();
  /** A ring: a Map alone would walk over all its deleted keys to find its oldest. */
  readonly #ids: TaskId[] = [];
  #oldest = 0;
  readonly #limitCount: number;

  constructor(limitCount: number) {
    this.#limitCount = limitCount;
  }

  /** Remembers `task`; forgets the one that ended first when there are too many. */
  add(task: EndedTask): void {
    if (this.#limitCount === 0) return;
    if (this.#ids.length < this.#limitCount) {
      this.#ids.push(task.id);
    } else {
      const forgotten = this.#ids[this.#oldest];
      if (forgotten !== undefined) this.#byId.delete(forgotten);
      this.#ids[this.#oldest] = task.id;
      this.#oldest = (this.#oldest + 1) % this.#limitCount;
    }
    this.#byId.set(task.id, task);
  }

  /** The task, while it is remembered. */
  get(id: TaskId): EndedTask | undefined {
    return this.#byId.get(id);
  }
}
