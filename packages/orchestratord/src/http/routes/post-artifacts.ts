// SPDX-License-Identifier: MIT
import { schemaValidators } from '@llama-orch/api-schema';
import type { ArtifactId, ArtifactStore } from '@llama-orch/artifacts';
import type { JsonValue } from '@llama-orch/worker-adapter-api';
import { jsonAnswer } from '../answer.ts';
import { readJsonBody, type BodyLimits } from '../read-body.ts';
import { route, type Route } from '../route.ts';
import { toWireArtifact } from '../to-wire-artifact.ts';
import { validated } from '../validate.ts';

/** `POST /v1/artifacts`; ORCH-1330, ORCH-1333. */
export function postArtifacts(artifacts: ArtifactStore, limits: BodyLimits): Route {
  return route('storeArtifact', async ({ request }) => {
    const body = validated(schemaValidators.ArtifactRequest, await readJsonBody(request, limits), '$');
    const { artifact, isNew } = await artifacts.put({
      kind: body.kind,
      content: body.content as JsonValue,
      tags: body.tags ?? [],
      parent: body.parent as ArtifactId | undefined,
      expectedId: body.artifact_id as ArtifactId | undefined,
    });
    return jsonAnswer(isNew ? 201 : 200, toWireArtifact(artifact), ['Location', `/v1/artifacts/${artifact.id}`]);
  });
}
