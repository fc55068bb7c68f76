// SPDX-License-Identifier: MIT
import { FUTURES, orderOf } from './futures.ts';
import { LengthCurve, type MeasuredLength, type Moments } from './length-curve.ts';
import type { JobWork, ServiceSample } from './service-sample.ts';

/** Fewer jobs say nothing that could be believed. */
export const MIN_SAMPLES = 3;
/** Jobs that say how fast the engine is now; what clients ask for changes less, and all samples say it. */
const PACE_COUNT = 16;
/** A job that has given so many tokens shows its own pace. */
const OWN_PACE_TOKENS = 8;
/** Puts lengths and paces together that have nothing to do with each other. */
const PAIRS = orderOf(0);

/** How far a job has come. */
export interface JobProgress {
  readonly elapsedMs: number;
  /** From its start to its first token; absent before that. */
  readonly firstTokenMs?: number;
  readonly tokens: number;
}

/** What the latest jobs of one workload say about another one. Immutable. */
export class ServiceModel {
  readonly #samples: readonly ServiceSample[];
  /** Milliseconds for each further token, of the latest jobs. */
  readonly #paces: readonly number[];
  readonly #firstTokenMs: LengthCurve;
  readonly #msPerToken: LengthCurve;
  readonly #tokens: LengthCurve;
  /** Tokens that came over tokens that the client expected; undefined while too few clients said. */
  readonly #ratios: LengthCurve | undefined;

  /** `samples`: the oldest first. */
  constructor(samples: readonly ServiceSample[]) {
    this.#samples = samples;
    this.#paces = pacesOf(samples.slice(-PACE_COUNT));
    this.#firstTokenMs = new LengthCurve(samples.map(({ firstTokenMs }) => whole(firstTokenMs)));
    this.#msPerToken = new LengthCurve(this.#paces.map(whole));
    this.#tokens = new LengthCurve(samples.map(({ tokensOut, isCut }) => ({ length: tokensOut, isCut })));
    const told = samples.flatMap(({ tokensOut, isCut, expectedTokens = 0 }): readonly MeasuredLength[] =>
      expectedTokens > 0 ? [{ length: tokensOut / expectedTokens, isCut }] : [],
    );
    this.#ratios = told.length < MIN_SAMPLES ? undefined : new LengthCurve(told);
  }

  /** Jobs it rests on. */
  get sampleCount(): number {
    return this.#samples.length;
  }

  /** Possible service times of a job that has not started, one for each of the {@link FUTURES}. */
  possibleMs(work: JobWork): Float64Array {
    const tokens = this.#possibleTokens(work, -1);
    for (let k = 0; k < FUTURES; k++) {
      const firstMs = likeOf(this.#samples, k)?.firstTokenMs ?? 0;
      tokens[k] = firstMs + this.#pace(k) * furtherTokens(tokens[k]);
    }
    return tokens;
  }

  /** Possible times for which a job goes on. */
  possibleRemainingMs(work: JobWork, { elapsedMs, firstTokenMs, tokens }: JobProgress): Float64Array {
    if (firstTokenMs === undefined) return this.#possibleFromPrefillMs(work, elapsedMs);
    const possible = this.#possibleTokens(work, tokens);
    const ownPace = tokens >= OWN_PACE_TOKENS ? (elapsedMs - firstTokenMs) / madeAfterFirst(tokens) : undefined;
    for (let k = 0; k < FUTURES; k++) {
      possible[k] = tokensLeft(possible[k], tokens) * (ownPace ?? this.#pace(k));
    }
    return possible;
  }

  /** Mean and variance of the service time of a job that has not started. */
  moments(work: JobWork): Moments {
    return this.#withPace(this.#firstTokenMs.moments() ?? NOTHING, afterFirst(this.#tokenMoments(work, -1)));
  }

  /** Mean and variance of the time for which a job goes on. */
  remainingMoments(work: JobWork, { elapsedMs, firstTokenMs, tokens }: JobProgress): Moments {
    if (firstTokenMs === undefined) {
      const whole = this.#firstTokenMs.moments(Infinity, elapsedMs);
      const left = whole === undefined ? NOTHING : { mean: whole.mean - elapsedMs, variance: whole.variance };
      return this.#withPace(left, afterFirst(this.#tokenMoments(work, -1)));
    }
    const whole = this.#tokenMoments(work, tokens);
    const left = { mean: tokensLeft(whole.mean, tokens), variance: whole.variance };
    if (tokens < OWN_PACE_TOKENS) return this.#withPace(NOTHING, left);
    const pace = (elapsedMs - firstTokenMs) / madeAfterFirst(tokens);
    return { mean: left.mean * pace, variance: left.variance * pace * pace };
  }

  #possibleFromPrefillMs(work: JobWork, elapsedMs: number): Float64Array {
    const firstMs = this.#firstTokenMs.quantiles(FUTURES, elapsedMs) ?? longerThan(elapsedMs, this.#firstTokenMs);
    const tokens = this.#possibleTokens(work, -1);
    for (let k = 0; k < FUTURES; k++) {
      const other = PAIRS[k] ?? 0;
      tokens[k] = (firstMs[other] ?? 0) - elapsedMs + this.#pace(k) * furtherTokens(tokens[k]);
    }
    return tokens;
  }

  #possibleTokens({ expectedTokens, maxTokens }: JobWork, floor: number): Float64Array {
    const told = this.#possibleTold(expectedTokens, floor);
    // ORCH-3153: a job that outlived its expectation is a job like any other.
    const tokens = told ?? this.#tokens.quantiles(FUTURES, floor) ?? longerThan(floor, this.#tokens);
    for (let k = 0; k < FUTURES; k++) tokens[k] = Math.min(maxTokens, tokens[k] ?? 0);
    return tokens;
  }

  #possibleTold(expectedTokens: number | undefined, floor: number): Float64Array | undefined {
    if (expectedTokens === undefined || expectedTokens === 0) return undefined;
    if (this.#ratios !== undefined) {
      return this.#ratios.quantiles(FUTURES, floor / expectedTokens)?.map((ratio) => ratio * expectedTokens);
    }
    return expectedTokens > floor ? new Float64Array(FUTURES).fill(expectedTokens) : undefined;
  }

  #tokenMoments({ expectedTokens, maxTokens }: JobWork, floor: number): Moments {
    if (expectedTokens !== undefined && expectedTokens > 0) {
      if (this.#ratios === undefined && expectedTokens > floor) {
        return { mean: Math.min(maxTokens, expectedTokens), variance: 0 };
      }
      const ratio = this.#ratios?.moments(maxTokens / expectedTokens, floor / expectedTokens);
      if (ratio !== undefined) {
        return { mean: ratio.mean * expectedTokens, variance: ratio.variance * expectedTokens ** 2 };
      }
    }
    return this.#tokens.moments(maxTokens, floor) ?? { mean: Math.min(maxTokens, floor), variance: 0 };
  }

  #withPace(firstMs: Moments, tokens: Moments): Moments {
    const pace = this.#msPerToken.moments() ?? NOTHING;
    const variance =
      pace.mean ** 2 * tokens.variance + tokens.mean ** 2 * pace.variance + pace.variance * tokens.variance;
    return { mean: firstMs.mean + pace.mean * tokens.mean, variance: firstMs.variance + variance };
  }

  /** Milliseconds for each further token in one of the {@link FUTURES}. */
  #pace(future: number): number {
    return likeOf(this.#paces, future) ?? 0;
  }
}

const HALF_MADE = 0.5;
const NOTHING: Moments = { mean: 0, variance: 0 };

/** Longer than the longest: no longer for jobs of equal length, as long again for memoryless ones. */
function longerThan(length: number, curve: LengthCurve): Float64Array {
  const deviation = Math.sqrt((curve.moments() ?? NOTHING).variance);
  return Float64Array.from({ length: FUTURES }, (_, k) => length - deviation * Math.log(1 - (k + 0.5) / FUTURES));
}

function whole(length: number): MeasuredLength {
  return { length, isCut: false };
}

function furtherTokens(tokens = 0): number {
  return Math.max(0, tokens - 1);
}

/** Whenever one looks, half of the next token is made. */
function madeAfterFirst(tokens: number): number {
  return tokens - 1 + HALF_MADE;
}

function tokensLeft(whole = 0, tokens: number): number {
  return Math.max(0, whole - tokens - HALF_MADE);
}

function afterFirst({ mean, variance }: Moments): Moments {
  return { mean: furtherTokens(mean), variance };
}

/** That of a past job, for one of the {@link FUTURES}. */
function likeOf<T>(values: readonly T[], future: number): T | undefined {
  return values[Math.floor((((PAIRS[future] ?? 0) + 0.5) / FUTURES) * values.length)];
}

/** A job of a few tokens says little about further ones, and is taken to be like all together. */
function pacesOf(samples: readonly ServiceSample[]): readonly number[] {
  let totalMs = 0;
  let totalTokens = 0;
  for (const { serviceTimeMs, firstTokenMs, tokensOut } of samples) {
    totalMs += serviceTimeMs - firstTokenMs;
    totalTokens += furtherTokens(tokensOut);
  }
  const usualPace = totalTokens === 0 ? 0 : totalMs / totalTokens;
  return samples.map(({ serviceTimeMs, firstTokenMs, tokensOut }) =>
    tokensOut > OWN_PACE_TOKENS ? (serviceTimeMs - firstTokenMs) / furtherTokens(tokensOut) : usualPace,
  );
}
