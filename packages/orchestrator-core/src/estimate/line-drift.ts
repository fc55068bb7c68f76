// SPDX-License-Identifier: MIT

/** After so many starts what was measured before counts for a third. */
const MEMORY_STARTS = 200;
/** Tasks as if measured before the first, none of which left or was overtaken. */
const PRIOR_TASKS = 200;

/**
 * How many tasks start before one, over how many stood before it when it came: below 1 where tasks leave the line without
 * a start, above 1 where others are let in before it.
 */
export class LineDrift {
  #startCount = PRIOR_TASKS;
  #positionSum = PRIOR_TASKS;

  /** A task started that had `position` tasks before it when it came, and of which `startCount` did start. */
  record(position: number, startCount: number): void {
    const kept = 1 - 1 / MEMORY_STARTS;
    this.#startCount = this.#startCount * kept + startCount;
    this.#positionSum = this.#positionSum * kept + position;
  }

  /** How many tasks will have started before a task that has so many before it now. */
  startsBefore(position: number): number {
    return Math.round((position * this.#startCount) / this.#positionSum);
  }
}
