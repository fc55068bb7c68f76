// SPDX-License-Identifier: MIT
import type { JobWork } from './service-sample.ts';
import type { WorkAhead } from './start-estimator.ts';
import { WorkKind, type WorkPlace } from './work-kind.ts';

/** The work that stands before any task of a line which anyone may leave: O(log n) for each kind of task in it. */
export class WorkLine {
  readonly #kinds = new Map<string, WorkKind>();
  #nextOrder = 0;

  /** Stands at the end, or before all others. */
  join({ workload, expectedTokens, maxTokens }: JobWork, isFirst: boolean): WorkPlace {
    const isTold = expectedTokens !== undefined && expectedTokens > 0;
    const tokens = isTold ? expectedTokens : maxTokens;
    const kind = this.#kind(workload, isTold, tokens);
    const item = { kind, order: isFirst ? -1 : this.#nextOrder++, tokens, place: 0 };
    kind.join(item);
    return item;
  }

  /** Stops waiting. */
  leave(item: WorkPlace): void {
    item.kind.leave(item);
  }

  /** Everyone. */
  all(): readonly WorkAhead[] {
    return this.#until(this.#nextOrder);
  }

  /** Those in front of `item`; of those who came back, who are few, it knows no order. */
  before({ order }: WorkPlace): readonly WorkAhead[] {
    return order < 0 ? [] : this.#until(order);
  }

  /** The first `wanted`, or all when there are fewer. */
  first(wanted: number): readonly WorkAhead[] {
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

  #until(order: number): readonly WorkAhead[] {
    const ahead: WorkAhead[] = [];
    for (const kind of this.#kinds.values()) {
      const work = kind.before(order);
      if (work !== undefined) ahead.push(work);
    }
    return ahead;
  }

  #kind(workload: JobWork['workload'], isTold: boolean, tokens: number): WorkKind {
    const key = `${workload} ${isTold} ${Math.ceil(Math.log2(Math.max(1, tokens)))}`;
    let kind = this.#kinds.get(key);
    if (kind === undefined) {
      for (const [other, { isEmpty }] of this.#kinds) if (isEmpty) this.#kinds.delete(other);
      kind = new WorkKind(workload, isTold);
      this.#kinds.set(key, kind);
    }
    return kind;
  }
}
