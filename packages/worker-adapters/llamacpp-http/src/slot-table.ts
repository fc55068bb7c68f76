// SPDX-License-Identifier: MIT

/**
 * Which of the engine's slots are in use by this adapter. A session comes back to the slot that holds its context while
 * that slot is free; others take the slot whose session has been idle longest.
 */
export class SlotTable {
  /** Free slots, longest idle first. */
  readonly #free: number[];
  readonly #sessionOf = new Map<number, string>();

  constructor(count: number) {
    this.#free = Array.from({ length: count }, (_, slot) => slot);
  }

  get freeCount(): number {
    return this.#free.length;
  }

  /** Takes a free slot; undefined when there is none. */
  take(sessionId: string | undefined): number | undefined {
    const warm = sessionId === undefined ? -1 : this.#free.findIndex((slot) => this.#sessionOf.get(slot) === sessionId);
    const [slot] = this.#free.splice(Math.max(0, warm), 1);
    if (slot === undefined) return undefined;
    if (sessionId === undefined) this.#sessionOf.delete(slot);
    else this.#sessionOf.set(slot, sessionId);
    return slot;
  }

  /** Gives a taken slot back. */
  give(slot: number): void {
    this.#free.push(slot);
  }
}
