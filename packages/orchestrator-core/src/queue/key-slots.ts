// SPDX-License-Identifier: MIT
import type { KeyId } from '../task/ids.ts';

/** What one key may have of a queue. */
export interface KeyRules {
  /** Its part beside the other keys that wait. At least 1. */
  readonly weight: number;
  /** Most of its tasks that run at once, in all pools; default without limit. */
  readonly runningTasks?: number;
}

/** What a key may have; asked whenever it matters. Undefined: it is like all others, without limit. */
export type KeyRulesOf = (keyId: KeyId) => KeyRules | undefined;

/** How many tasks of each key run, and which keys may have no more. Tasks without a key are not counted. */
export class KeySlots {
  readonly #running = new Map<string, number>();
  readonly #full = new Set<string>();
  readonly #rulesOf: KeyRulesOf;

  constructor(rulesOf: KeyRulesOf = () => undefined) {
    this.#rulesOf = rulesOf;
  }

  /** Its part beside the other keys that wait. */
  readonly weightOf = (key: string): number => this.#rulesOf(key as KeyId)?.weight ?? 1;

  /** A task began; true when its key may have no more. */
  begin(key: string): boolean {
    const count = (this.#running.get(key) ?? 0) + 1;
    this.#running.set(key, count);
    if (count < this.#limitOf(key)) return false;
    this.#full.add(key);
    return true;
  }

  /** A task let go; true when its key was full and is not any more. */
  end(key: string): boolean {
    const count = (this.#running.get(key) ?? 1) - 1;
    if (count === 0) this.#running.delete(key);
    else this.#running.set(key, count);
    return count < this.#limitOf(key) && this.#full.delete(key);
  }

  /** True when no more may begin. */
  isFull(key: string): boolean {
    return this.#full.has(key);
  }

  #limitOf(key: string): number {
    return this.#rulesOf(key as KeyId)?.runningTasks ?? Infinity;
  }
}
