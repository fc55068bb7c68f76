// SPDX-License-Identifier: MIT

/** After so many starts what was measured before counts for a third. */
const MEMORY_STARTS = 200;
/** Tasks as if measured before the first, none of which left or was overtaken. */
const PRIOR_TASKS = 200;

/** What was expected of the tasks before one when it came. */
export interface ExpectedStarts {
  /** Tasks that the pool had given out until then. */
  readonly afterCount: number;
  /** How many would start before it. */
  readonly count: number;
}

/**
 * How many tasks start before one, over how many were expected to when it came: below 1 where clients take tasks back,
 * above 1 where others are let in before it.
 */
export class LineDrift {
  #startCount = PRIOR_TASKS;
  #expectedSum = PRIOR_TASKS;

  /** A task started, and `startCount` did before it since it came; `expectedCount` were expected to. */
  record(expectedCount: number, startCount: number): void {
    const kept = 1 - 1 / MEMORY_STARTS;
    this.#startCount = this.#startCount * kept + startCount;
    this.#expectedSum = this.#expectedSum * kept + expectedCount;
  }

  /** By how many times more tasks than expected start before a task. */
  get ratio(): number {
    return this.#startCount / this.#expectedSum;
  }
}
