// SPDX-License-Identifier: MIT
import type { ArtifactId } from '@llama-orch/artifacts';
import { jsonAnswer } from '../answer.ts';
import { taskIdOf } from '../known.ts';
import { route, type Route } from '../route.ts';
import { seesTaskOf } from '../scope.ts';
import type { ArtifactParts } from './get-artifact.ts';
import { toWireArtifact } from '../to-wire-artifact.ts';

const DEFAULT_LIMIT = 100;

/** `GET /v1/artifacts`: newest first, page by page; ORCH-1330. */
export function getArtifacts({ artifacts, orchestrator }: ArtifactParts): Route {
  return route('listArtifacts', async ({ query, scope }) => {
    const page = await artifacts.list({
      kind: query.kind,
      tag: query.tag,
      parent: query.parent as ArtifactId | undefined,
      taskId: query.task_id === undefined ? undefined : taskIdOf(query.task_id),
      limit: query.limit ?? DEFAULT_LIMIT,
      cursor: query.cursor,
    });
    const seen = await Promise.all(page.artifacts.map(({ taskId }) => seesTaskOf(orchestrator, taskId, { scope })));
    const own = page.artifacts.filter((_, place) => seen[place]);
    return jsonAnswer(200, { artifacts: own.map(toWireArtifact), next_cursor: page.nextCursor });
  });
}
