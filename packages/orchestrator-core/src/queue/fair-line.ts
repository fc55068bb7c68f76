// SPDX-License-Identifier: MIT
import type { Task } from '../task/task.ts';
import { WaitingLine, type Standing } from './waiting-line.ts';

/** Something that can stand in a {@link FairLine}. */
export interface Sharing extends Standing {
  readonly task: Task;
  /** Its number in the order of arrival; written by the line alone. */
  order: number;
  /** What its key was charged when it was taken; written by the line alone. */
  charged: number;
}

/** How keys share a line; asked whenever it matters. */
export interface FairRules {
  /** What a key of weight 1 may use in each round, in tokens. At least 1. */
  readonly quantumTokens: () => number;
  /** Weight of a key; at least 1. */
  readonly weightOf: (key: string) => number;
}

/** The tasks of one key. */
interface KeyLine<T extends Sharing> {
  readonly key: string;
  readonly line: WaitingLine<T>;
  /** Tokens it may use in this round; below 0 it owes some. */
  balance: number;
  isHeld: boolean;
  /** What of it is in the totals. */
  size: number;
  readySize: number;
}

/** Tasks without a key share as one. */
const NO_KEY = '';

/** What a task is charged until the truth is known. */
function costOf({ task }: Sharing): number {
  return Math.max(1, task.costTokens ?? task.maxTokens);
}

/**
 * A line in which the keys that wait take turns, by deficit round robin in tokens, and the tasks of each key are first in,
 * first out: at its turn a key gets its quantum and goes on while that pays for its next task. What a task really used is
 * settled at its end. While one key waits alone nothing is charged and the line is plain.
 *
 * A credit ends when its key does not wait any more or waits alone; a debt stays, or a key that says too little of its
 * tasks would win. All operations are O(log n) for n tasks, and at most linear in the number of keys.
 */
export class FairLine<T extends Sharing> {
  readonly #rules: FairRules;
  readonly #keys = new Map<string, KeyLine<T>>();
  /** Keys whose tasks can be taken, in the order of their turns. */
  readonly #round = new Set<KeyLine<T>>();
  /** Whose turn it is: it has got its quantum. While it is in the round it is the first. */
  #turn: KeyLine<T> | undefined;
  readonly #held = new Set<string>();
  #order = 0;
  #size = 0;
  #readySize = 0;

  constructor(rules: FairRules) {
    this.#rules = rules;
  }

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** How many of them are neither parked nor of a key that is held. */
  get readySize(): number {
    return this.#readySize;
  }

  /** Stands behind the others of its key. */
  join(item: T): void {
    this.#order += 1;
    item.order = this.#order;
    const own = this.#of(item);
    own.line.join(item);
    this.#update(own);
  }

  /** Waits on, but is passed over until {@link unpark}. */
  park(item: T): void {
    this.#change(item, (line) => line.park(item));
  }

  /** Is passed over no longer. */
  unpark(item: T): void {
    this.#change(item, (line) => line.unpark(item));
  }

  /** Takes out who is next and charges its key; the place is kept until {@link stepBack} or {@link giveUp}. */
  take(): T | undefined {
    const own = this.#next();
    const item = own?.line.first();
    if (own === undefined || item === undefined) return undefined;
    const isAlone = this.#round.size === 1;
    // Who was alone has had its turn when another comes.
    if (isAlone) this.#turn = own;
    // ORCH-1262: with one key the line is plain, and nothing is charged.
    item.charged = isAlone ? 0 : costOf(item);
    own.balance -= item.charged;
    own.line.stepOut(item);
    this.#update(own);
    return item;
  }

  /** Waits again in the kept place, and its key has its turn. */
  stepBack(item: T): void {
    const own = this.#of(item);
    own.line.stepBack(item);
    const hasOthers = this.#round.size > (this.#round.has(own) ? 1 : 0);
    // Taken while its key waited alone it has cost nothing, and it is not to cost its place now.
    own.balance += item.charged > 0 || !hasOthers ? item.charged : costOf(item);
    item.charged = 0;
    this.#update(own);
    // ORCH-3040: what was given back is next.
    if (this.#round.has(own)) this.#turnTo(own);
  }

  /** Stops waiting for good, parked or not. */
  leave(item: T): void {
    this.#change(item, (line) => line.leave(item));
  }

  /** Gives up the place kept by {@link take}; the charge stands until {@link settle}. */
  giveUp(item: T): void {
    this.#change(item, (line) => line.giveUp(item));
  }

  /** What was taken has used so many tokens; the charge becomes the truth. Once per item. */
  settle(item: T, usedTokens: number): void {
    if (item.charged === 0) return;
    const own = this.#of(item);
    own.balance += item.charged - usedTokens;
    item.charged = 0;
    this.#update(own);
  }

  /** Whether the tasks of a key are passed over. */
  hold(key: string, isHeld: boolean): void {
    if (isHeld) this.#held.add(key);
    else this.#held.delete(key);
    const own = this.#keys.get(key);
    if (own === undefined) return;
    own.isHeld = isHeld;
    this.#update(own);
  }

  /** Who has waited longest. */
  oldest(): T | undefined {
    return this.#extreme((line) => line.oldest(), -1);
  }

  /** Who has waited shortest. */
  last(): T | undefined {
    return this.#extreme((line) => line.last(), 1);
  }

  /** How many of those who may be taken are taken before `item`, which waits, if nothing changes. */
  countBefore(item: T): number {
    const own = this.#of(item);
    const before = own.line.countBefore(item);
    if (this.#round.size === 0 || (this.#round.size === 1 && this.#round.has(own))) return before;
    const round = this.#round.has(own) ? [...this.#round] : [...this.#round, own];
    const place = round.indexOf(own);
    const missing = own.line.costBefore(item) + costOf(item) - own.balance;
    const isOn = own === this.#turn;
    const turns = isOn && missing <= 0 ? 0 : Math.max(1, Math.ceil(missing / this.#quantumOf(own)));
    let count = before;
    for (const [index, other] of round.entries()) {
      if (other === own) continue;
      // Who has its turn goes on with what it has, and comes last in the next round.
      const comesAfter = !isOn && (other === this.#turn || index > place);
      const othersTurns = turns - (comesAfter ? 1 : 0);
      if (othersTurns === 0 && other !== this.#turn) continue;
      count += other.line.countWithin(other.balance + othersTurns * this.#quantumOf(other));
    }
    return count;
  }

  /** True when the task is its key's next and other keys have their turn before. */
  awaitsTurn(item: T): boolean {
    const own = this.#of(item);
    if (this.#round.size < 2 || own.line.first() !== item) return false;
    return this.countBefore(item) > 0;
  }

  /** True when the task waits because its key is held. */
  isHeld({ task }: T): boolean {
    return this.#held.has(task.keyId ?? NO_KEY);
  }

  /** The key whose turn it is, after all turns in which nobody could go. */
  #next(): KeyLine<T> | undefined {
    const first: KeyLine<T> | undefined = this.#round.values().next().value;
    if (first === undefined || this.#round.size === 1 || (first === this.#turn && this.#pays(first))) return first;
    const round = [...this.#round];
    if (first === this.#turn) round.push(...round.splice(0, 1));
    const turns = round.map((own) => this.#turnsUntil(own));
    const least = Math.min(...turns);
    const winner = turns.indexOf(least);
    round.forEach((own, index) => (own.balance += (index <= winner ? least : least - 1) * this.#quantumOf(own)));
    const next = round[winner];
    if (next !== undefined) this.#turnTo(next);
    return next;
  }

  #pays({ line, balance }: KeyLine<T>): boolean {
    const head = line.first();
    return head !== undefined && balance >= costOf(head);
  }

  #turnsUntil(own: KeyLine<T>): number {
    const head = own.line.first();
    const missing = head === undefined ? 0 : costOf(head) - own.balance;
    return Math.max(1, Math.ceil(missing / this.#quantumOf(own)));
  }

  #quantumOf({ key }: KeyLine<T>): number {
    return this.#rules.quantumTokens() * this.#rules.weightOf(key);
  }

  /** Those before it in the round come behind the others, in their order. */
  #turnTo(next: KeyLine<T>): void {
    this.#turn = next;
    for (const own of [...this.#round]) {
      if (own === next) return;
      this.#round.delete(own);
      this.#round.add(own);
    }
  }

  #of({ task }: T): KeyLine<T> {
    const key = task.keyId ?? NO_KEY;
    const known = this.#keys.get(key);
    if (known !== undefined) return known;
    const line = new WaitingLine<T>(costOf);
    const own: KeyLine<T> = { key, line, balance: 0, isHeld: this.#held.has(key), size: 0, readySize: 0 };
    this.#keys.set(key, own);
    return own;
  }

  #change(item: T, change: (line: WaitingLine<T>) => void): void {
    const own = this.#of(item);
    change(own.line);
    this.#update(own);
  }

  /** Brings totals and round in line with what has become of a key. */
  #update(own: KeyLine<T>): void {
    const { size } = own.line;
    const readySize = own.isHeld ? 0 : own.line.readySize;
    this.#size += size - own.size;
    const wasReady = own.readySize;
    this.#readySize += readySize - wasReady;
    own.size = size;
    own.readySize = readySize;
    if (wasReady === 0 && readySize > 0) this.#round.add(own);
    if (wasReady > 0 && readySize === 0) this.#round.delete(own);
    if (readySize === 0 && own === this.#turn) this.#turn = undefined;
    if (readySize === 0) own.balance = Math.min(0, own.balance);
    if (this.#round.size === 1) for (const sole of this.#round) sole.balance = Math.min(0, sole.balance);
  }

  #extreme(of: (line: WaitingLine<T>) => T | undefined, sign: 1 | -1): T | undefined {
    let extreme: T | undefined;
    for (const { line } of this.#keys.values()) {
      const item = of(line);
      if (item !== undefined && (extreme === undefined || (item.order - extreme.order) * sign > 0)) extreme = item;
    }
    return extreme;
  }
}
