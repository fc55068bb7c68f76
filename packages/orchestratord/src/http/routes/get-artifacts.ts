// SPDX-License-Identifier: MIT
import type { ArtifactId, ArtifactStore } from '@llama-orch/artifacts';
import { jsonAnswer } from '../answer.ts';
import { taskIdOf } from '../known.ts';
import { route, type Route } from '../route.ts';
import { toWireArtifact } from '../to-wire-artifact.ts';

const DEFAULT_LIMIT = 100;

/** `GET /v1/artifacts`: newest first, page by page; ORCH-1330. */
export function getArtifacts(artifacts: ArtifactStore): Route {
  return route('listArtifacts', async ({ query }) => {
    const page = await artifacts.list({
      kind: query.kind,
      tag: query.tag,
      parent: query.parent as ArtifactId | undefined,
      taskId: query.task_id === undefined ? undefined : taskIdOf(query.task_id),
      limit: query.limit ?? DEFAULT_LIMIT,
      cursor: query.cursor,
    });
    return jsonAnswer(200, { artifacts: page.artifacts.map(toWireArtifact), next_cursor: page.nextCursor });
  });
}
