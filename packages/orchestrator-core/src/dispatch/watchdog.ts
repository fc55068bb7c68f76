// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { Clock } from '../ports.ts';
import { SharedRounds } from './shared-rounds.ts';

/** How long the engine of one pool may take over a job; an absent limit is none. */
export interface WatchdogLimits {
  /** For the whole execution, in milliseconds. */
  readonly wallMs?: number;
  /** Between two signs of life, in milliseconds. */
  readonly idleMs?: number;
  /** Until the first sign of life, in milliseconds. Default `idleMs`. */
  readonly firstTokenMs?: number;
  /** How long an aborted engine may take to free its slot, in milliseconds; default that of the orchestrator. */
  readonly abortGraceMs?: number;
}

/** Which limit a job ran into. */
export type WatchdogLimit = 'wall' | 'idle' | 'first_token';

/** A run that is watched. */
export interface WatchedRun {
  /** Grows with everything the engine gives; 0 before the first. */
  readonly progress: number;
  /** Whether the engine says nothing before its end by nature: then only the whole execution is limited. */
  readonly isSilent: boolean;
  /** Ends it with this error. */
  expire(error: OrchError): void;
}

/** What a watchdog is made with. */
export interface WatchdogOptions {
  readonly clock: Clock;
  readonly limits: WatchdogLimits;
  readonly onExpire: (limit: WatchdogLimit) => void;
}

/** Looks within the shortest limit: each may be passed by two looks, so by a tenth of it. */
const LOOKS_PER_LIMIT = 20;
const MAX_LOOK_MS = 1_000;
/** A look that comes later than this tells of a process that stood still, not of an engine. */
const LATENESS_MS = 250;

const unwatchNothing = (): void => undefined;

interface Watch {
  readonly run: WatchedRun;
  progress: number;
  runningMs: number;
  silentMs: number;
  lookedAtMs: number;
}

/**
 * Watches the runs of one pool in rounds that they share, and does nothing per token, because a look at how far a run has
 * come tells whether it moved since the last one.
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #lookMs: number;
  readonly #rounds: SharedRounds<Watch>;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    const { wallMs = Infinity, idleMs = Infinity, firstTokenMs = idleMs } = options.limits;
    const shortestMs = Math.min(wallMs, idleMs, firstTokenMs);
    this.#lookMs = shortestMs === Infinity ? Infinity : Math.min(MAX_LOOK_MS, shortestMs / LOOKS_PER_LIMIT);
    const look = (watch: Watch, nowMs: number): void => this.#look(watch, nowMs);
    this.#rounds = new SharedRounds({ clock: options.clock, intervalMs: this.#lookMs, look });
  }

  /** Watches a run until the returned function is called. */
  watch(run: WatchedRun): () => void {
    if (this.#lookMs === Infinity) return unwatchNothing;
    const lookedAtMs = this.#options.clock.nowMs();
    const watch: Watch = { run, progress: 0, runningMs: 0, silentMs: 0, lookedAtMs };
    this.#rounds.add(watch);
    return () => this.#rounds.delete(watch);
  }

  #look(watch: Watch, nowMs: number): void {
    // ORCH-1293: time in which this process stood still says nothing about the engine.
    const passedMs = Math.min(nowMs - watch.lookedAtMs, this.#lookMs + LATENESS_MS);
    const { progress } = watch.run;
    watch.lookedAtMs = nowMs;
    watch.runningMs += passedMs;
    watch.silentMs = progress === watch.progress ? watch.silentMs + passedMs : 0;
    watch.progress = progress;
    this.#judge(watch);
  }

  /** ORCH-1290: a job whose engine takes too long is aborted. */
  #judge(watch: Watch): void {
    const { wallMs = Infinity, idleMs = Infinity, firstTokenMs = idleMs } = this.#options.limits;
    const quiet: WatchdogLimit = watch.progress === 0 ? 'first_token' : 'idle';
    const quietMs = quiet === 'idle' ? idleMs : firstTokenMs;
    if (!watch.run.isSilent && watch.silentMs >= quietMs) this.#expire(watch, quiet, quietMs);
    else if (watch.runningMs >= wallMs) this.#expire(watch, 'wall', wallMs);
  }

  #expire(watch: Watch, limit: WatchdogLimit, limitMs: number): void {
    this.#rounds.delete(watch);
    this.#options.onExpire(limit);
    watch.run.expire(
      new OrchError('DECODE_TIMEOUT', {
        message: SENTENCES[limit],
        phase: 'running',
        details: { reason: `${limit}_timeout`, limit_ms: limitMs },
      }),
    );
  }
}

const SENTENCES: Readonly<Record<WatchdogLimit, string>> = {
  wall: 'The job ran longer than it may, and was aborted.',
  idle: 'The engine gave no further token in time, and the job was aborted.',
  first_token: 'The engine gave no first token in time, and the job was aborted.',
};
