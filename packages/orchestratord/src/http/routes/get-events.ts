// SPDX-License-Identifier: MIT
import type * as Wire from '@llama-orch/api-types';
import { systemClock } from '@llama-orch/node-ports';
import type { ControlEvent } from '@llama-orch/orchestrator-core';
import type { AppDeps } from '../app-deps.ts';
import { encodeFrame } from '../encode-frame.ts';
import { route, type Route } from '../route.ts';
import { SseWriter } from '../sse-writer.ts';
import { toWireModelEvent } from '../to-wire-model.ts';
import type { StreamGate } from '../stream-gate.ts';

/** `GET /v1/events`: live, nothing is replayed; ORCH-2220, ORCH-2221. */
export function getEvents(
  { orchestrator, models }: Pick<AppDeps, 'orchestrator' | 'models'>,
  gate: StreamGate,
  options: AppDeps['stream'],
): Route {
  return route('streamEvents', ({ response, correlationId, scope }) => {
    let eventCount = 0;
    const leave = gate.enter(() => sse.end());
    const sse = new SseWriter(response);
    sse.begin({ ...options, correlationId });
    response.flushHeaders();
    const write = (encode: (id: number) => string): void => {
      // ORCH-2221: a reader that does not read is not buffered for
      if (sse.waitingBytes > options.clientBufferBytes) sse.drop();
      else sse.write(encode(++eventCount));
    };
    const unwatch = orchestrator.watch((event) => {
      if (scope !== undefined && event.kind !== 'replica' && event.keyId !== scope) return;
      write((id) => encodeEvent(event, id));
    });
    const unwatchModels = models.watch((event) => {
      write((id) => encodeFrame(id, 'model-changed', toWireModelEvent(event, systemClock.wallNowMs())));
    });
    response.once('close', () => {
      leave();
      unwatch();
      unwatchModels();
    });
    return Promise.resolve(undefined);
  });
}

function encodeEvent(event: ControlEvent, id: number): string {
  const at = new Date(event.at).toISOString();
  switch (event.kind) {
    case 'task': {
      const { taskId, poolId, state, code } = event;
      const data = { at, task_id: taskId, pool_id: poolId, state, code: code as Wire.ErrorCode | undefined };
      return encodeFrame(id, 'task-changed', data satisfies Wire.TaskChangedEvent);
    }
    case 'rejection': {
      const data = { at, code: event.code as Wire.ErrorCode, pool_id: event.poolId };
      return encodeFrame(id, 'task-rejected', data satisfies Wire.TaskRejectedEvent);
    }
    case 'replica': {
      const data = { at, pool_id: event.poolId, replica_id: event.replicaId, state: event.state };
      return encodeFrame(id, 'replica-changed', data satisfies Wire.ReplicaChangedEvent);
    }
  }
}
