// SPDX-License-Identifier: MIT
import type { Pool } from '../pool/pool.ts';
import { pickWorker } from '../scheduling/pick-worker.ts';
import type { SessionTable } from '../session/session-table.ts';
import type { JobPlace } from '../task/task-lifecycle.ts';
import type { Task } from '../task/task.ts';

/** What placing a job looks at. */
export interface PlacementFacts {
  readonly pool: Pool;
  readonly sessions: SessionTable;
  /** Monotonic. */
  readonly nowMs: number;
  /** A job that is to run alone may be placed where others still run. */
  readonly isAlone: boolean;
}

/** Where the job is to run now; undefined when no replica can take it. */
export function placeJob(task: Task, { pool, sessions, nowMs, isAlone }: PlacementFacts): JobPlace | undefined {
  const { sessionId } = task;
  const session = sessionId === undefined ? undefined : sessions.get(sessionId, nowMs);
  const candidates = pool.replicas.map((replica) => ({
    replicaId: replica.id,
    ready: replica.state === 'ready' && !replica.reserved,
    slots: isAlone ? Infinity : (replica.props?.slots ?? 0),
    slotsBusy: replica.slotsBusy,
    slotsLingering: sessions.lingeringOn(replica.id, nowMs, sessionId),
    // ORCH-1431
    freeVramBytes: replica.freeDeviceBytes,
  }));
  const affinity = session?.replicaId;
  const choice = pickWorker(candidates, { affinity });
  if (choice.outcome === 'none') return undefined;
  const { replicaId, reason } = choice;
  const replica = pool.replicas.find(({ id }) => id === replicaId);
  const kvWarmth = session?.kvWarmth === true && affinity === replicaId && task.kvHint === 'reuse';
  if (replica?.props === undefined) return undefined;
  return { pool, replica, replicaId, props: replica.props, reason, kvWarmth };
}
