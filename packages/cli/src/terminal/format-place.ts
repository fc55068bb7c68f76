// SPDX-License-Identifier: MIT
import { formatDuration } from './format-duration.ts';

/** Where a task stands, as the service told it. */
export interface Place {
  readonly queue_position: number;
  readonly predicted_start_ms?: number;
  readonly on_time_probability?: number;
  readonly waiting_for?: string;
}

/** Position and, where it is known, start of a waiting task. */
export function formatPlace({ queue_position, predicted_start_ms, on_time_probability, waiting_for }: Place): string {
  const place = queue_position === 0 ? 'next in line' : `waiting, ${queue_position} ahead`;
  const position = waiting_for === undefined || isPlain(waiting_for) ? place : `${place} (${waiting_for})`;
  // ORCH-2611: no start is shown that the service did not tell.
  if (predicted_start_ms === undefined) return position;
  const start = predicted_start_ms < 1 ? 'now' : `in about ${formatDuration(predicted_start_ms)}`;
  const chance = on_time_probability === undefined ? '' : `, in time with ${Math.round(on_time_probability * 100)} %`;
  return `${position}, starts ${start}${chance}`;
}

/** Reasons that the place says already. */
function isPlain(reason: string): boolean {
  return reason === 'slot' || reason === 'earlier_tasks';
}
