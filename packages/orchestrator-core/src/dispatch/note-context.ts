// SPDX-License-Identifier: MIT
import type { Replica } from '../pool/replica.ts';
import type { SessionTable } from '../session/session-table.ts';
import type { SessionId } from '../task/ids.ts';
import type { TaskRecord } from '../task/task-record.ts';
import type { JobOutcome } from './job-run.ts';

/** A run that is over. */
export interface RunFacts {
  readonly replica: Replica;
  readonly outcome: JobOutcome;
  readonly sessions: SessionTable;
  /** Monotonic. */
  readonly nowMs: number;
}

/** Remembers which context memory the replica holds after a run, before the next turn of the session is placed. */
export function noteContext({ task, turn }: TaskRecord, { replica, outcome, sessions, nowMs }: RunFacts): void {
  const end = outcome.kind === 'ended' || outcome.kind === 'aborted' ? outcome.end : undefined;
  const displaced = end?.displacedSessionId as SessionId | undefined;
  if (displaced !== undefined) sessions.cool(displaced, replica.id);
  if (turn === undefined) return;
  // An adapter that cannot tell is believed to keep what it was asked to keep.
  const believed = end !== undefined && replica.props?.features.sessionReuse === true && task.kvHint === 'reuse';
  const isKept = end?.contextKept ?? believed;
  // A later turn will not find it there.
  const kvWarmth = isKept && !replica.hasRetired;
  const isKnown = sessions.noteRun(turn, { replicaId: replica.id, kvWarmth, nowMs });
  // ORCH-1303: the session was ended while this turn ran.
  if (!isKnown && isKept) replica.adapter.forgetSession?.(turn.sessionId);
}
