// SPDX-License-Identifier: MIT

/** What was predicted for one task that had to wait, and what came of it. */
export interface Observation {
  /** Tasks that started before it, as told at its admission. */
  readonly position: number;
  /** Mean service time measured until then. */
  readonly meanServiceMs: number;
  /** Absent where the service left it out. */
  readonly predictedMs?: number;
  readonly onTimeProbability?: number;
  readonly deadlineMs?: number;
  /** Absent for a task that did not start. */
  readonly waitedMs?: number;
}

/** How wrong one way of predicting was. */
export interface Errors {
  /** Mean absolute error of the predicted start. */
  readonly startMs: number;
  /** Mean squared error of the chance to start in time: 0 is perfect, 0.25 is a coin. */
  readonly brier: number;
}

/** The service beside what is obvious. */
export interface Scores {
  readonly service: Errors;
  /** Position times mean service time. */
  readonly positionMean: Errors;
  /** The mean of the waits so far, and the share of those in time so far. */
  readonly constant: Errors;
  readonly startCount: number;
  readonly deadlineCount: number;
  /** Tasks for which the service said nothing. */
  readonly omittedCount: number;
}

/** Scores all observations, which stand in the order of admission. */
export function scoreOf(observations: readonly Observation[]): Scores {
  const start = { service: new Mean(), positionMean: new Mean(), constant: new Mean() };
  const brier = { service: new Mean(), positionMean: new Mean(), constant: new Mean() };
  const waits = new Mean();
  const inTime = new Mean();
  let omittedCount = 0;
  for (const { position, meanServiceMs, predictedMs, onTimeProbability, deadlineMs, waitedMs } of observations) {
    const obviousMs = position * meanServiceMs;
    if (predictedMs === undefined) omittedCount += 1;
    else if (waitedMs !== undefined && deadlineMs === undefined) {
      if (waits.count > 0) {
        start.service.add(Math.abs(predictedMs - waitedMs));
        start.positionMean.add(Math.abs(obviousMs - waitedMs));
        start.constant.add(Math.abs(waits.mean - waitedMs));
      }
      waits.add(waitedMs);
    }
    if (deadlineMs === undefined || onTimeProbability === undefined) continue;
    const came = waitedMs !== undefined && waitedMs <= deadlineMs ? 1 : 0;
    if (inTime.count > 0) {
      brier.service.add((onTimeProbability - came) ** 2);
      brier.positionMean.add((Number(obviousMs <= deadlineMs) - came) ** 2);
      brier.constant.add((inTime.mean - came) ** 2);
    }
    inTime.add(came);
  }
  const errorsOf = (way: 'service' | 'positionMean' | 'constant'): Errors => ({
    startMs: start[way].mean,
    brier: brier[way].mean,
  });
  return {
    service: errorsOf('service'),
    positionMean: errorsOf('positionMean'),
    constant: errorsOf('constant'),
    startCount: start.service.count,
    deadlineCount: brier.service.count,
    omittedCount,
  };
}

class Mean {
  count = 0;
  #sum = 0;

  add(value: number): void {
    this.count += 1;
    this.#sum += value;
  }

  get mean(): number {
    return this.#sum / Math.max(1, this.count);
  }
}
