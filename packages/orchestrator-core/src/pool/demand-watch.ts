// SPDX-License-Identifier: MIT

/** Tells listeners that something has changed, once for everything that changes in one turn. */
export class DemandWatch {
  readonly #listeners = new Set<() => void>();
  #isDue = false;

  /** Something has changed. Costs next to nothing while nobody listens. */
  readonly note = (): void => {
    if (this.#isDue || this.#listeners.size === 0) return;
    this.#isDue = true;
    void Promise.resolve().then(() => {
      this.#isDue = false;
      for (const listener of this.#listeners) listener();
    });
  };

  /** Calls back until the returned function is called. */
  watch(listener: () => void): () => void {
    const own = (): void => listener();
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }
}
