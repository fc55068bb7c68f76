// SPDX-License-Identifier: MIT

/** Lets a test wait for what happens inside, instead of sleeping. Values are kept until they are taken, in order. */
export class TestSignal<T = void> {
  readonly #values: T[] = [];
  readonly #takers: ((value: T) => void)[] = [];

  /** Something happened. */
  readonly emit = (value: T): void => {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#values.push(value);
    else taker(value);
  };

  /** What happened next; waits for it. */
  async next(): Promise<T> {
    if (this.#values.length > 0) return this.#values.shift() as T;
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  /** The next that fits; those before it are dropped. */
  async nextWhere(fits: (value: T) => boolean): Promise<T> {
    let value = await this.next();
    while (!fits(value)) value = await this.next();
    return value;
  }

  /** What happened and was not taken. */
  get pending(): readonly T[] {
    return this.#values;
  }
}
