// SPDX-License-Identifier: MIT

/** Label values by label name. */
export type Labels = Readonly<Record<string, string>>;

/** One line of a scrape. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  /** Where it is not that of the metric. */
  readonly metricName?: string;
}

/** What stands for one combination of label values. */
interface Cell<Value> {
  readonly labels: Labels;
  value: Value;
}

/** The cells of one metric, found by their label values without building a key: this is done for every event. */
export class Series<Value> {
  readonly #labelNames: readonly string[];
  readonly #first: () => Value;
  readonly #root: Branch<Value> = { next: new Map(), cell: undefined };
  readonly #cells: Cell<Value>[] = [];

  /** Labels that are shown before anything happens, and what a new cell holds. */
  constructor(labelNames: readonly string[], { shown, first }: { shown: readonly Labels[]; first: () => Value }) {
    this.#labelNames = labelNames;
    this.#first = first;
    for (const labels of shown) this.at(labels);
  }

  /** In the order in which they were first asked for. */
  get cells(): readonly Cell<Value>[] {
    return this.#cells;
  }

  /** The cell of these labels; a new one holds what it begins with. */
  at(labels: Labels): Cell<Value> {
    let branch = this.#root;
    for (const name of this.#labelNames) branch = nextOf(branch, labels[name]);
    branch.cell ??= this.#add(labels);
    return branch.cell;
  }

  #add(labels: Labels): Cell<Value> {
    const cell = { labels, value: this.#first() };
    this.#cells.push(cell);
    return cell;
  }
}

interface Branch<Value> {
  /** By the value of the next label. */
  readonly next: Map<string | undefined, Branch<Value>>;
  /** Of the labels that end here. */
  cell: Cell<Value> | undefined;
}

function nextOf<Value>({ next }: Branch<Value>, value: string | undefined): Branch<Value> {
  let branch = next.get(value);
  if (branch === undefined) {
    branch = { next: new Map(), cell: undefined };
    next.set(value, branch);
  }
  return branch;
}
