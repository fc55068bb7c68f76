// SPDX-License-Identifier: MIT
import type { SessionId } from '../task/ids.ts';
import type { Task } from '../task/task.ts';

/**
 * Whose turn it is in each session: of the turns that have not ended, the one admitted first. A session has few turns at
 * once, and a task without a session is always on turn.
 */
export class SessionTurns<T extends { readonly task: Task }> {
  /** In the order of their admission. */
  readonly #turns = new Map<SessionId, Set<T>>();

  /** Stands behind the other turns of its session. */
  join(turn: T): void {
    const { sessionId } = turn.task;
    if (sessionId === undefined) return;
    const turns = this.#turns.get(sessionId);
    if (turns === undefined) this.#turns.set(sessionId, new Set([turn]));
    else turns.add(turn);
  }

  /** The same for turns of another process, in any order: one that was moved in line keeps its turn. */
  joinAll(turns: readonly T[]): void {
    for (const turn of turns.toSorted(byAdmission)) this.join(turn);
  }

  /** True when no older turn of its session is there. */
  isOn(turn: T): boolean {
    return this.before(turn) === 0;
  }

  /** How many older turns of its session are there. */
  before(turn: T): number {
    const { sessionId } = turn.task;
    if (sessionId === undefined) return 0;
    let count = 0;
    for (const other of this.#turns.get(sessionId) ?? []) {
      if (other === turn) break;
      count += 1;
    }
    return count;
  }

  /** It is over; answers whose turn has come by that. */
  leave(turn: T): T | undefined {
    const { sessionId } = turn.task;
    if (sessionId === undefined) return undefined;
    const turns = this.#turns.get(sessionId);
    if (turns === undefined) return undefined;
    const [first] = turns;
    turns.delete(turn);
    if (turns.size === 0) this.#turns.delete(sessionId);
    return first === turn ? turns.values().next().value : undefined;
  }
}

/** Many may come in one millisecond; their wall times tell them apart. */
function byAdmission({ task: a }: { readonly task: Task }, { task: b }: { readonly task: Task }): number {
  return a.acceptedAtMs - b.acceptedAtMs || a.createdAt - b.createdAt;
}
