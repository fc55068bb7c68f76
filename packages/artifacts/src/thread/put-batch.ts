// SPDX-License-Identifier: MIT
import type { Artifact, ArtifactJob } from '../artifact.ts';
import { artifactIdOf, type ArtifactId } from '../artifact-id.ts';
import type { ArtifactIndex } from './artifact-index.ts';
import { faultOf } from './fault-of.ts';
import type { Incoming, ObjectFolder } from './object-folder.ts';
import { INLINE_BYTES } from './protocol.ts';
import type { PutOutcome, SealedDraft, ThreadFault, ThreadSettings } from './protocol.ts';

/** What a batch is stored with. */
export interface BatchParts {
  readonly settings: ThreadSettings;
  readonly index: ArtifactIndex;
  readonly objects: ObjectFolder;
  /** Size of all contents before the batch. */
  readonly totalBytes: number;
}

/** A draft, of a job or not. */
export type BatchDraft = Omit<SealedDraft, 'content'> & { readonly content: Uint8Array; readonly job?: ArtifactJob };

/** What is to become of one draft. */
type Plan = { readonly fault: ThreadFault } | StoredPlan;

interface StoredPlan {
  readonly id: ArtifactId;
  readonly draft: BatchDraft;
  readonly sizeBytes: number;
  readonly isNew: boolean;
  readonly ofJob: boolean;
}

/** Drafts that are stored in one commit: contents first, then their names, then their rows. */
export class PutBatch {
  readonly #parts: BatchParts;
  readonly #incoming: Incoming[] = [];
  /** Contents that this batch brings, and the jobs it brings them for. */
  readonly #newIds = new Set<ArtifactId>();
  readonly #newJobs = new Map<string, ArtifactId>();
  /** Contents that go into the index. */
  readonly #inline = new Map<ArtifactId, Uint8Array>();
  #totalBytes: number;

  constructor(parts: BatchParts) {
    this.#parts = parts;
    this.#totalBytes = parts.totalBytes;
  }

  /** Size of all contents, those of this batch included once they are stored. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** Stores every draft that can be; resolves once all that is stored survives a power cut. Never rejects. */
  async store(drafts: readonly BatchDraft[]): Promise<PutOutcome[]> {
    const { index, objects } = this.#parts;
    const plans = drafts.map((draft) => this.#plan(draft));
    try {
      await objects.adopt(this.#incoming);
      return index.transaction(() => plans.map((plan) => this.#record(plan)));
    } catch (error) {
      // ORCH-1333: what has no row has no file either
      for (const id of this.#newIds) objects.remove(id);
      this.#totalBytes = this.#parts.totalBytes;
      return drafts.map(() => ({ fault: faultOf(error) }));
    } finally {
      for (const incoming of this.#incoming) objects.discard(incoming);
    }
  }

  #plan(draft: BatchDraft): Plan {
    const { index } = this.#parts;
    const { job } = draft;
    const jobsId = job && (this.#newJobs.get(job.jobId) ?? index.idOfJob(job));
    if (jobsId !== undefined) return { id: jobsId, draft, sizeBytes: 0, isNew: false, ofJob: true };
    try {
      const { content } = draft;
      const id = artifactIdOf(content);
      const isNew = !this.#isKnown(id);
      const fault = this.#refusalOf(draft, { id, sizeBytes: content.length, isNew });
      if (fault !== undefined) return { fault };
      this.#write(id, content, { isNew, mayInline: job !== undefined });
      if (job !== undefined) this.#newJobs.set(job.jobId, id);
      return { id, draft, sizeBytes: content.length, isNew, ofJob: false };
    } catch (error) {
      return { fault: faultOf(error) };
    }
  }

  /** Writes a content that is new, or one whose copy is damaged. */
  #write(id: ArtifactId, content: Uint8Array, { isNew, mayInline }: { isNew: boolean; mayInline: boolean }): void {
    const { objects, index } = this.#parts;
    if (!isNew && this.#newIds.has(id)) return;
    const kept = isNew ? undefined : index.content(id);
    if (!isNew && (kept === undefined ? objects.isIntact(id, content.length) : artifactIdOf(kept) === id)) return;
    if (isNew ? mayInline && content.length <= INLINE_BYTES : kept !== undefined) this.#inline.set(id, content);
    else this.#incoming.push(objects.write(id, content));
    if (!isNew) return;
    this.#newIds.add(id);
    this.#totalBytes += content.length;
  }

  #record(plan: Plan): PutOutcome {
    if ('fault' in plan) return plan;
    const { index } = this.#parts;
    const { id, isNew, ofJob } = plan;
    const { tags, job } = plan.draft;
    const inline = this.#inline.get(id);
    this.#inline.delete(id);
    const artifact = isNew ? this.#artifactOf(plan) : undefined;
    if (artifact !== undefined) index.insert({ artifact, job, content: inline });
    else if (inline !== undefined) index.repair(id, inline);
    if (!ofJob) index.addTags(id, tags);
    const stored = artifact ?? index.find(id);
    if (stored === undefined) throw new Error('An artifact is gone while it is stored.');
    return { stored: { artifact: stored, isNew } };
  }

  #artifactOf({ id, sizeBytes, draft: { kind, tags, parent, job, createdAt } }: StoredPlan): Artifact {
    const sorted = [...new Set(tags)].sort();
    return {
      id,
      kind,
      tags: sorted,
      ...(parent === undefined ? {} : { parent }),
      ...(job === undefined ? {} : { taskId: job.taskId }),
      createdAt,
      sizeBytes,
    };
  }

  #isKnown(id: ArtifactId): boolean {
    return this.#newIds.has(id) || this.#parts.index.has(id);
  }

  #refusalOf(
    { expectedId, parent, job }: BatchDraft,
    { id, sizeBytes, isNew }: Pick<StoredPlan, 'id' | 'sizeBytes' | 'isNew'>,
  ): ThreadFault | undefined {
    const { maxBytes, maxTotalBytes } = this.#parts.settings;
    // ORCH-1331, ORCH-1334: a job is never refused its artifact; how much that is, its request and the kept tasks bound
    if (job === undefined && sizeBytes > maxBytes) {
      const message = `The canonical content is larger than ${maxBytes} bytes.`;
      return { code: 'PAYLOAD_TOO_LARGE', message, details: { field: '$.content', limit: maxBytes, unit: 'bytes' } };
    }
    if (expectedId !== undefined && expectedId !== id) {
      const message = 'The content does not have the digest that artifact_id names.';
      return { code: 'UNTRUSTED_ARTIFACT', message, details: { field: '$.artifact_id' } };
    }
    if (parent !== undefined && !this.#isKnown(parent)) {
      return { code: 'NOT_FOUND', message: 'The parent is not stored.', details: { field: '$.parent' } };
    }
    if (isNew && job === undefined && this.#totalBytes + sizeBytes > maxTotalBytes) {
      const message = 'The artifacts that are needed fill the room for artifacts.';
      return { code: 'STORE_UNAVAILABLE', message, details: { limit: maxTotalBytes, unit: 'bytes' } };
    }
    return undefined;
  }
}
