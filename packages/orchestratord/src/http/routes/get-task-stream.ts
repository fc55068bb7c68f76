// SPDX-License-Identifier: MIT
import type { Orchestrator, TaskId } from '@llama-orch/orchestrator-core';
import { schemaValidators } from '@llama-orch/api-schema';
import type { AppDeps } from '../app-deps.ts';
import { eventTag } from '../encode-frame.ts';
import { taskIdOf, unknown } from '../known.ts';
import { refusal } from '../refusal.ts';
import { route, type Route } from '../route.ts';
import { demandOwn } from '../scope.ts';
import type { StreamGate } from '../stream-gate.ts';
import { TaskStream, type ResumePoint } from '../stream-task.ts';

/** `GET /v1/tasks/{task_id}/stream`; ORCH-2130 to ORCH-2139. */
export function getTaskStream(
  orchestrator: Orchestrator,
  gate: StreamGate,
  { heartbeatMs, drainTimeoutMs }: AppDeps['stream'],
): Route {
  return route('streamTask', async ({ request, response, path, correlationId, scope }) => {
    const taskId = taskIdOf(path.task_id);
    const leave = gate.enter();
    try {
      if (scope !== undefined) await demandOwn(orchestrator, taskId, { scope });
      const lastEventId = request.headers['last-event-id'];
      const resume = lastEventId === undefined ? undefined : await resumePoint(orchestrator, taskId, lastEventId);
      const stream = new TaskStream(response, resume);
      const reader = await orchestrator.read(taskId, stream);
      if (reader === undefined) throw unknown('task_id');
      // A client that left while its reader was made would never be heard of again.
      if (response.destroyed) reader.close();
      else stream.open(reader, { correlationId, heartbeatMs, drainTimeoutMs, onClose: leave });
      if (response.destroyed) leave();
      return undefined;
    } catch (error) {
      leave();
      throw error;
    }
  });
}

/** Where `Last-Event-ID` says to go on. */
async function resumePoint(
  orchestrator: Orchestrator,
  taskId: TaskId,
  id: string | readonly string[],
): Promise<ResumePoint> {
  const field = 'header.last-event-id';
  if (!schemaValidators.EventId(id)) {
    throw refusal('INVALID_PARAMS', field, { expected: 'eight hex digits, a colon and a sequence number' });
  }
  const view = await orchestrator.get(taskId);
  if (view === undefined) throw unknown('task_id');
  const [tag = '', seq] = id.split(':');
  // ORCH-2134: never another job's frames
  if (tag !== eventTag(view.task.jobId)) throw refusal('TASK_CONFLICT', field);
  return { tag, seq: Number(seq) };
}
