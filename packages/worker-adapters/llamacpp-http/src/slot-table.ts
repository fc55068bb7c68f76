// SPDX-License-Identifier: MIT

/**
 * Which of the engine's slots are in use by this adapter. A session comes back to the slot that holds its context while
 * that slot is free; others take the slot whose session has been idle longest.
 */
export class SlotTable {
  /** Free slots, longest idle first: a set keeps the order in which they came back. */
  readonly #free: Set<number>;
  readonly #sessionOf = new Map<number, string>();
  /** The slot that a session used last. */
  readonly #slotOf = new Map<string, number>();

  constructor(count: number) {
    this.#free = new Set(Array.from({ length: count }, (_, slot) => slot));
  }

  get freeCount(): number {
    return this.#free.size;
  }

  /** Takes a free slot; undefined when there is none. */
  take(sessionId: string | undefined): number | undefined {
    const warm = sessionId === undefined ? undefined : this.#slotOf.get(sessionId);
    const [idlest] = this.#free;
    const slot = warm !== undefined && this.#free.has(warm) ? warm : idlest;
    if (slot === undefined) return undefined;
    this.#free.delete(slot);
    this.#assign(slot, sessionId);
    return slot;
  }

  /** Gives a taken slot back. */
  give(slot: number): void {
    this.#free.add(slot);
  }

  #assign(slot: number, sessionId: string | undefined): void {
    const before = this.#sessionOf.get(slot);
    if (before !== undefined && this.#slotOf.get(before) === slot) this.#slotOf.delete(before);
    if (sessionId === undefined) {
      this.#sessionOf.delete(slot);
      return;
    }
    this.#sessionOf.set(slot, sessionId);
    this.#slotOf.set(sessionId, slot);
  }
}
