// SPDX-License-Identifier: MIT
import type { WorkerProps } from '@llama-orch/worker-adapter-api';
import type { Meter } from '../ports.ts';
import type { PoolId, ReplicaId } from '../task/ids.ts';
import type { Priority } from '../task/task.ts';

/** Where and for whom a job runs. */
export interface JobLabels {
  readonly props: WorkerProps;
  readonly poolId: PoolId;
  readonly replicaId: ReplicaId;
  readonly priority: Priority;
}

/** What a job did; what it did not reach is absent. */
export interface JobFigures {
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly decodeTimeMs?: number;
  readonly firstTokenMs?: number;
}

/** Counts a job as started; the function it returns counts what became of it, once. */
export function startJobMetrics(meter: Meter, labels: JobLabels): (figures: JobFigures) => void {
  const { engine, engineVersion } = labels.props;
  const replica = { engine, pool_id: labels.poolId, replica_id: labels.replicaId };
  meter.add('tasks_started_total', { ...replica, engine_version: engineVersion, priority: labels.priority }, 1);
  return (figures) => {
    if (figures.tokensIn > 0) meter.add('tokens_in_total', replica, figures.tokensIn);
    if (figures.tokensOut > 0) meter.add('tokens_out_total', replica, figures.tokensOut);
    if (figures.decodeTimeMs !== undefined) meter.observe('latency_decode_ms', replica, figures.decodeTimeMs);
    if (figures.firstTokenMs !== undefined) {
      const { poolId, priority } = labels;
      meter.observe('latency_first_token_ms', { engine, pool_id: poolId, priority }, figures.firstTokenMs);
    }
  };
}
