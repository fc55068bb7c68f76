// SPDX-License-Identifier: MIT
import type { Meter } from '../ports.ts';
import type { JobResult } from '../task/conclusion.ts';
import type { JobPlace } from '../task/task-lifecycle.ts';
import type { TaskRecord } from '../task/task-record.ts';

/** Counts a job as started. */
export function countJobStart(meter: Meter, { task }: TaskRecord, { props, replicaId }: JobPlace): void {
  const { poolId, priority } = task;
  const { engine, engineVersion } = props;
  const labels = { engine, engine_version: engineVersion, pool_id: poolId, replica_id: replicaId, priority };
  meter.add('tasks_started_total', labels, 1);
}

/** Counts what became of a job. */
export function countJobEnd(
  meter: Meter,
  { task, usage, figures }: TaskRecord,
  { place, acceptedTokens }: JobResult,
): void {
  const { poolId, priority } = task;
  const { engine } = place.props;
  const replica = { engine, pool_id: poolId, replica_id: place.replicaId };
  const tokensIn = usage?.tokensIn ?? 0;
  const tokensOut = usage?.tokensOut ?? acceptedTokens;
  if (tokensIn > 0) meter.add('tokens_in_total', replica, tokensIn);
  if (tokensOut > 0) meter.add('tokens_out_total', replica, tokensOut);
  if (figures.decodeTimeMs !== undefined) meter.observe('latency_decode_ms', replica, figures.decodeTimeMs);
  if (figures.firstTokenMs !== undefined) {
    meter.observe('latency_first_token_ms', { engine, pool_id: poolId, priority }, figures.firstTokenMs);
  }
}
