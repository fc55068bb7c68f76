// SPDX-License-Identifier: MIT
import { setImmediate as turn } from 'node:timers/promises';
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { JobTrace } from './artifact.ts';
import { soundText } from './canonical-content.ts';
import { toOrchError, type ThreadClient } from './thread-client.ts';
import type { SealedTrace } from './thread/protocol.ts';

/** Most traces of one commit. */
const MAX_TRACES = 512;
/** Traces wait so long for others, so that many share a commit; who reads does not wait so long. */
const LINGER_MS = 5_000;
/** Traces made in one turn of the event loop, so that no stream is held up. */
const SLICE = 16;
/** A message is closed once its contents are this large, so that one commit never takes long. */
const MAX_LENGTH = 8 * 1024 * 1024;
/** Traces that may wait for the disk, so that memory stays bounded. */
const MAX_PENDING = 10_000;

/** Groups the traces of ended jobs into commits; nobody waits for one of them, so each costs next to nothing by itself. */
export class JobBatches {
  readonly #thread: ThreadClient;
  readonly #wallNowMs: () => number;
  /** Commits that are gathered or on their way. */
  readonly #commits = new Set<Promise<void>>();
  /** Those that wait for the one commit that is gathered. */
  #gathered: JobTrace[] = [];
  #gathering: Promise<void> | undefined;
  #endLinger: (() => void) | undefined;
  #pendingCount = 0;

  constructor(thread: ThreadClient, wallNowMs: () => number) {
    this.#thread = thread;
    this.#wallNowMs = wallNowMs;
  }

  /** One promise for all traces of a commit; it rejects when one of them cannot be stored. */
  add(trace: JobTrace): Promise<void> {
    if (this.#pendingCount >= MAX_PENDING) {
      return Promise.reject(new OrchError('STORE_UNAVAILABLE', { message: 'Too many traces wait for the disk.' }));
    }
    this.#pendingCount += 1;
    this.#gathered.push(trace);
    this.#gathering ??= this.#gather();
    if (this.#gathered.length === MAX_TRACES) this.#endLinger?.();
    return this.#gathering;
  }

  /** Resolves when all that was added until now is committed or refused. */
  async flush(): Promise<void> {
    this.#endLinger?.();
    // What is wrong with it is told to who has added it.
    await Promise.allSettled(this.#commits);
  }

  #gather(): Promise<void> {
    const commit = this.#linger().then(() => {
      const traces = this.#gathered;
      this.#gathered = [];
      this.#gathering = undefined;
      return this.#store(traces);
    });
    const done = commit.finally(() => this.#commits.delete(done));
    this.#commits.add(done);
    return done;
  }

  async #linger(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LINGER_MS);
    this.#endLinger = resolve;
    await promise;
    clearTimeout(timer);
    this.#endLinger = undefined;
  }

  async #store(traces: readonly JobTrace[]): Promise<void> {
    const faults: unknown[] = [];
    let sealed: SealedTrace[] = [];
    let length = 0;
    for (const [place, { jobId, taskId, content }] of traces.entries()) {
      if (place % SLICE === SLICE - 1) await turn();
      try {
        const text = soundText(content());
        sealed.push([jobId, taskId, text]);
        length += text.length;
      } catch (fault) {
        faults.push(fault);
      }
      if (length < MAX_LENGTH) continue;
      faults.push(...(await this.#send(sealed)));
      [sealed, length] = [[], 0];
    }
    faults.push(...(await this.#send(sealed)));
    this.#pendingCount -= traces.length;
    if (faults.length > 0) throw faults[0];
  }

  /** What kept the traces from being stored. */
  async #send(sealed: readonly SealedTrace[]): Promise<readonly unknown[]> {
    try {
      return (await this.#thread.call('keep', [sealed, this.#wallNowMs()])).map(toOrchError);
    } catch (fault) {
      return [fault];
    }
  }
}
