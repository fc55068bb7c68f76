// SPDX-License-Identifier: MIT

const END_REQUESTED = 0;
const BUSY_COUNT = 1;
const FIELD_COUNT = 2;

/**
 * What main thread and engine thread know of each other without messages. Ending a process while llama.cpp computes aborts
 * it (SIGABRT in the binding's teardown), and when a process exits no message is delivered any more; so the exiting main
 * thread asks here for an end and waits here for it.
 */
export class EngineActivity {
  /** To be handed to the other thread, which makes its own EngineActivity of it. */
  readonly memory: SharedArrayBuffer;
  readonly #fields: Int32Array;

  constructor(memory = new SharedArrayBuffer(FIELD_COUNT * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#fields = new Int32Array(memory);
  }

  /** Counts a piece of work in, before the engine thread hears of it. */
  begin(): void {
    Atomics.add(this.#fields, BUSY_COUNT, 1);
  }

  /** Counts it out, once no native call of it is under way. */
  end(): void {
    Atomics.sub(this.#fields, BUSY_COUNT, 1);
    Atomics.notify(this.#fields, BUSY_COUNT);
  }

  /** True once all work has to end. */
  get endRequested(): boolean {
    return Atomics.load(this.#fields, END_REQUESTED) === 1;
  }

  /** Asks for the end of all work and blocks until it has come, at most `limitMs`. */
  endNow(limitMs: number): void {
    Atomics.store(this.#fields, END_REQUESTED, 1);
    const deadline = performance.now() + limitMs;
    for (let busy = this.#busyCount(); busy > 0 && performance.now() < deadline; busy = this.#busyCount()) {
      Atomics.wait(this.#fields, BUSY_COUNT, busy, deadline - performance.now());
    }
  }

  #busyCount(): number {
    return Atomics.load(this.#fields, BUSY_COUNT);
  }
}

/** How long an exiting process waits for one engine. */
const EXIT_LIMIT_MS = 2_000;
const guarded = new Set<EngineActivity>();

/** Lets the process exit only when this engine computes nothing; returns how to stop guarding. */
export function guardExit(activity: EngineActivity): () => void {
  if (guarded.size === 0) process.on('exit', endAll);
  guarded.add(activity);
  return () => {
    guarded.delete(activity);
    if (guarded.size === 0) process.off('exit', endAll);
  };
}

function endAll(): void {
  for (const activity of guarded) activity.endNow(EXIT_LIMIT_MS);
}
