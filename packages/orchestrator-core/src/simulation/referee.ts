// SPDX-License-Identifier: MIT

/** An invariant that did not hold; its message says which, and by what. */
export class Violation extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Violation';
  }
}

/** Remembers the first broken rule, also where the code under test would swallow the throw. */
export class Referee {
  #violation: Violation | undefined;

  /** The first broken rule. */
  get violation(): Violation | undefined {
    return this.#violation;
  }

  /** Throws a {@link Violation} unless `holds`. */
  demand(holds: boolean, message: string): asserts holds {
    if (holds) return;
    this.#violation ??= new Violation(message);
    throw this.#violation;
  }

  /** Throws the first broken rule, if there is one. */
  check(): void {
    if (this.#violation !== undefined) throw this.#violation;
  }

  /** Takes the fault of something nobody waits for. */
  readonly blame = (fault: unknown): void => {
    this.#violation ??= new Violation(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
  };
}
