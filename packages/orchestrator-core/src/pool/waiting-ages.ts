// SPDX-License-Identifier: MIT
import type { TaskRecord } from '../task/task-record.ts';

/** Who was accepted by so much less than the newest that joined before it is out of order. */
const LATENESS_MS = 1_000;

/** Since when the tasks of a pool wait: O(1) for each that comes or goes, whatever the order in which they start. */
export class WaitingAges {
  /** As they came, which is the order in which they were accepted, give or take a second. */
  readonly #inOrder = new Set<TaskRecord>();
  /** Those that came back, who are few. */
  readonly #late = new Set<TaskRecord>();
  #newestAtMs = -Infinity;

  /** Tasks that wait. */
  get count(): number {
    return this.#inOrder.size + this.#late.size;
  }

  /** When the oldest was accepted, give or take a second; undefined when none waits. Monotonic. */
  get oldestAtMs(): number | undefined {
    let oldestAtMs = this.#inOrder.values().next().value?.task.acceptedAtMs;
    for (const { task } of this.#late) oldestAtMs = Math.min(oldestAtMs ?? Infinity, task.acceptedAtMs);
    return oldestAtMs;
  }

  /** A task begins to wait. */
  join(record: TaskRecord): void {
    const { acceptedAtMs } = record.task;
    if (acceptedAtMs < this.#newestAtMs - LATENESS_MS) {
      this.#late.add(record);
      return;
    }
    this.#newestAtMs = Math.max(this.#newestAtMs, acceptedAtMs);
    this.#inOrder.add(record);
  }

  /** A task ceases to wait. */
  leave(record: TaskRecord): void {
    if (!this.#inOrder.delete(record)) this.#late.delete(record);
  }
}
