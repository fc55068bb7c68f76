// SPDX-License-Identifier: MIT
import type { JsonValue } from '@llama-orch/worker-adapter-api';
import type { ArtifactId } from './artifact-id.ts';

/** What an artifact can be. */
export const ARTIFACT_KINDS = ['plan', 'summary', 'diff', 'trace', 'transcript'] as const;
/** What an artifact is. */
export type ArtifactKind = (typeof ARTIFACT_KINDS)[number];

/** The ended job an artifact tells about. */
export interface ArtifactJob {
  readonly jobId: string;
  /** The artifact is kept at least as long as this task. */
  readonly taskId: string;
}

/** What an ended job leaves behind. */
export interface JobTrace extends ArtifactJob {
  /** Asked once, when it is stored; half of a surrogate pair becomes U+FFFD. */
  readonly content: () => JsonValue;
}

/** What is stored beside the content. */
export interface Artifact {
  readonly id: ArtifactId;
  readonly kind: ArtifactKind;
  /** In the order of their characters, each once. A tagged artifact is never collected. */
  readonly tags: readonly string[];
  /** The artifact this one was made from. It is not collected before its children. */
  readonly parent?: ArtifactId;
  readonly taskId?: string;
  /** Wall time of the first upload, in milliseconds since 1970. */
  readonly createdAt: number;
  /** Of the canonical content. */
  readonly sizeBytes: number;
}

/** An artifact that is to be stored. */
export interface ArtifactDraft {
  readonly kind: ArtifactKind;
  readonly content: JsonValue;
  readonly tags?: readonly string[];
  readonly parent?: ArtifactId;
  /** What the id must turn out to be. */
  readonly expectedId?: ArtifactId;
}

/** What became of a draft. */
export interface StoredArtifact {
  /** As it stands: kind, parent and time are those of the first upload of this content, tags are those of all. */
  readonly artifact: Artifact;
  /** False when the content was there before. */
  readonly isNew: boolean;
}

/** Which artifacts to list, newest first. */
export interface ArtifactQuery {
  readonly kind?: ArtifactKind;
  readonly tag?: string;
  readonly parent?: ArtifactId;
  readonly taskId?: string;
  /** At least 1. */
  readonly limit: number;
  /** From the page before. */
  readonly cursor?: string;
}

/** One page of artifacts. */
export interface ArtifactPage {
  readonly artifacts: readonly Artifact[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
}
