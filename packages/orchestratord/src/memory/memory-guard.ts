// SPDX-License-Identifier: MIT
import type { Clock, Logger, Meter } from '@llama-orch/orchestrator-core';
import { OrchError } from '@llama-orch/worker-adapter-api';

/** How long a look holds, in milliseconds: long against what a look costs, short against what fills a heap. */
const FRESH_MS = 200;
/** Share of the heap's limit that may come in before memory is looked at again. */
const FRESH_RATIO = 1 / 256;
/** Share of the heap's limit above which the service is short of memory: V8 may give a heap up that is four fifths full. */
const HEAP_MARK_RATIO = 0.75;
/** Share of a mark below which it is well again, so that it does not change its mind with every look. */
const RELIEF_RATIO = 0.95;

/** One look at the memory of the process, in bytes. */
export interface MemoryReading {
  readonly heapBytes: number;
  readonly residentBytes: number;
}

/** What a guard is made from. */
export interface MemoryGuardOptions {
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly read: () => MemoryReading;
  /** What the heap may hold before the process dies. */
  readonly heapLimitBytes: number;
  /** Resident memory above which the service takes nothing new; absent: the heap alone counts. */
  readonly residentMarkBytes: number | undefined;
}

/**
 * Keeps new work out while memory is short: what runs goes on, and the process lives; ORCH-1344. It looks when somebody
 * asks, so that a service without work has nothing to wake up for.
 */
export class MemoryGuard {
  readonly #options: MemoryGuardOptions;
  readonly #marks: readonly Mark[];
  #short: OrchError | undefined;
  #lookedAtMs = -Infinity;
  /** Announced since then. */
  #incomingBytes = 0;

  constructor(options: MemoryGuardOptions) {
    this.#options = options;
    const { heapLimitBytes, residentMarkBytes, meter } = options;
    this.#marks = [
      { name: 'heap', bytes: heapLimitBytes * HEAP_MARK_RATIO, of: ({ heapBytes }) => heapBytes },
      { name: 'resident', bytes: residentMarkBytes ?? Infinity, of: ({ residentBytes }) => residentBytes },
    ];
    meter.set('memory_pressure', {}, 0);
  }

  /**
   * @param incomingBytes What is about to come in; default 0.
   * @throws OrchError MEMORY_PRESSURE while memory is short.
   */
  readonly check = (incomingBytes = 0): void => {
    const { clock, heapLimitBytes } = this.#options;
    this.#incomingBytes += incomingBytes;
    const isFresh = clock.nowMs() - this.#lookedAtMs < FRESH_MS && this.#incomingBytes <= heapLimitBytes * FRESH_RATIO;
    if (!isFresh) this.look();
    if (this.#short !== undefined) throw this.#short;
  };

  /** Reads memory now. */
  look(): void {
    const { clock, read } = this.#options;
    this.#lookedAtMs = clock.nowMs();
    this.#incomingBytes = 0;
    const reading = read();
    const share = this.#short === undefined ? 1 : RELIEF_RATIO;
    const passed = this.#marks.find((mark) => mark.of(reading) > mark.bytes * share);
    if ((passed === undefined) !== (this.#short === undefined)) this.#change(passed, reading);
  }

  #change(passed: Mark | undefined, { heapBytes, residentBytes }: MemoryReading): void {
    const { logger, meter } = this.#options;
    const figures = { heap_bytes: heapBytes, resident_bytes: residentBytes };
    meter.set('memory_pressure', {}, passed === undefined ? 0 : 1);
    if (passed === undefined) {
      this.#short = undefined;
      logger.log('info', 'Memory is free again: new tasks and streams are accepted.', figures);
      return;
    }
    const details = { limit: Math.floor(passed.bytes), unit: 'bytes', memory: passed.name };
    this.#short = new OrchError('MEMORY_PRESSURE', { phase: 'request', details });
    logger.log('warn', `Memory is short (${passed.name}): new tasks and streams are refused.`, figures);
  }
}

interface Mark {
  readonly name: 'heap' | 'resident';
  readonly bytes: number;
  readonly of: (reading: MemoryReading) => number;
}
