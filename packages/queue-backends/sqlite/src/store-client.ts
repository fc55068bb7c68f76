// SPDX-License-Identifier: MIT
import { Worker } from 'node:worker_threads';
import type {
  FromStore,
  StoreAnswers,
  StoreCall,
  StoreContents,
  StoreFailure,
  StoreSettings,
  ToStore,
} from './protocol.ts';
import { StoreOpenError } from './store-open-error.ts';

/** A call that the store's thread could not carry out; it changed nothing. */
export class StoreCallError extends Error {
  readonly full: boolean;

  constructor({ full, cause }: StoreFailure) {
    super(cause);
    this.name = 'StoreCallError';
    this.full = full;
  }
}

interface PendingCall {
  readonly resolve: (answer: never) => void;
  readonly reject: (fault: Error) => void;
}

/** The main thread's end of the store's thread. */
export class StoreClient {
  readonly #worker: Worker;
  /** In the order of their answers. */
  readonly #calls: PendingCall[] = [];
  readonly #gone = Promise.withResolvers<undefined>();
  #fault: Error | undefined;
  #isGone = false;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('error', (fault: Error) => (this.#fault = fault));
    worker.on('exit', () => this.#end());
  }

  /** Starts the thread and opens the database. Rejects with StoreOpenError. */
  static async open(settings: StoreSettings): Promise<{ client: StoreClient; contents: StoreContents }> {
    // The compiler rewrites import specifiers, not URLs.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const entry = new URL(`./thread/store-thread.${extension}`, import.meta.url);
    const worker = new Worker(entry, { workerData: settings, name: 'store' });
    const client = new StoreClient(worker);
    const opening = Promise.withResolvers<StoreContents>();
    worker.on('message', (message: FromStore) => {
      if (message === undefined) client.#settle(undefined);
      else if (message.type === 'opened') opening.resolve(message.contents);
      else if (message.type === 'refused') {
        opening.reject(new StoreOpenError(message.reason, settings.directory, message.cause));
      } else if (message.type === 'answer') client.#settle(message.answer);
      else client.#fail(message.failure);
    });
    void client.whenGone.then(() => {
      opening.reject(new StoreOpenError('unusable', settings.directory, client.#fault?.message ?? 'its thread ended'));
    });
    try {
      return { client, contents: await opening.promise };
    } catch (fault) {
      // Whoever is told may look at the directory at once.
      await client.whenGone;
      throw fault;
    }
  }

  /** Resolves when the thread has ended, for whatever reason. */
  get whenGone(): Promise<unknown> {
    return this.#gone.promise;
  }

  /** Rejects with StoreCallError when the call failed, and with another error when the thread is gone. */
  call<K extends StoreCall['kind']>(call: Extract<StoreCall, { kind: K }>): Promise<StoreAnswers[K]> {
    const { promise, resolve, reject } = Promise.withResolvers<StoreAnswers[K]>();
    if (this.#isGone) return Promise.reject(this.#goneError());
    this.#calls.push({ resolve, reject });
    this.#worker.postMessage(toSent(call));
    return promise;
  }

  /** Closes the database and ends the thread; resolves when it is gone. */
  async close(): Promise<void> {
    // A thread that is gone has closed everything.
    await this.call({ kind: 'close' }).catch(() => undefined);
    await this.whenGone;
  }

  #settle(answer: unknown): void {
    this.#calls.shift()?.resolve(answer as never);
  }

  #fail(failure: StoreFailure): void {
    this.#calls.shift()?.reject(new StoreCallError(failure));
  }

  #end(): void {
    this.#isGone = true;
    this.#gone.resolve(undefined);
    for (const { reject } of this.#calls.splice(0)) reject(this.#goneError());
  }

  #goneError(): Error {
    return new Error('the thread of the store has ended', { cause: this.#fault });
  }
}

function toSent(call: StoreCall): ToStore {
  return call.kind === 'commit' ? [call.records, call.recordCount, call.at] : call;
}
