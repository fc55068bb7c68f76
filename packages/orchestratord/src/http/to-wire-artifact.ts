// SPDX-License-Identifier: MIT
import type * as Wire from '@llama-orch/api-types';
import type { Artifact } from '@llama-orch/artifacts';

/** An artifact without its content. */
export function toWireArtifact({ id, kind, tags, parent, taskId, createdAt, sizeBytes }: Artifact): Wire.ArtifactInfo {
  return {
    artifact_id: id,
    kind,
    tags: [...tags],
    parent,
    task_id: taskId,
    created_at: new Date(createdAt).toISOString(),
    size_bytes: sizeBytes,
  };
}
