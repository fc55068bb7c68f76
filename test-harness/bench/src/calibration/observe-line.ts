// SPDX-License-Identifier: MIT
import type { Arrival } from './scenarios.ts';
import type { Observation } from './score.ts';

/** What was told of a task right after its submit. */
export interface Told {
  /** Whether it had to wait. */
  readonly waits: boolean;
  readonly position: number;
  readonly predictedMs: number | undefined;
  readonly onTimeProbability: number | undefined;
  /** Mean service time measured until then. */
  readonly meanServiceMs: number;
  /** How long it waited; undefined when it did not start. Resolves once it has ended. */
  readonly waitedMs: Promise<number | undefined>;
}

/** A queue to be observed. */
export interface Line {
  /** Undefined for a task that was not let in. */
  readonly submit: (arrival: Arrival) => Promise<Told | undefined>;
  /** Resolves after so many milliseconds of the line's time. */
  readonly sleep: (forMs: number) => Promise<void>;
}

/** Sends all tasks to the line as they arrive; answers what became of those that had to wait, in the order of arrival. */
export async function observeLine(line: Line, arrivals: readonly Arrival[]): Promise<readonly Observation[]> {
  const observed = await Promise.all(
    arrivals.map(async (arrival) => {
      await line.sleep(arrival.atMs);
      const told = await line.submit(arrival);
      const waitedMs = await told?.waitedMs;
      // A slot that was free to take is no prediction.
      return told?.waits === true ? observationOf(arrival, told, waitedMs) : undefined;
    }),
  );
  return observed.filter((observation) => observation !== undefined);
}

function observationOf({ deadlineMs }: Arrival, told: Told, waitedMs: number | undefined): Observation {
  const { position, meanServiceMs, predictedMs, onTimeProbability } = told;
  return {
    position,
    meanServiceMs,
    ...(predictedMs === undefined ? {} : { predictedMs }),
    ...(onTimeProbability === undefined ? {} : { onTimeProbability }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(waitedMs === undefined ? {} : { waitedMs }),
  };
}
