// SPDX-License-Identifier: MIT
import type { SessionView } from '../orchestrator-api.ts';
import type { Session } from './session-table.ts';

/** The session as clients may see it. */
export function viewSession({ id, ttlMsRemaining, turns, kvWarmth, replicaId, remaining }: Session): SessionView {
  return {
    id,
    ttlMsRemaining,
    turns,
    kvWarmth,
    ...(replicaId === undefined ? {} : { replicaId }),
    ...(remaining === undefined ? {} : { budget: remaining }),
  };
}
