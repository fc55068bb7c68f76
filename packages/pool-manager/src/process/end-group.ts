// SPDX-License-Identifier: MIT
import type { Clock } from '@llama-orch/orchestrator-core';
import { pause } from '../time/pause.ts';
import { isGroupAlive, signalGroup } from './process-group.ts';

const LOOK_PAUSE_MS = 20;
const LONGEST_LOOK_PAUSE_MS = 500;

/** How {@link endGroup} goes about it. */
export interface EndGroupOptions {
  readonly clock: Clock;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly graceMs: number;
}

/**
 * Ends a process group in steps and resolves when none of it runs any more, however long the kernel takes: until then its memory and
 * its port are not free.
 */
export async function endGroup(leader: number, { clock, graceMs }: EndGroupOptions): Promise<void> {
  // ORCH-1405
  signalGroup(leader, 'SIGTERM');
  const killAtMs = clock.nowMs() + graceMs;
  let wasKilled = false;
  for (
    let pauseMs = LOOK_PAUSE_MS;
    await isGroupAlive(leader);
    pauseMs = Math.min(LONGEST_LOOK_PAUSE_MS, pauseMs * 2)
  ) {
    const leftMs = killAtMs - clock.nowMs();
    if (leftMs <= 0 && !wasKilled) {
      wasKilled = true;
      pauseMs = LOOK_PAUSE_MS;
      signalGroup(leader, 'SIGKILL');
    }
    await pause(clock, wasKilled ? pauseMs : Math.min(pauseMs, leftMs));
  }
}
