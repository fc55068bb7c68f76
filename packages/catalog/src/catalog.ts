// SPDX-License-Identifier: MIT
import type { ErrorCode } from '@llama-orch/api-types';
import type { ModelFacts } from './gguf/model-facts.ts';

/** Whether new work may name a model; ORCH-1603. */
export type ModelState = 'Active' | 'Retired';

/**
 * Where a model is on its way: `absent` is known and not on the disk, `pulling` comes, `failed` could not be installed,
 * `damaged` is not what it was and is never loaded.
 */
export type ModelStatus = 'absent' | 'pulling' | 'installed' | 'failed' | 'damaged';

/** How far a pull is. */
export interface PullProgress {
  readonly doneBytes: number;
  /** Absent while the server has not said it. */
  readonly totalBytes?: number;
  /** Of about the last second; absent before there was one. */
  readonly bytesPerSecond?: number;
}

/** A model that the catalog knows. */
export interface CatalogModel {
  /** Made of the reference: the same reference gives the same id. */
  readonly id: string;
  /** In its canonical form. */
  readonly reference: string;
  readonly state: ModelState;
  readonly status: ModelStatus;
  /** True where it is never removed to make room. */
  readonly isPinned: boolean;
  /** `sha256:` and 64 hex digits; absent until it was computed. */
  readonly digest?: string;
  readonly sizeBytes?: number;
  readonly facts?: ModelFacts;
  /** What the trust policy found missing. */
  readonly warnings: readonly string[];
  /** Wall time in milliseconds since 1970, as are the others. */
  readonly addedAt: number;
  readonly lastUsedAt?: number;
  /** When it was last found to be what it was. */
  readonly verifiedAt?: number;
  /** While it is pulled. */
  readonly progress?: PullProgress;
  /** Why the last pull or verification failed. */
  readonly fault?: { readonly code: ErrorCode; readonly message: string };
  /** What the caller wants to remember. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What is asked of {@link Catalog.add}. */
export interface AddRequest {
  readonly reference: string;
  /** What the file must be: `sha256:` and 64 lower-case hex digits. ORCH-1612 */
  readonly digest?: string | undefined;
  /** Ed25519 signature of the digest's text, in base64. ORCH-1633 */
  readonly signature?: string | undefined;
  /** Bill of materials, CycloneDX or SPDX in JSON, that names the file's digest. ORCH-1633 */
  readonly sbom?: unknown;
  readonly isPinned?: boolean | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** A model that can be loaded. */
export interface InstalledModel {
  readonly id: string;
  /** Absolute path of the file. */
  readonly path: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly facts: ModelFacts;
}

/** What a verification found. */
export type VerifyOutcome = 'match' | 'mismatch' | 'missing' | 'invalid';

/** What happened in a catalog. */
export type CatalogEvent =
  /** Something of the model is new; while it is pulled at least once per second. ORCH-1613 */
  | { readonly kind: 'changed'; readonly model: CatalogModel }
  | { readonly kind: 'verified'; readonly model: CatalogModel; readonly outcome: VerifyOutcome }
  | { readonly kind: 'removed'; readonly model: CatalogModel };

/** The models of one folder, held by one process. */
export interface Catalog {
  /**
   * Registers a model and begins to install it; answers at once. A model that is there is answered as it is; one that could
   * not be installed, or was removed to make room, is tried again.
   *
   * @throws OrchError INVALID_PARAMS for a bad reference or digest, UNTRUSTED_ARTIFACT when another digest is known.
   */
  add(request: AddRequest): CatalogModel;
  /**
   * The same, and waits; an abort ends the wait, not the pull.
   *
   * @throws OrchError what {@link Catalog.add} throws, and why the model could not be installed.
   */
  pull(request: AddRequest, signal?: AbortSignal): Promise<CatalogModel>;
  /**
   * The file of a model that may be loaded now; pulls it where it is not there.
   *
   * @throws OrchError MODEL_DEPRECATED when retired, UNTRUSTED_ARTIFACT when damaged, or why it could not be pulled.
   */
  resolve(reference: string, signal?: AbortSignal): Promise<InstalledModel>;
  /** All models, the oldest first. */
  list(): readonly CatalogModel[];
  /** By id or by reference. @throws OrchError NOT_FOUND. */
  get(idOrReference: string): CatalogModel;
  /** Ends a pull where one runs, and forgets the model with what was downloaded of it. @throws OrchError NOT_FOUND, TASK_CONFLICT. */
  remove(id: string): Promise<void>;
  /** Hashes and checks the file again; ORCH-1632. @throws OrchError NOT_FOUND, TASK_CONFLICT while it is pulled. */
  verify(id: string, signal?: AbortSignal): Promise<{ readonly model: CatalogModel; readonly outcome: VerifyOutcome }>;
  /** @throws OrchError NOT_FOUND. */
  setState(id: string, state: ModelState): CatalogModel;
  /** @throws OrchError NOT_FOUND. */
  setPinned(id: string, isPinned: boolean): CatalogModel;
  /** Calls the listener with what happens; the answer ends that. */
  watch(listener: (event: CatalogEvent) => void): () => void;
  /** Ends what runs; downloads are taken up by the next process. */
  close(): Promise<void>;
}
