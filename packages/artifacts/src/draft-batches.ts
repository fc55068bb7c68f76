// SPDX-License-Identifier: MIT
import { setImmediate as turn } from 'node:timers/promises';
import type { OrchError } from '@llama-orch/worker-adapter-api';
import type { ArtifactDraft, StoredArtifact } from './artifact.ts';
import { canonicalContent, canonicalText } from './canonical-content.ts';
import { toOrchError, type ThreadClient } from './thread-client.ts';
import type { PutOutcome, SealedDraft } from './thread/protocol.ts';

/** Most drafts of one commit. */
const MAX_DRAFTS = 128;
/** Artifacts of jobs wait so long for others of their kind, so that many share a commit; who reads does not wait so long. */
const JOB_LINGER_MS = 1_000;
/** A batch is closed once its contents are this large, so that one commit never takes long. */
const MAX_BYTES = 8 * 1024 * 1024;

/** What became of a draft, and how large its content is. */
export type DraftOutcome =
  { readonly stored: StoredArtifact } | { readonly error: OrchError; readonly sizeBytes: number };

interface Waiting {
  readonly draft: SealedDraft;
  readonly answer: PromiseWithResolvers<PutOutcome>;
}

/** Groups drafts into commits: one is in flight, and what comes meanwhile shares the next. */
export class DraftBatches {
  readonly #thread: ThreadClient;
  readonly #wallNowMs: () => number;
  readonly #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  /** The commit that is on its way; never rejects. */
  #inFlight: Promise<unknown> | undefined;
  /** Somebody waits for one of the drafts. */
  #isUrgent = false;
  #endLinger: (() => void) | undefined;

  constructor(thread: ThreadClient, wallNowMs: () => number) {
    this.#thread = thread;
    this.#wallNowMs = wallNowMs;
  }

  /** Resolves once the draft is committed or refused. */
  async put({ content, tags = [], ...draft }: ArtifactDraft): Promise<DraftOutcome> {
    // Those of jobs are small and many: a text is cheaper to hand over than bytes that move.
    const sealed = draft.job === undefined ? canonicalContent(content) : canonicalText(content);
    const sizeBytes = sealed.length;
    const answer = Promise.withResolvers<PutOutcome>();
    this.#waiting.push({ draft: { ...draft, tags, content: sealed, createdAt: this.#wallNowMs() }, answer });
    this.#running ??= this.#run();
    if (draft.job === undefined || this.#waiting.length >= MAX_DRAFTS) this.#hurry();
    const outcome = await answer.promise;
    return 'stored' in outcome ? outcome : { error: toOrchError(outcome.fault), sizeBytes };
  }

  /** Resolves when all that was put until now is committed or refused. */
  async flush(): Promise<void> {
    if (this.#running === undefined) return;
    const last = this.#waiting.at(-1)?.answer.promise ?? this.#inFlight;
    this.#hurry();
    // What is wrong with it is told to who has put it.
    await last?.catch(() => undefined);
  }

  #hurry(): void {
    this.#isUrgent = true;
    this.#endLinger?.();
  }

  async #run(): Promise<void> {
    // What arrives in the same turn of the event loop shares the first commit.
    await turn();
    while (this.#waiting.length > 0) {
      if (!this.#isUrgent) await this.#linger();
      this.#isUrgent = false;
      this.#inFlight = this.#commit(this.#nextBatch());
      await this.#inFlight;
    }
    this.#inFlight = undefined;
    this.#running = undefined;
  }

  async #linger(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, JOB_LINGER_MS);
    this.#endLinger = resolve;
    await promise;
    clearTimeout(timer);
    this.#endLinger = undefined;
  }

  #nextBatch(): readonly Waiting[] {
    let byteCount = 0;
    let count = 0;
    for (const { draft } of this.#waiting) {
      if (count === MAX_DRAFTS || byteCount > MAX_BYTES) break;
      byteCount += draft.content.length;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const drafts = batch.map(({ draft }) => draft);
    try {
      const transfer = drafts.flatMap(({ content }) => (content instanceof Uint8Array ? [content.buffer] : []));
      const outcomes = await this.#thread.call('put', [drafts], transfer);
      for (const [place, outcome] of outcomes.entries()) batch[place]?.answer.resolve(outcome);
    } catch (error) {
      for (const { answer } of batch) answer.reject(error);
    }
  }
}
