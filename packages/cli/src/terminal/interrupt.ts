// SPDX-License-Identifier: MIT

/** The first interrupt asks for an orderly end, the second one ends at once. */
export interface Interrupt {
  /** Tells that an interrupt came. */
  readonly signal: () => void;
  /** Aborts on the second interrupt. */
  readonly hard: AbortSignal;
  /** What the first interrupt starts; at once when it has already come. */
  onFirst(start: () => Promise<void>): void;
  hasFired(): boolean;
  /** Resolves when what the first interrupt started is done. */
  settled(): Promise<void>;
}

/** No interrupt so far. */
export function createInterrupt(): Interrupt {
  const hard = new AbortController();
  let count = 0;
  let start: (() => Promise<void>) | undefined;
  let work: Promise<void> | undefined;
  const begin = (): void => {
    if (count === 0 || start === undefined || work !== undefined) return;
    work = start();
    work.catch(() => undefined); // `settled` reports it.
  };
  return {
    signal() {
      count += 1;
      if (count > 1) hard.abort(new Error('Interrupted twice'));
      else begin();
    },
    hard: hard.signal,
    onFirst(first) {
      start = first;
      begin();
    },
    hasFired: () => count > 0,
    settled: async () => work,
  };
}
