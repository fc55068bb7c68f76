// SPDX-License-Identifier: MIT

/** Resolves when something has happened so many times, or can happen no more. */
export class Countdown {
  readonly #reached = Promise.withResolvers<'reached' | 'never'>();
  #left: number;

  constructor(count: number) {
    this.#left = count;
  }

  /** `never` when it was given up before. */
  get reached(): Promise<'reached' | 'never'> {
    return this.#reached.promise;
  }

  /** It happened once more. */
  count(): void {
    this.#left -= 1;
    if (this.#left <= 0) this.#reached.resolve('reached');
  }

  /** It will not happen any more. */
  giveUp(): void {
    this.#reached.resolve('never');
  }
}
