// SPDX-License-Identifier: MIT
import type { KeyId, Orchestrator, SessionId, TaskId, TaskRequest } from '@llama-orch/orchestrator-core';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { refusal } from './refusal.ts';
import { unknown } from './known.ts';

/** What a caller is confined to; nothing for those who see all. */
export interface Scope {
  readonly scope?: KeyId;
}

/** @throws OrchError BAD_TOKEN for a caller that is confined to what is its own. */
export function demandOperator({ scope }: Scope): void {
  if (scope !== undefined)
    throw new OrchError('BAD_TOKEN', { message: 'This key may not steer pools.', phase: 'request' });
}

const MAX_SESSION_ID_LENGTH = 128;

/**
 * ORCH-2066: another key's task is as if it were not there.
 *
 * @throws OrchError NOT_FOUND.
 */
export async function demandOwn(orchestrator: Orchestrator, taskId: TaskId, { scope }: Scope): Promise<void> {
  if (scope === undefined) return;
  const view = await orchestrator.get(taskId);
  if (view?.task.keyId !== scope) throw unknown('task_id');
}

/** Whether a caller may see what belongs to a task, or to none. */
export async function seesTaskOf(
  orchestrator: Orchestrator,
  taskId: string | undefined,
  { scope }: Scope,
): Promise<boolean> {
  if (scope === undefined || taskId === undefined) return true;
  return (await orchestrator.get(taskId as TaskId))?.task.keyId === scope;
}

/**
 * The session of a confined caller: its own, whatever name other keys gave to theirs.
 *
 * @throws OrchError INVALID_PARAMS when the name is too long beside that of the key.
 */
export function ownSessionId(sessionId: string, { scope }: Scope): SessionId {
  if (scope === undefined) return sessionId as SessionId;
  const own = `${scope}:${sessionId}`;
  if (own.length > MAX_SESSION_ID_LENGTH) {
    const limit = MAX_SESSION_ID_LENGTH - scope.length - 1;
    throw refusal('INVALID_PARAMS', '$.session_id', { limit, unit: 'characters' });
  }
  return own as SessionId;
}

/** The request of a confined caller, in its own session. */
export function ownRequest(request: TaskRequest, { scope }: Scope): TaskRequest {
  if (scope === undefined || request.sessionId === undefined) return request;
  return { ...request, sessionId: ownSessionId(request.sessionId, { scope }) };
}

/** A task or session as its own key knows it: by the name that key gave to the session. */
export function shownTo<T extends { readonly session_id?: string | undefined }>({ scope }: Scope, wire: T): T {
  if (scope === undefined || wire.session_id === undefined) return wire;
  return { ...wire, session_id: wire.session_id.slice(scope.length + 1) };
}

/** Whether a caller may see the session. */
export function seesSession(sessionId: SessionId, { scope }: Scope): boolean {
  return scope === undefined || sessionId.startsWith(`${scope}:`);
}
