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
  readonly #displaced = new Map<number, string>();

  constructor(count: number) {
    this.#free = new Set(Array.from({ length: count }, (_, slot) => slot));
  }

  get freeCount(): number {
    return this.#free.size;
  }

  /** Sessions whose context lies in a slot. */
  get sessionIds(): readonly string[] {
    return [...this.#slotOf.keys()];
  }

  /** The session whose context had to go when a slot was taken last. */
  displacedFrom(slot: number): string | undefined {
    return this.#displaced.get(slot);
  }

  /** A session is over: its slot, if it has one, is as good as any other. */
  forget(sessionId: string): number | undefined {
    const slot = this.#slotOf.get(sessionId);
    if (slot !== undefined) this.#assign(slot, undefined);
    return slot;
  }

  /** Takes a free slot; undefined when there is none. */
  take(sessionId: string | undefined): number | undefined {
    const warm = sessionId === undefined ? undefined : this.#slotOf.get(sessionId);
    const slot = warm !== undefined && this.#free.has(warm) ? warm : this.#leastMissed();
    if (slot === undefined) return undefined;
    this.#free.delete(slot);
    this.#assign(slot, sessionId);
    return slot;
  }

  /** Gives a taken slot back. */
  give(slot: number): void {
    this.#free.add(slot);
  }

  /** ORCH-1302: one that no session will come back to, else the one that has been idle longest. */
  #leastMissed(): number | undefined {
    let idlest: number | undefined;
    for (const slot of this.#free) {
      if (!this.#sessionOf.has(slot)) return slot;
      idlest ??= slot;
    }
    return idlest;
  }

  #assign(slot: number, sessionId: string | undefined): void {
    const before = this.#sessionOf.get(slot);
    this.#displaced.delete(slot);
    if (before !== undefined && before !== sessionId && this.#slotOf.get(before) === slot) {
      this.#slotOf.delete(before);
      this.#displaced.set(slot, before);
    }
    if (sessionId === undefined) {
      this.#sessionOf.delete(slot);
      return;
    }
    this.#sessionOf.set(slot, sessionId);
    this.#slotOf.set(sessionId, slot);
  }
}
