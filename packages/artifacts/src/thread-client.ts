// SPDX-License-Identifier: MIT
import { Worker } from 'node:worker_threads';
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { ThreadAnswer, ThreadCalls, ThreadFault, ThreadRequest, ThreadSettings } from './thread/protocol.ts';

type Pending = Pick<PromiseWithResolvers<unknown>, 'resolve' | 'reject'>;

/** Calls into the thread of the disk. */
export class ThreadClient {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #lastCallId = 0;
  #gone: OrchError | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (answer: ThreadAnswer) => this.#take(answer));
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', () => this.#fail(undefined));
  }

  /** Resolves once the directory is open; rejects STORE_UNAVAILABLE with the reason as its cause when it cannot be. */
  static async open(settings: ThreadSettings): Promise<ThreadClient> {
    // The compiler rewrites import specifiers, not URLs.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const entry = new URL(`./thread/artifacts-thread.${extension}`, import.meta.url);
    const worker = new Worker(entry, { workerData: settings, name: 'artifacts' });
    const client = new ThreadClient(worker);
    try {
      await new Promise((resolve, reject) => client.#pending.set(0, { resolve, reject }));
      return client;
    } catch (error) {
      await worker.terminate();
      throw error;
    }
  }

  /** Asks the thread; `transfer` moves instead of being copied. Rejects with the fault that the thread met. */
  call<Method extends keyof ThreadCalls>(
    method: Method,
    args: Parameters<ThreadCalls[Method]>,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<Awaited<ReturnType<ThreadCalls[Method]>>> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    const callId = ++this.#lastCallId;
    const answered = new Promise<unknown>((resolve, reject) => this.#pending.set(callId, { resolve, reject }));
    this.#worker.postMessage({ callId, method, args } satisfies ThreadRequest, [...transfer]);
    return answered as Promise<Awaited<ReturnType<ThreadCalls[Method]>>>;
  }

  /** Lets the thread close the directory and end. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    await this.call('close', []);
    await ended;
  }

  #take(answer: ThreadAnswer): void {
    const pending = this.#pending.get(answer.callId);
    this.#pending.delete(answer.callId);
    if ('fault' in answer) pending?.reject(toOrchError(answer.fault));
    else pending?.resolve(answer.value);
  }

  #fail(cause: unknown): void {
    this.#gone ??= new OrchError('STORE_UNAVAILABLE', { message: 'The artifact store is closed.', cause });
    for (const { reject } of this.#pending.values()) reject(this.#gone);
    this.#pending.clear();
  }
}

/** A fault of the thread as the error of all packages. */
export function toOrchError({ code, message, details, cause }: ThreadFault): OrchError {
  return new OrchError(code, {
    phase: 'request',
    ...(message === undefined ? {} : { message }),
    ...(details === undefined ? {} : { details }),
    ...(cause === undefined ? {} : { cause }),
  });
}
