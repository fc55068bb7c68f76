// SPDX-License-Identifier: MIT

/** Wakes whoever waits for something to become true. */
export class ChangeSignal {
  #waiters: (() => void)[] = [];

  /** Something has changed. */
  notify(): void {
    if (this.#waiters.length === 0) return;
    const woken = this.#waiters;
    this.#waiters = [];
    for (const wake of woken) wake();
  }

  /** Resolves when `met` answers true, asked now and after every change, or when `signal` aborts. */
  async until(met: () => boolean, signal?: AbortSignal): Promise<void> {
    while (!met() && signal?.aborted !== true) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const wake = (): void => resolve(undefined);
      this.#waiters.push(wake);
      signal?.addEventListener('abort', wake, { once: true });
      await promise;
      signal?.removeEventListener('abort', wake);
    }
  }
}
