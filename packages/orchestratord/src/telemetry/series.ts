// SPDX-License-Identifier: MIT

/** Label values by label name. */
type Labels = Readonly<Record<string, string>>;

/** The number that stands for one combination of label values. */
interface Cell {
  readonly labels: Labels;
  value: number;
}

/** The cells of one metric, found by their label values without building a key: this is done for every event. */
export class Series {
  readonly #labelNames: readonly string[];
  readonly #root: Branch = { next: new Map(), cell: undefined };
  readonly #cells: Cell[] = [];

  constructor(labelNames: readonly string[]) {
    this.#labelNames = labelNames;
  }

  /** In the order in which they were first asked for. */
  get cells(): readonly Cell[] {
    return this.#cells;
  }

  /** The cell of these labels; a new one begins at 0. */
  at(labels: Labels): Cell {
    let branch = this.#root;
    for (const name of this.#labelNames) branch = nextOf(branch, labels[name]);
    branch.cell ??= this.#add(labels);
    return branch.cell;
  }

  #add(labels: Labels): Cell {
    const cell = { labels, value: 0 };
    this.#cells.push(cell);
    return cell;
  }
}

interface Branch {
  /** By the value of the next label. */
  readonly next: Map<string | undefined, Branch>;
  /** Of the labels that end here. */
  cell: Cell | undefined;
}

function nextOf({ next }: Branch, value: string | undefined): Branch {
  let branch = next.get(value);
  if (branch === undefined) {
    branch = { next: new Map(), cell: undefined };
    next.set(value, branch);
  }
  return branch;
}
