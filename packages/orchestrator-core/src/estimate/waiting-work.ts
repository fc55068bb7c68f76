// SPDX-License-Identifier: MIT
import type { Priority, Task } from '../task/task.ts';
import type { Moments } from './length-curve.ts';
import type { JobWork } from './service-sample.ts';
import type { WorkAhead } from './start-estimator.ts';
import type { KindAhead, WorkPlace } from './work-kind.ts';
import { WorkLine, type Joining } from './work-line.ts';

/** Where a waiting task stands. */
export interface WaitingPlace {
  readonly priority: Priority;
  readonly work: WorkPlace;
}

/** What is to be done before a task starts. */
export interface TasksAhead {
  readonly work: readonly WorkAhead[];
  /** How many tasks will start before it. */
  readonly starts: Moments;
}

/**
 * How much work waits before each task of a pool. It follows the queue from outside: what it counts is scaled to the
 * position that the queue tells, so that an order which it does not know makes it less exact, and no more.
 */
export class WaitingWork {
  readonly #lines: Readonly<Record<Priority, WorkLine>> = { interactive: new WorkLine(), batch: new WorkLine() };

  /** A task begins to wait: behind all others of its priority, or before them when it comes back. */
  join(task: Task, joining: Joining): WaitingPlace {
    const { priority } = task;
    return { priority, work: this.#lines[priority].join(workOf(task), joining) };
  }

  /** A task ceases to wait. */
  leave({ priority, work }: WaitingPlace): void {
    this.#lines[priority].leave(work);
  }

  /** What starts before the task at `place`, before which `position` tasks stand in all. */
  before({ priority, work }: WaitingPlace, position: number): TasksAhead {
    return this.#withOthers(priority, this.#lines[priority].before(work), position);
  }

  /** What starts before a task that is about to wait. */
  beforeNext(priority: Priority, position: number): TasksAhead {
    return this.#withOthers(priority, this.#lines[priority].all(), position);
  }

  /** Whoever of the other priority starts before as well stands first in that line. */
  #withOthers(priority: Priority, own: readonly KindAhead[], position: number): TasksAhead {
    const otherCount = position - own.reduce((sum, { count }) => sum + count, 0);
    if (otherCount <= 0) return tasksAhead(own, position);
    const others = this.#lines[priority === 'interactive' ? 'batch' : 'interactive'].first(otherCount);
    return tasksAhead([...own, ...others], position);
  }
}

/** What is known of a task's length. */
export function workOf({ input, expectedTokens, maxTokens }: Task): JobWork {
  const work = { workload: input.workload, maxTokens };
  return expectedTokens === undefined ? work : { ...work, expectedTokens };
}

/** As many as the queue counts, of each kind its share. */
function tasksAhead(kinds: readonly KindAhead[], position: number): TasksAhead {
  let count = 0;
  let mean = 0;
  let variance = 0;
  for (const kind of kinds) {
    count += kind.count;
    mean += kind.starts.mean;
    variance += kind.starts.variance;
  }
  const work = kinds.map((kind) => ({ work: kind.work, count: kind.starts.mean }));
  if (count === 0) return { work, starts: { mean: position, variance: 0 } };
  const scale = position / count;
  return { work, starts: { mean: mean * scale, variance: variance * scale } };
}
