// SPDX-License-Identifier: MIT
import type { WorkerAdapter, WorkerMetrics } from '@llama-orch/worker-adapter-api';
import type { Clock } from '../ports.ts';

/** How long an engine may take to tell its figures. */
const READING_LIMIT_MS = 1_000;

/** What an engine tells of itself; empty when it cannot tell, or not in time. Never rejects. */
export async function readMetrics(adapter: WorkerAdapter, clock: Clock): Promise<WorkerMetrics> {
  const limit = new AbortController();
  const timer = clock.setTimer(READING_LIMIT_MS, () => limit.abort());
  try {
    return await adapter.metrics(limit.signal);
  } catch {
    // An engine that does not answer is found by its probe; here it only cannot tell.
    return {};
  } finally {
    timer.cancel();
  }
}
