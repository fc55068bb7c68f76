// SPDX-License-Identifier: MIT

interface Slot {
  readonly id: number;
  isFree: boolean;
  /** The session that used it last, unless that has another slot now or is over. */
  sessionId: string | undefined;
  /** The session whose context had to go when it was taken last. */
  displaced: string | undefined;
}

/**
 * Which of the engine's slots are in use by this adapter. A session comes back to the slot that holds its context while
 * that slot is free; others take the slot whose session has been idle longest.
 */
export class SlotTable {
  readonly #slots: readonly Slot[];
  /** Free slots that no session will come back to. */
  readonly #blank: Slot[];
  /** The other free slots, longest idle first: a set keeps the order in which they came back. */
  readonly #kept = new Set<Slot>();
  readonly #slotOf = new Map<string, Slot>();

  constructor(count: number) {
    this.#slots = Array.from({ length: count }, (_, id) => ({
      id,
      isFree: true,
      sessionId: undefined,
      displaced: undefined,
    }));
    this.#blank = this.#slots.toReversed();
  }

  /** Sessions whose context lies in a slot. */
  get sessionIds(): readonly string[] {
    return [...this.#slotOf.keys()];
  }

  /** The session whose context had to go when a slot was taken last. */
  displacedFrom(slot: number): string | undefined {
    return this.#slots[slot]?.displaced;
  }

  /** A session is over: its slot, if it has one, is as good as any other. */
  forget(sessionId: string): number | undefined {
    const slot = this.#slotOf.get(sessionId);
    if (slot === undefined) return undefined;
    this.#slotOf.delete(sessionId);
    slot.sessionId = undefined;
    if (this.#kept.delete(slot)) this.#blank.push(slot);
    return slot.id;
  }

  /** Takes a free slot; undefined when there is none. */
  take(sessionId: string | undefined): number | undefined {
    const warm = sessionId === undefined ? undefined : this.#slotOf.get(sessionId);
    // ORCH-1302: its own, else one that no session will come back to, else the one that has been idle longest.
    const slot = warm?.isFree === true ? warm : (this.#blank.pop() ?? firstOf(this.#kept));
    if (slot === undefined) return undefined;
    slot.isFree = false;
    if (slot.sessionId !== undefined) this.#kept.delete(slot);
    this.#assign(slot, sessionId);
    return slot.id;
  }

  /** Gives a taken slot back. */
  give(id: number): void {
    const slot = this.#slots[id];
    if (slot === undefined) return;
    slot.isFree = true;
    if (slot.sessionId === undefined) this.#blank.push(slot);
    else this.#kept.add(slot);
  }

  #assign(slot: Slot, sessionId: string | undefined): void {
    const before = slot.sessionId;
    slot.displaced = undefined;
    if (before === sessionId) return;
    if (before !== undefined) {
      this.#slotOf.delete(before);
      slot.displaced = before;
    }
    slot.sessionId = sessionId;
    if (sessionId === undefined) return;
    const busy = this.#slotOf.get(sessionId);
    if (busy !== undefined) busy.sessionId = undefined;
    this.#slotOf.set(sessionId, slot);
  }
}

function firstOf<T>(values: Iterable<T>): T | undefined {
  for (const value of values) return value;
  return undefined;
}
