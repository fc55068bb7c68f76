// SPDX-License-Identifier: MIT
import type { HeldContext } from '@llama-orch/worker-adapter-api';
import type { LlamaContextSequence } from 'node-llama-cpp';

/** One place for a generation, with the context memory it keeps. */
export interface Slot {
  readonly sequence: LlamaContextSequence;
  /** The session whose turns lie in the context memory. */
  sessionId: string | undefined;
}

/** Hands out slots: a session gets its own one back, everybody else the one whose loss hurts least. */
export class SlotPool {
  readonly #slots: readonly Slot[];
  /** Free slots, longest unused first. */
  #free: Slot[];
  readonly #isMeasured: boolean;

  /** @param isMeasured Whether each slot has a context of its own, whose memory the engine can measure. */
  constructor(sequences: readonly LlamaContextSequence[], isMeasured: boolean) {
    this.#isMeasured = isMeasured;
    this.#slots = sequences.map((sequence) => ({ sequence, sessionId: undefined }));
    this.#free = [...this.#slots];
  }

  /** Slots in use. */
  get busyCount(): number {
    return this.#slots.length - this.#free.length;
  }

  /** Share of all context memory that is filled. */
  get kvCacheUsageRatio(): number {
    const usedTokens = this.#slots.reduce((sum, { sequence }) => sum + sequence.nextTokenIndex, 0);
    const sizeTokens = this.#slots.reduce((sum, { sequence }) => sum + sequence.context.contextSize, 0);
    return usedTokens / sizeTokens;
  }

  /** What is kept for sessions. */
  get contexts(): readonly HeldContext[] {
    return this.#slots.flatMap((slot) => {
      const { sessionId, sequence } = slot;
      if (sessionId === undefined) return [];
      // A context that computes cannot be measured.
      const isAtRest = this.#isMeasured && this.#free.includes(slot);
      return [{ sessionId, ...(isAtRest ? { bytes: sequence.context.stateSize } : {}) }];
    });
  }

  /** Empties the slot that is kept for a session; one that is in use is emptied by whoever uses it. */
  async forget(sessionId: string): Promise<void> {
    const slot = this.#slots.find((candidate) => candidate.sessionId === sessionId);
    if (slot === undefined) return;
    slot.sessionId = undefined;
    if (this.#free.includes(slot)) await slot.sequence.clearHistory();
  }

  /** Whether some slot is kept for the session. */
  remembers(sessionId: string): boolean {
    return this.#slots.some((slot) => slot.sessionId === sessionId);
  }

  /**
   * A free slot, now in use; undefined when there is none.
   *
   * @param sessionId The session of the run, if any.
   * @param wantsMemory Whether the run may use what the session left.
   */
  take(sessionId: string | undefined, wantsMemory: boolean): Slot | undefined {
    const own = sessionId === undefined ? undefined : this.#free.find((slot) => slot.sessionId === sessionId);
    const empty = this.#free.find((slot) => slot.sessionId === undefined);
    // ORCH-4223: a session returns to the slot that remembers it; a cold run spares what sessions remember.
    const slot = (wantsMemory ? (own ?? empty) : (empty ?? own)) ?? this.#free[0];
    this.#free = this.#free.filter((free) => free !== slot);
    return slot;
  }

  /** Gives a slot back. */
  release(slot: Slot): void {
    this.#free.push(slot);
  }
}
