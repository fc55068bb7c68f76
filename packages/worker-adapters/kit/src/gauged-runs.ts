// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { proveReleased, type Sight } from './prove-released.ts';

/** A generation on its way. */
export interface GaugedRun {
  /** True once the engine has begun to answer. */
  readonly hasStarted: boolean;
}

/** What {@link GaugedRuns} needs. */
export interface GaugedRunsOptions {
  /** How many requests the engine works on; undefined where it does not tell, or tells those of others too. */
  readonly countRunning: (signal: AbortSignal) => Promise<number | undefined>;
  /** Ends every wait: the adapter is being closed. */
  readonly closing: AbortSignal;
  /** Milliseconds in which the engine notices a closed connection. */
  readonly noticeMs: number;
  /** Milliseconds after which the work on an aborted run counts as stuck. Default 30,000. */
  readonly limitMs?: number | undefined;
}

const DEFAULT_LIMIT_MS = 30_000;
/** How long a fault waits for its slot before it is told. */
const FAULT_LIMIT_MS = 1_000;

/**
 * The runs on an engine that has no cancel and shows no slots, but how many requests it works on: one whose connection was
 * closed is over when no more are at work than the other runs that have begun (ORCH-4079).
 */
export class GaugedRuns {
  readonly #options: GaugedRunsOptions;
  /** Runs nobody has cut, and when they were sent, in milliseconds. */
  readonly #wanted = new Map<GaugedRun, number>();

  constructor(options: GaugedRunsOptions) {
    this.#options = options;
  }

  /** Settles like `generate`, but where that was cut not before the engine has let go of it. */
  async run<T>(run: GaugedRun, signal: AbortSignal, generate: () => Promise<T>): Promise<T> {
    this.#wanted.set(run, performance.now());
    try {
      return await generate();
    } catch (error) {
      this.#wanted.delete(run);
      if (signal.aborted) await this.#released(run, this.#options.limitMs ?? DEFAULT_LIMIT_MS);
      // After a fault the fault is the news, whether the engine lets go in time or not.
      else if (mayGoOn(error)) await this.#released(run, FAULT_LIMIT_MS).catch(() => undefined);
      throw error;
    } finally {
      this.#wanted.delete(run);
    }
  }

  #released({ hasStarted }: GaugedRun, limitMs: number): Promise<void> {
    const { closing, noticeMs } = this.#options;
    return proveReleased({ look: (signal) => this.#look(signal), hasStarted, closing, noticeMs, limitMs });
  }

  async #look(signal: AbortSignal): Promise<Sight> {
    const count = await this.#options.countRunning(signal);
    if (count === undefined) return 'unknown';
    return count > this.#begunCount() ? 'busy' : 'free';
  }

  /** The engine may let a run wait or read a long prompt for it; once it had time to take it, it has. */
  #begunCount(): number {
    const takenBeforeMs = performance.now() - this.#options.noticeMs;
    return [...this.#wanted].filter(([{ hasStarted }, sentMs]) => hasStarted || sentMs <= takenBeforeMs).length;
  }
}

/** An engine that refused a request has not begun it; one that was given up may still be at it. */
function mayGoOn(error: unknown): boolean {
  return OrchError.is(error) && (error.code === 'WORKER_RESET' || error.code === 'DECODE_TIMEOUT');
}
