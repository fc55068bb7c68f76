// SPDX-License-Identifier: MIT
import type { JobWork } from './service-sample.ts';
import { WorkKind, type KindAhead, type WorkPlace } from './work-kind.ts';

/** How a task comes to a line. */
export interface Joining {
  /** Before all others, not at the end. */
  readonly isFirst: boolean;
  /** How likely it starts at all, from 0 to 1. */
  readonly startChance: number;
}

const WORKLOADS: readonly JobWork['workload'][] = ['completion', 'chat', 'embedding', 'rerank'];

/** No start is out of the question, and what is divided by a sum of chances stays a number. */
const LEAST_START_CHANCE = 0.01;

/** The work that stands before any task of a line which anyone may leave: O(log n) for each kind of task in it. */
export class WorkLine {
  readonly #kinds = new Map<number, WorkKind>();
  #nextOrder = 0;

  /** Stands at the end, or before all others. */
  join({ workload, expectedTokens, maxTokens }: JobWork, joining: Joining): WorkPlace {
    const startChance = Math.max(LEAST_START_CHANCE, joining.startChance);
    const isTold = expectedTokens !== undefined && expectedTokens > 0;
    const tokens = isTold ? expectedTokens : maxTokens;
    const kind = this.#kind(workload, isTold, tokens);
    const item = { kind, order: joining.isFirst ? -1 : this.#nextOrder++, tokens, startChance, place: 0 };
    kind.join(item);
    return item;
  }

  /** Stops waiting. */
  leave(item: WorkPlace): void {
    item.kind.leave(item);
  }

  /** Everyone. */
  all(): readonly KindAhead[] {
    return this.#until(this.#nextOrder);
  }

  /** Those in front of `item`; of those who came back, who are few, it knows no order. */
  before({ order }: WorkPlace): readonly KindAhead[] {
    return order < 0 ? [] : this.#until(order);
  }

  /** The first `wanted`, or all when there are fewer. */
  first(wanted: number): readonly KindAhead[] {
    let low = 0;
    let high = this.#nextOrder;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#countUntil(middle) > wanted) high = middle - 1;
      else low = middle;
    }
    return this.#until(low);
  }

  #countUntil(order: number): number {
    let count = 0;
    for (const kind of this.#kinds.values()) count += kind.countBefore(order);
    return count;
  }

  #until(order: number): readonly KindAhead[] {
    const ahead: KindAhead[] = [];
    for (const kind of this.#kinds.values()) {
      const work = kind.before(order);
      if (work !== undefined) ahead.push(work);
    }
    return ahead;
  }

  #kind(workload: JobWork['workload'], isTold: boolean, tokens: number): WorkKind {
    const scale = Math.ceil(Math.log2(Math.max(1, tokens)));
    const key = (scale * WORKLOADS.length + WORKLOADS.indexOf(workload)) * 2 + Number(isTold);
    let kind = this.#kinds.get(key);
    if (kind === undefined) {
      for (const [other, { isEmpty }] of this.#kinds) if (isEmpty) this.#kinds.delete(other);
      kind = new WorkKind(workload, isTold);
      this.#kinds.set(key, kind);
    }
    return kind;
  }
}
