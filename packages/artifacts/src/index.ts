// SPDX-License-Identifier: MIT
export {
  ARTIFACT_KINDS,
  type Artifact,
  type ArtifactDraft,
  type ArtifactJob,
  type ArtifactKind,
  type ArtifactPage,
  type ArtifactQuery,
  type JobTrace,
  type StoredArtifact,
} from './artifact.ts';
export { isArtifactId, type ArtifactId } from './artifact-id.ts';
export type { ArtifactReading, ArtifactStore, ArtifactStoreOptions } from './artifact-store.ts';
export { openArtifactStore } from './open-artifact-store.ts';
