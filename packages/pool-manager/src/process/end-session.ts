// SPDX-License-Identifier: MIT
import type { Clock } from '@llama-orch/orchestrator-core';
import { pause } from '../time/pause.ts';
import { signalSession } from './process-session.ts';

const LOOK_PAUSE_MS = 20;
const LONGEST_LOOK_PAUSE_MS = 500;

/** How {@link endSession} goes about it. */
export interface EndSessionOptions {
  readonly clock: Clock;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly graceMs: number;
}

/**
 * Ends everything in the session of `leader` in steps and resolves when none of it runs any more, however long the kernel takes: until
 * then its memory and its port are not free.
 */
export async function endSession(leader: number, { clock, graceMs }: EndSessionOptions): Promise<void> {
  const killAtMs = clock.nowMs() + graceMs;
  // ORCH-1405
  await signalSession(leader, 'SIGTERM');
  for (let pauseMs = LOOK_PAUSE_MS; ; pauseMs = Math.min(LONGEST_LOOK_PAUSE_MS, pauseMs * 2)) {
    const leftMs = killAtMs - clock.nowMs();
    // Again at each look: a process may start another one between being seen and being ended.
    if (!(await signalSession(leader, leftMs > 0 ? 0 : 'SIGKILL'))) return;
    await pause(clock, leftMs > 0 ? Math.min(pauseMs, leftMs) : LOOK_PAUSE_MS);
  }
}
