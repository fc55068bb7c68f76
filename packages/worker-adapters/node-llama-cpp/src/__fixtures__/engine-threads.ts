// SPDX-License-Identifier: MIT
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';

/** The engine threads started since. */
export interface EngineThreads extends Disposable {
  /** Ends them from outside, as a crash would. */
  endAll(): Promise<void>;
}

/** Collects the threads that are started until it is disposed; they can be ended later, too. */
export function watchEngineThreads(): EngineThreads {
  const threads: Worker[] = [];
  const collect = (message: unknown): void => void threads.push((message as { worker: Worker }).worker);
  subscribe('worker_threads', collect);
  return {
    async endAll() {
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
    [Symbol.dispose]: () => void unsubscribe('worker_threads', collect),
  };
}
