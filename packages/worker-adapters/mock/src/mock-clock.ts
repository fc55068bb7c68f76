// SPDX-License-Identifier: MIT

/** The part of core's `Clock` the mock needs; a virtual clock fits as it is. */
export interface MockClock {
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** Calls `fire` once after at least `delayMs`; never synchronously. */
  setTimer(delayMs: number, fire: () => void): { cancel(): void };
}

/** The process's own time. */
export const processClock: MockClock = {
  nowMs: () => performance.now(),
  setTimer(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};
