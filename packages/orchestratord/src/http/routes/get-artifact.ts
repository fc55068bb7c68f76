// SPDX-License-Identifier: MIT
import type { ArtifactId, ArtifactStore } from '@llama-orch/artifacts';
import type { Orchestrator } from '@llama-orch/orchestrator-core';
import { unknown } from '../known.ts';
import { route, type Route } from '../route.ts';
import { seesTaskOf } from '../scope.ts';
import { sendArtifact, type SendOptions } from '../send-artifact.ts';

/** Where artifacts are, and the tasks they tell of. */
export interface ArtifactParts {
  readonly artifacts: ArtifactStore;
  readonly orchestrator: Orchestrator;
}

/** `GET /v1/artifacts/{artifact_id}`: streamed while it is verified; ORCH-1332. */
export function getArtifact(
  { artifacts, orchestrator }: ArtifactParts,
  limits: Omit<SendOptions, 'correlationId'>,
): Route {
  return route('getArtifact', async ({ path, response, correlationId, scope }) => {
    // The contract's pattern has passed it: nothing but `sha256:` and 64 hex digits gets here.
    await using reading = await artifacts.read(path.artifact_id as ArtifactId);
    const isSeen = reading !== undefined && (await seesTaskOf(orchestrator, reading.artifact.taskId, { scope }));
    if (reading === undefined || !isSeen) throw unknown('artifact_id');
    await sendArtifact(reading, response, { correlationId, ...limits });
    return undefined;
  });
}
