// SPDX-License-Identifier: MIT
import type { Orchestrator, PoolId } from '@llama-orch/orchestrator-core';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { jsonAnswer } from '../answer.ts';
import { refusal } from '../refusal.ts';
import { route, type Route } from '../route.ts';
import { ownSessionId, shownTo } from '../scope.ts';
import { toWireTaskSummary } from '../to-wire.ts';

const DEFAULT_LIMIT = 100;

/** `GET /v1/tasks`: newest first, page by page; ORCH-2110, ORCH-2111. */
export function getTasks(orchestrator: Orchestrator): Route {
  return route('listTasks', async ({ query, scope }) => {
    const page = orchestrator.list({
      state: query.state,
      poolId: query.pool_id as PoolId | undefined,
      sessionId: query.session_id === undefined ? undefined : ownSessionId(query.session_id, { scope }),
      keyId: scope,
      priority: query.priority,
      limit: query.limit ?? DEFAULT_LIMIT,
      cursor: query.cursor,
    });
    const { tasks, nextCursor } = await page.catch((fault: unknown) => {
      throw isBadCursor(fault)
        ? refusal('INVALID_PARAMS', 'query.cursor', { expected: 'a cursor of this list' })
        : fault;
    });
    return jsonAnswer(200, {
      tasks: tasks.map((task) => shownTo({ scope }, toWireTaskSummary(task))),
      next_cursor: nextCursor,
    });
  });
}

/** The core knows a cursor's form, but not that it came in a query. */
function isBadCursor(fault: unknown): boolean {
  return OrchError.is(fault) && fault.code === 'INVALID_PARAMS';
}
