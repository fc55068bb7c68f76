// SPDX-License-Identifier: MIT
import type {
  Artifact,
  ArtifactDraft,
  ArtifactJob,
  ArtifactPage,
  ArtifactQuery,
  JobTrace,
  StoredArtifact,
} from './artifact.ts';
import type { ArtifactId } from './artifact-id.ts';

/** How a store is opened. */
export interface ArtifactStoreOptions {
  /** Absolute path; made when it is not there. It belongs to this user, is no symbolic link and has one process at a time. */
  readonly directory: string;
  /** Largest canonical content. */
  readonly maxBytes: number;
  /** Largest size of all contents together; what nothing needs is collected above it. */
  readonly maxTotalBytes: number;
  /** Age at which an artifact that nothing needs is collected. */
  readonly maxAgeMs: number;
  /** Wall time in milliseconds since 1970. */
  readonly wallNowMs: () => number;
  /** Whether the task can still be read; the artifact of its job is kept as long. */
  readonly isTaskKept: (taskId: string) => Promise<boolean>;
  /** Called when a content turns out not to be what its id says. */
  readonly onDamaged: (id: ArtifactId) => void;
}

/** One reading of an artifact's content. The artifact is not collected before it is disposed of. */
export interface ArtifactReading extends AsyncDisposable {
  readonly artifact: Artifact;
  /**
   * The canonical content. The last chunk comes only once all of them have been verified.
   *
   * @throws OrchError UNTRUSTED_ARTIFACT instead of the last chunk when the content is not what its id says.
   */
  readonly chunks: AsyncIterableIterator<Uint8Array>;
}

/**
 * Artifacts by the digest of their content. Every method rejects with OrchError: STORE_UNAVAILABLE when the disk cannot
 * be used, after `close` too.
 */
export interface ArtifactStore {
  /**
   * Stores a content as a whole or not at all; it survives a power cut once this resolves. Idempotent by content.
   *
   * @throws OrchError PAYLOAD_TOO_LARGE, UNTRUSTED_ARTIFACT (another id was expected), NOT_FOUND (the parent is not
   *   stored), INVALID_PARAMS (text without UTF-8) or STORE_UNAVAILABLE.
   */
  put(draft: ArtifactDraft): Promise<StoredArtifact>;
  /**
   * Stores what an ended job leaves, as an artifact of kind `trace`. Idempotent by job. It waits a little for others that
   * share its commit, and all of these get one promise: it rejects when one of them cannot be stored.
   *
   * @throws OrchError STORE_UNAVAILABLE, also when too many wait for the disk.
   */
  leaveTrace(trace: JobTrace): Promise<void>;
  /** Resolves when all that was put before is stored or refused; nothing waits for company any longer. */
  flush(): Promise<void>;
  /** What is stored beside a content; undefined when there is none. */
  find(id: ArtifactId): Promise<Artifact | undefined>;
  /** One page, newest first. */
  list(query: ArtifactQuery): Promise<ArtifactPage>;
  /** Opens a content; undefined when there is none. The caller disposes of it. */
  read(id: ArtifactId): Promise<ArtifactReading | undefined>;
  /** The ids of those jobs that have no artifact yet. */
  missingJobs(jobs: readonly ArtifactJob[]): Promise<readonly string[]>;
  /** Removes what is too old, or too much, and not needed; answers how many. */
  collect(): Promise<number>;
  /** Resolves when the directory is free for another process. Idempotent; waits for open readings. */
  close(): Promise<void>;
}
