// SPDX-License-Identifier: MIT
import type { MetricLabels, MetricName } from '@llama-orch/api-types';

/** A timer that has been set. */
export interface Timer {
  /** Idempotent; a timer that has fired stays fired. */
  cancel(): void;
}

/** Time comes in through this door, so that a simulation can own it. */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start; never goes back. */
  nowMs(): number;
  /** Wall time in milliseconds since 1970, for people and records; may jump. */
  wallNowMs(): number;
  /** Calls `fire` once after at least `delayMs`; never synchronously. */
  setTimer(delayMs: number, fire: () => void): Timer;
}

/** Randomness; one seeded source replays a whole run. */
export interface Random {
  /** An integer in [0, 2^32). */
  nextUint32(): number;
}

/** Makes ids. */
export interface IdSource {
  /** A fresh UUID in lower case. */
  nextUuid(): string;
}

/** A digest that is fed piece by piece. */
export interface RunningDigest {
  /** Takes the UTF-8 bytes of the next piece. */
  update(text: string): void;
  /** The digest of everything taken so far, as 64 lower-case hex digits; more may be taken afterwards. */
  hex(): string;
}

/** A collision-resistant digest. */
export interface Digest {
  /** `sha256` of the text's UTF-8 bytes, as 64 lower-case hex digits. */
  sha256Hex(text: string): string;
  /** The same digest of a text that is never held as a whole. */
  startSha256(): RunningDigest;
}

/** How much a log line matters. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Fields of a log line; never prompts, never secrets. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Structured log. */
export interface Logger {
  /** `human` is one short plain-English sentence. */
  log(level: LogLevel, human: string, fields: LogFields): void;
}

/** Metrics of the closed list in `contracts/metrics.yaml`; label values come from configuration, never from clients. */
export interface Meter {
  /** Adds to a counter. */
  add<N extends MetricName>(name: N, labels: MetricLabels[N], amount: number): void;
  /** Sets a gauge. */
  set<N extends MetricName>(name: N, labels: MetricLabels[N], value: number): void;
  /** Records one observation of a histogram. */
  observe<N extends MetricName>(name: N, labels: MetricLabels[N], value: number): void;
}

/** Everything core takes from outside. */
export interface CorePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: IdSource;
  readonly digest: Digest;
  readonly logger: Logger;
  readonly meter: Meter;
}

/** Something that runs. Stop before start, double start and double stop are legal. */
export interface Service {
  /** Resolves when it is ready to serve; rejects when it cannot be. */
  start(signal: AbortSignal): Promise<void>;
  /** Resolves when nothing of it runs any more. */
  stop(reason: string): Promise<void>;
}
