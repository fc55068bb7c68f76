// SPDX-License-Identifier: MIT

/** When a task starts, as a distribution. */
export interface StartForecast {
  /** Half of the possible starts come before it; milliseconds from now. */
  readonly medianMs: number;
  /** The chance that the start comes within so many milliseconds, from 0 to 1, in hundredths. */
  onTimeProbability(withinMs: number): number;
}

/** The start is now. */
export const STARTS_NOW: StartForecast = { medianMs: 0, onTimeProbability: () => 1 };

/** Every start in `startsMs` is as possible as the others. */
export function forecastOf(startsMs: Float64Array): StartForecast {
  startsMs.sort();
  const middle = startsMs.length >> 1;
  return {
    medianMs: Math.round(((startsMs[middle - 1] ?? 0) + (startsMs[middle] ?? 0)) / 2),
    onTimeProbability: (withinMs) => {
      let count = 0;
      // A start that falls on the limit is in time, whatever the last digit of a sum of fractions is.
      while (count < startsMs.length && (startsMs[count] ?? 0) <= withinMs + ROUNDING_MS) count += 1;
      // Futures that were not drawn are possible too.
      return inHundredths((count + 0.5) / (startsMs.length + 1));
    },
  };
}

/** The start is the sum of many times, so it is spread as sums are. */
export function normalForecast(meanMs: number, deviationMs: number): StartForecast {
  return {
    medianMs: Math.round(meanMs),
    onTimeProbability: (withinMs) => {
      const beyond = withinMs + ROUNDING_MS - meanMs;
      const share = deviationMs > 0 ? normalShare(beyond / deviationMs) : Number(beyond >= 0);
      return inHundredths(Math.min(0.99, Math.max(0.01, share)));
    },
  };
}

const ROUNDING_MS = 1e-6;

function inHundredths(ratio: number): number {
  return Math.round(ratio * 100) / 100;
}

/** Share of a normal distribution below `z` deviations, to 4 digits. */
function normalShare(z: number): number {
  return 1 / (1 + Math.exp(-1.5976 * z - 0.070_56 * z ** 3));
}
