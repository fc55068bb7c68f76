// SPDX-License-Identifier: MIT
import type { ErrorCode } from '@llama-orch/api-types';
import type { JsonObject } from '@llama-orch/worker-adapter-api';
import type { Artifact, ArtifactJob, ArtifactKind, ArtifactPage, ArtifactQuery, StoredArtifact } from '../artifact.ts';
import type { ArtifactId } from '../artifact-id.ts';

/** What the thread is started with. */
export interface ThreadSettings {
  readonly directory: string;
  readonly maxBytes: number;
  readonly maxTotalBytes: number;
}

/** A draft on its way to the thread. */
export interface SealedDraft {
  readonly kind: ArtifactKind;
  /** In canonical form. */
  readonly content: Uint8Array<ArrayBuffer>;
  readonly tags: readonly string[];
  readonly parent?: ArtifactId;
  readonly expectedId?: ArtifactId;
  readonly createdAt: number;
}

/** A trace on its way to the thread, its content in canonical form. There are many, and names would cost as much again. */
export type SealedTrace = readonly [jobId: string, taskId: string, content: string];

/** A fault as it crosses the thread's edge, where error classes are lost. */
export interface ThreadFault {
  readonly code: ErrorCode;
  readonly message?: string;
  readonly details?: JsonObject;
  /** For operators only. */
  readonly cause?: string;
}

/** What became of one draft of a batch. */
export type PutOutcome = { readonly stored: StoredArtifact } | { readonly fault: ThreadFault };

/** Contents of jobs up to this size stand in the index itself: a file each would cost more than all the rest. */
export const INLINE_BYTES = 64 * 1024;

/** An open content; it is not collected before it is released. */
export interface Lease {
  readonly artifact: Artifact;
  /** Present where the content stands in the index. */
  readonly content?: Uint8Array;
  /** Undefined when the content is no file, or cannot be opened. */
  readonly handle: number | undefined;
}

/** Which artifacts may be collected. */
export interface CandidateQuery {
  /** Place in the order of uploads to go on after. */
  readonly afterSeq: number;
  /** Wall time. */
  readonly createdBefore: number;
  /** Room that is needed below the largest total size. */
  readonly neededBytes: number;
  readonly limit: number;
}

/** An artifact that may be collected, unless its task is kept. */
export interface Candidate {
  readonly seq: number;
  readonly id: ArtifactId;
  readonly taskId?: string;
}

/** What the thread can be asked; what changes something is done in order. */
export interface ThreadCalls {
  put(drafts: readonly SealedDraft[]): Promise<PutOutcome[]>;
  /** Why traces are not stored. */
  keep(traces: readonly SealedTrace[], createdAt: number): Promise<ThreadFault[]>;
  find(id: ArtifactId): Artifact | undefined;
  list(query: ArtifactQuery): ArtifactPage;
  /** Those of the jobs that have no artifact. */
  missingJobs(jobs: readonly ArtifactJob[]): string[];
  lease(id: ArtifactId): Lease | undefined;
  release(id: ArtifactId, handle: number): void;
  candidates(query: CandidateQuery): Candidate[];
  /** How many of them were removed; those that are needed or read stay. */
  collect(ids: readonly ArtifactId[]): number;
  close(): void;
}

/** A call on its way to the thread. */
export interface ThreadRequest {
  readonly callId: number;
  readonly method: keyof ThreadCalls;
  readonly args: readonly unknown[];
}

/** What the thread says; `callId` 0 tells that it is open, or why it could not be opened. */
export type ThreadAnswer =
  { readonly callId: number; readonly value: unknown } | { readonly callId: number; readonly fault: ThreadFault };
