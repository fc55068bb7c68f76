// SPDX-License-Identifier: MIT
import { formatDuration } from './format-duration.ts';

/** Where a task stands, as the service told it. */
export interface Place {
  readonly queue_position: number;
  readonly predicted_start_ms?: number;
}

/** Position and, where it is known, start of a waiting task. */
export function formatPlace({ queue_position, predicted_start_ms }: Place): string {
  const position = queue_position === 0 ? 'next in line' : `waiting, ${queue_position} ahead`;
  // ORCH-2611: no start is shown that the service did not tell.
  if (predicted_start_ms === undefined) return position;
  const start = predicted_start_ms < 1 ? 'now' : `in about ${formatDuration(predicted_start_ms)}`;
  return `${position}, starts ${start}`;
}
