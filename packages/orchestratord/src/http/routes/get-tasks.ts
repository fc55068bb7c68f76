// SPDX-License-Identifier: MIT
import type { Orchestrator, PoolId, SessionId } from '@llama-orch/orchestrator-core';
import { jsonAnswer } from '../answer.ts';
import { route, type Route } from '../route.ts';
import { toWireTaskSummary } from '../to-wire.ts';

const DEFAULT_LIMIT = 100;

/** `GET /v1/tasks`: newest first, page by page; ORCH-2110, ORCH-2111. */
export function getTasks(orchestrator: Orchestrator): Route {
  return route('listTasks', async ({ query }) => {
    const { tasks, nextCursor } = await orchestrator.list({
      state: query.state,
      poolId: query.pool_id as PoolId | undefined,
      sessionId: query.session_id as SessionId | undefined,
      priority: query.priority,
      limit: query.limit ?? DEFAULT_LIMIT,
      cursor: query.cursor,
    });
    return jsonAnswer(200, { tasks: tasks.map(toWireTaskSummary), next_cursor: nextCursor });
  });
}
