// SPDX-License-Identifier: MIT
import { openArtifactStore, type ArtifactStore } from '@llama-orch/artifacts';
import { systemClock } from '@llama-orch/node-ports';
import type { TaskId } from '@llama-orch/orchestrator-core';
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { Parts } from '../compose.ts';
import { ConfigError } from '../config/config-fault.ts';

/**
 * Opens the directory of artifacts.
 *
 * @throws ConfigError when it cannot be used.
 */
export async function openArtifacts(
  { config, artifactDirectory: directory, logger, meter }: Parts,
  isTaskKept: (taskId: TaskId) => Promise<boolean>,
): Promise<ArtifactStore> {
  try {
    return await openArtifactStore({
      directory,
      maxBytes: config.artifacts.max_bytes,
      maxTotalBytes: config.artifacts.max_total_bytes,
      maxAgeMs: config.artifacts.max_age_ms,
      wallNowMs: () => systemClock.wallNowMs(),
      isTaskKept: (taskId) => isTaskKept(taskId as TaskId),
      onDamaged(id) {
        // ORCH-1332
        meter.add('artifacts_damaged_total', {}, 1);
        logger.log('error', 'A stored artifact is damaged.', { artifact_id: id });
      },
    });
  } catch (error) {
    const cause = String(OrchError.is(error) ? (error.cause ?? error.message) : error).split('\n', 1)[0] ?? '';
    const expected = 'a directory of this user that no other process holds';
    throw new ConfigError([{ path: '$.artifacts.directory', expected, actual: `${directory} (${cause})` }]);
  }
}
