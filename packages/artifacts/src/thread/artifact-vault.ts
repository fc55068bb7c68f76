// SPDX-License-Identifier: MIT
import { closeSync } from 'node:fs';
import type { Artifact, ArtifactJob, ArtifactPage, ArtifactQuery } from '../artifact.ts';
import type { ArtifactId } from '../artifact-id.ts';
import { ArtifactIndex } from './artifact-index.ts';
import { Directory } from './directory.ts';
import { ObjectFolder } from './object-folder.ts';
import type { Candidate, CandidateQuery, Lease, PutOutcome, SealedTrace } from './protocol.ts';
import type { ThreadCalls, ThreadFault, ThreadSettings } from './protocol.ts';
import { PutBatch, type BatchDraft } from './put-batch.ts';

/** Contents and index of one directory, held by this process alone. Every method blocks: it lives in its own thread. */
export class ArtifactVault implements ThreadCalls {
  readonly #settings: ThreadSettings;
  readonly #root: Directory;
  readonly #index: ArtifactIndex;
  readonly #objects: ObjectFolder;
  /** Readers by artifact. */
  readonly #readers = new Map<ArtifactId, number>();
  #totalBytes: number;

  /** @throws when the directory is not there, a link, not this user's, not writable, or held by another process. */
  constructor(settings: ThreadSettings) {
    this.#settings = settings;
    this.#root = Directory.open(settings.directory);
    if (!this.#root.isOwn) throw new Error('It belongs to another user.');
    this.#root.claimFile('index.sqlite');
    this.#index = new ArtifactIndex(this.#root.at('index.sqlite'));
    this.#objects = new ObjectFolder(this.#root);
    this.#objects.sweep((id) => this.#index.has(id));
    this.#totalBytes = this.#index.totalBytes();
  }

  /** One at a time, and never beside `keep`, `collect` or `close`. */
  async put(drafts: readonly BatchDraft[]): Promise<PutOutcome[]> {
    const batch = new PutBatch({
      settings: this.#settings,
      index: this.#index,
      objects: this.#objects,
      totalBytes: this.#totalBytes,
    });
    const outcomes = await batch.store(drafts);
    this.#totalBytes = batch.totalBytes;
    return outcomes;
  }

  /** As `put`. */
  async keep(traces: readonly SealedTrace[], createdAt: number): Promise<ThreadFault[]> {
    const outcomes = await this.put(
      traces.map(([jobId, taskId, content]) => {
        return { kind: 'trace', content: Buffer.from(content), tags: [], job: { jobId, taskId }, createdAt };
      }),
    );
    return outcomes.flatMap((outcome) => ('fault' in outcome ? [outcome.fault] : []));
  }

  find(id: ArtifactId): Artifact | undefined {
    return this.#index.find(id);
  }

  list(query: ArtifactQuery): ArtifactPage {
    return this.#index.list(query);
  }

  missingJobs(jobs: readonly ArtifactJob[]): string[] {
    return jobs.flatMap((job) => (this.#index.idOfJob(job) === undefined ? [job.jobId] : []));
  }

  lease(id: ArtifactId): Lease | undefined {
    const artifact = this.#index.find(id);
    if (artifact === undefined) return undefined;
    const content = this.#index.content(id);
    // A copy of it needs nothing here any more.
    if (content !== undefined) return { artifact, content, handle: undefined };
    try {
      const handle = this.#objects.open(id);
      this.#readers.set(id, (this.#readers.get(id) ?? 0) + 1);
      return { artifact, handle };
    } catch {
      // Gone, a link or a folder: the reader is told what it would be told of any other wrong content.
      return { artifact, handle: undefined };
    }
  }

  release(id: ArtifactId, handle: number): void {
    closeSync(handle);
    const readerCount = (this.#readers.get(id) ?? 0) - 1;
    if (readerCount > 0) this.#readers.set(id, readerCount);
    else this.#readers.delete(id);
  }

  candidates(query: CandidateQuery): Candidate[] {
    const excessBytes = this.#totalBytes + query.neededBytes - this.#settings.maxTotalBytes;
    return this.#index.candidates({ ...query, excessBytes });
  }

  collect(ids: readonly ArtifactId[]): number {
    const unread = ids.filter((id) => !this.#readers.has(id));
    const removed = this.#index.transaction(() =>
      unread.flatMap((id) => {
        const sizeBytes = this.#index.removeLoose(id);
        return sizeBytes === undefined ? [] : [{ id, sizeBytes }];
      }),
    );
    // Rows before names: what a cut leaves here is swept at the next start.
    for (const { id } of removed) this.#objects.remove(id);
    this.#totalBytes -= removed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return removed.length;
  }

  close(): void {
    this.#index[Symbol.dispose]();
    this.#objects[Symbol.dispose]();
    this.#root[Symbol.dispose]();
  }
}
