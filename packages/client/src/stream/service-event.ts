// SPDX-License-Identifier: MIT
import type { EventSourceMessage } from 'eventsource-parser';
import type {
  ModelChangedEvent,
  ReplicaChangedEvent,
  TaskChangedEvent,
  TaskRejectedEvent,
} from '@llama-orch/api-types';
import type { Cursor } from './follow.ts';
import { parseData } from './task-frame.ts';

/** Something that happened in the service; `reconnected` says that events may have been missed. */
export type ServiceEvent =
  | { readonly event: 'task-changed'; readonly data: TaskChangedEvent }
  | { readonly event: 'task-rejected'; readonly data: TaskRejectedEvent }
  | { readonly event: 'replica-changed'; readonly data: ReplicaChangedEvent }
  | { readonly event: 'model-changed'; readonly data: ModelChangedEvent }
  | { readonly event: 'reconnected' };

const NAMES: ReadonlySet<string> = new Set<ServiceEvent['event']>([
  'task-changed',
  'task-rejected',
  'replica-changed',
  'model-changed',
]);

/** Reads live events: nothing to resume, never over. */
export function createEventCursor(): Cursor<ServiceEvent> {
  let openCount = 0;
  return {
    lastEventId: undefined,
    done: false,
    accept: ({ event, data }: EventSourceMessage) =>
      event !== undefined && NAMES.has(event) ? ({ event, data: parseData(data) } as ServiceEvent) : undefined,
    opened() {
      openCount += 1;
      // ORCH-2540: what happened in between is lost, so the consumer must read lists again.
      return openCount > 1 ? { event: 'reconnected' } : undefined;
    },
  };
}
