// SPDX-License-Identifier: MIT
import type { Task } from '../../task/task.ts';

/** A task in a line of an {@link ArrayRound}. */
export interface RoundRow {
  readonly task: Task;
}

const DEFAULT_QUANTUM_TOKENS = 1_024;

/** What a task costs until the truth is known. */
export function guessOf({ task }: RoundRow): number {
  return Math.max(1, task.costTokens ?? task.maxTokens);
}

/** Whose task it is; tasks without a key share one. */
export function keyOf({ task }: RoundRow): string {
  return task.keyId ?? '';
}

/** Deficit round robin as it is told: one turn after the other, each with its quantum. */
export class ArrayRound {
  #balances = new Map<string, number>();
  #round: string[] = [];
  /** Who has its turn; always the first of the round. */
  #turn: string | undefined;
  readonly #quantum: number;

  constructor(quantum = DEFAULT_QUANTUM_TOKENS) {
    this.#quantum = quantum;
  }

  copy(): ArrayRound {
    const copy = new ArrayRound(this.#quantum);
    copy.#balances = new Map(this.#balances);
    copy.#round = [...this.#round];
    copy.#turn = this.#turn;
    return copy;
  }

  /** Takes note of who may go, in the order of arrival. */
  look(ready: readonly RoundRow[]): void {
    const keys = new Set(ready.map(keyOf));
    if (this.#turn !== undefined && !keys.has(this.#turn)) this.#turn = undefined;
    this.#round = [...new Set([...this.#round.filter((key) => keys.has(key)), ...keys])];
    for (const [key, balance] of this.#balances) {
      if (balance > 0 && (!keys.has(key) || keys.size === 1)) this.#balances.set(key, 0);
    }
  }

  /** Who of them goes now, and what its key is charged. */
  take<T extends RoundRow>(ready: readonly T[]): { readonly row: T; readonly charged: number } {
    this.look(ready);
    const headOf = (key: string | undefined): T => ready.find((row) => keyOf(row) === key)!;
    const [sole] = this.#round;
    if (this.#round.length === 1) {
      this.#turn = sole;
      return { row: headOf(sole), charged: 0 };
    }
    while (this.#turn === undefined || this.#balanceOf(this.#turn) < guessOf(headOf(this.#turn))) {
      if (this.#turn !== undefined) this.#round.push(this.#round.shift()!);
      this.#turn = this.#round[0]!;
      this.add(this.#turn, this.#quantum);
    }
    const row = headOf(this.#turn);
    this.add(this.#turn, -guessOf(row));
    return { row, charged: guessOf(row) };
  }

  /** What was taken comes back, and its key has its turn. */
  putBack(row: RoundRow, charged: number, readyNow: readonly RoundRow[]): void {
    const key = keyOf(row);
    const others = this.#round.filter((other) => other !== key).length;
    this.add(key, charged > 0 || others === 0 ? charged : guessOf(row));
    this.look(readyNow);
    if (!this.#round.includes(key)) return;
    this.#turn = key;
    while (this.#round[0] !== key) this.#round.push(this.#round.shift()!);
  }

  /** A key has used less, or more, than it was charged. */
  add(key: string, tokens: number): void {
    this.#balances.set(key, this.#balanceOf(key) + tokens);
  }

  #balanceOf(key: string): number {
    return this.#balances.get(key) ?? 0;
  }
}
