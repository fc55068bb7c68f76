// SPDX-License-Identifier: MIT
import type { ArtifactId, ArtifactStore } from '@llama-orch/artifacts';
import { unknown } from '../known.ts';
import { route, type Route } from '../route.ts';
import { sendArtifact, type SendOptions } from '../send-artifact.ts';

/** `GET /v1/artifacts/{artifact_id}`: streamed while it is verified; ORCH-1332. */
export function getArtifact(artifacts: ArtifactStore, limits: Omit<SendOptions, 'correlationId'>): Route {
  return route('getArtifact', async ({ path, response, correlationId }) => {
    // The contract's pattern has passed it: nothing but `sha256:` and 64 hex digits gets here.
    await using reading = await artifacts.read(path.artifact_id as ArtifactId);
    if (reading === undefined) throw unknown('artifact_id');
    await sendArtifact(reading, response, { correlationId, ...limits });
    return undefined;
  });
}
