// SPDX-License-Identifier: MIT
import type { Priority, Task } from '../task/task.ts';
import type { JobWork } from './service-sample.ts';
import type { WorkAhead } from './start-estimator.ts';
import type { WorkPlace } from './work-kind.ts';
import { WorkLine } from './work-line.ts';

/** Where a waiting task stands. */
export interface WaitingPlace {
  readonly priority: Priority;
  readonly work: WorkPlace;
}

/**
 * How much work waits before each task of a pool. It follows the queue from outside: what it counts is scaled to the
 * position that the queue tells, so that an order which it does not know makes it less exact, and no more.
 */
export class WaitingWork {
  readonly #lines: Readonly<Record<Priority, WorkLine>> = { interactive: new WorkLine(), batch: new WorkLine() };

  /** A task begins to wait: behind all others of its priority, or before them when it comes back. */
  join(task: Task, isBack: boolean): WaitingPlace {
    const { priority } = task;
    return { priority, work: this.#lines[priority].join(workOf(task), isBack) };
  }

  /** A task ceases to wait. */
  leave({ priority, work }: WaitingPlace): void {
    this.#lines[priority].leave(work);
  }

  /** What starts before the task at `place`, `position` tasks in all. */
  before({ priority, work }: WaitingPlace, position: number): readonly WorkAhead[] {
    return this.#withOthers(priority, this.#lines[priority].before(work), position);
  }

  /** What starts before a task that is about to wait. */
  beforeNext(priority: Priority, position: number): readonly WorkAhead[] {
    return this.#withOthers(priority, this.#lines[priority].all(), position);
  }

  /** Whoever of the other priority starts before as well stands first in that line. */
  #withOthers(priority: Priority, own: readonly WorkAhead[], position: number): readonly WorkAhead[] {
    const otherCount = position - own.reduce((sum, { count }) => sum + count, 0);
    if (otherCount <= 0) return own;
    return [...own, ...this.#lines[priority === 'interactive' ? 'batch' : 'interactive'].first(otherCount)];
  }
}

/** What is known of a task's length. */
export function workOf({ input, expectedTokens, maxTokens }: Task): JobWork {
  const work = { workload: input.workload, maxTokens };
  return expectedTokens === undefined ? work : { ...work, expectedTokens };
}
