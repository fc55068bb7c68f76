// SPDX-License-Identifier: MIT
import { setImmediate as turn } from 'node:timers/promises';
import type { OrchError } from '@llama-orch/worker-adapter-api';
import type { ArtifactDraft, StoredArtifact } from './artifact.ts';
import { canonicalContent } from './canonical-content.ts';
import { toOrchError, type ThreadClient } from './thread-client.ts';
import type { PutOutcome, SealedDraft } from './thread/protocol.ts';

/** Most drafts of one commit. */
const MAX_DRAFTS = 128;
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

  constructor(thread: ThreadClient, wallNowMs: () => number) {
    this.#thread = thread;
    this.#wallNowMs = wallNowMs;
  }

  /** Resolves once the draft is committed or refused. */
  async put({ content, tags = [], ...draft }: ArtifactDraft): Promise<DraftOutcome> {
    const sealed = canonicalContent(content);
    const sizeBytes = sealed.length;
    const answer = Promise.withResolvers<PutOutcome>();
    this.#waiting.push({ draft: { ...draft, tags, content: sealed, createdAt: this.#wallNowMs() }, answer });
    this.#running ??= this.#run();
    const outcome = await answer.promise;
    return 'stored' in outcome ? outcome : { error: toOrchError(outcome.fault), sizeBytes };
  }

  /** Resolves when all that was put until now is committed or refused. */
  async flush(): Promise<void> {
    if (this.#running === undefined) return;
    const last = this.#waiting.at(-1)?.answer.promise ?? this.#inFlight;
    // What is wrong with it is told to who has put it.
    await last?.catch(() => undefined);
  }

  async #run(): Promise<void> {
    // What arrives in the same turn of the event loop shares the first commit.
    await turn();
    while (this.#waiting.length > 0) {
      this.#inFlight = this.#commit(this.#nextBatch());
      await this.#inFlight;
    }
    this.#inFlight = undefined;
    this.#running = undefined;
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
      const transfer = drafts.map(({ content }) => content.buffer);
      const outcomes = await this.#thread.call('put', [drafts], transfer);
      for (const [place, outcome] of outcomes.entries()) batch[place]?.answer.resolve(outcome);
    } catch (error) {
      for (const { answer } of batch) answer.reject(error);
    }
  }
}
