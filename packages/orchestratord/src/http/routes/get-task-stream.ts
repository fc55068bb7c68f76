// SPDX-License-Identifier: MIT
import type { Orchestrator, TaskId } from '@llama-orch/orchestrator-core';
import { schemaValidators } from '@llama-orch/api-schema';
import type { IncomingMessage } from 'node:http';
import type { AppDeps } from '../app-deps.ts';
import { eventTag } from '../encode-frame.ts';
import { taskIdOf, unknown } from '../known.ts';
import { refusal } from '../refusal.ts';
import { route, type Route } from '../route.ts';
import { demandOwn } from '../scope.ts';
import type { StreamGate } from '../stream-gate.ts';
import { createTaskStream } from '../stream-task.ts';

/** `GET /v1/tasks/{task_id}/stream`; ORCH-2130 to ORCH-2139. */
export function getTaskStream(orchestrator: Orchestrator, gate: StreamGate, options: AppDeps['stream']): Route {
  return route('streamTask', async ({ request, response, path, correlationId, scope }) => {
    const taskId = taskIdOf(path.task_id);
    const stream = createTaskStream();
    const leave = gate.enter();
    try {
      await demandOwn(orchestrator, taskId, { scope });
      const resume = await resumePoint(orchestrator, taskId, request);
      const reader = await orchestrator.read(taskId, { afterSeq: resume?.seq, onReady: stream.wake });
      if (reader === undefined) throw unknown('task_id');
      // A client that left while its reader was made would never be heard of again.
      if (response.destroyed) reader.close();
      else stream.open(reader, response, { ...options, correlationId, tag: resume?.tag, onClose: leave });
      if (response.destroyed) leave();
      return undefined;
    } catch (error) {
      leave();
      throw error;
    }
  });
}

/** Where `Last-Event-ID` says to go on; undefined without one. */
async function resumePoint(
  orchestrator: Orchestrator,
  taskId: TaskId,
  request: IncomingMessage,
): Promise<{ readonly tag: string; readonly seq: number } | undefined> {
  const id = request.headers['last-event-id'];
  if (id === undefined) return undefined;
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
