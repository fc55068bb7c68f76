// SPDX-License-Identifier: MIT
import {
  lackingKind,
  NOTHING,
  openBudget,
  remainingOf,
  reserve,
  settle,
  type Amounts,
  type Budget,
  type BudgetKind,
  type LimitedAmounts,
} from '../budget/budget.ts';
import type { KeptSession } from '../store/task-store.ts';
import type { ReplicaId, SessionId } from '../task/ids.ts';
import { LingeringSessions } from './lingering-sessions.ts';

/** Bounds of sessions. */
export interface SessionTableOptions {
  /** Milliseconds without an open turn after which a session is forgotten. At least 1. */
  readonly ttlMs: number;
  /** Turns a session may have. */
  readonly maxTurns: number;
  /** What all turns of a session may use together; default unlimited. */
  readonly budget?: LimitedAmounts;
  /** Milliseconds for which a slot is spared for the next turn of the session that used it last; default 10,000. */
  readonly lingerMs?: number;
  /** Sessions held at once; default 10,000. */
  readonly maxSessions?: number;
  /** Told of every change that must outlive the process; undefined stands for a session that is over. */
  readonly keep?: (id: SessionId, session: KeptSession | undefined) => void;
}

/** A session at one moment. */
export interface Session {
  readonly id: SessionId;
  readonly turns: number;
  readonly ttlMsRemaining: number;
  /** Replica of the latest turn. */
  readonly replicaId?: ReplicaId;
  /** Whether that replica is believed to hold the session's context memory. */
  readonly kvWarmth: boolean;
  /** What is left of its budget; absent without one. */
  readonly remaining?: LimitedAmounts;
}

/** What a turn can be refused for. */
export type TurnLimit = 'sessions' | 'turns' | BudgetKind;

/** What became of the wish to open a turn; a refusal changes nothing. */
export type TurnOutcome =
  | { readonly outcome: 'opened'; readonly turn: Turn; readonly session: Session }
  | { readonly outcome: 'refused'; readonly limit: TurnLimit };

/** An open turn; ended or taken back exactly once. */
export interface Turn {
  readonly sessionId: SessionId;
  /** Tells the session from one of the same id that was ended. */
  readonly generation: number;
  readonly reserved: Amounts;
}

/** How a turn ended. */
export interface TurnEnd {
  readonly used: Amounts;
  readonly nowMs: number;
}

/** Where a turn has run. */
export interface TurnPlace {
  readonly replicaId: ReplicaId;
  /** Whether the replica keeps the context memory. */
  readonly kvWarmth: boolean;
  readonly nowMs: number;
}

interface SessionEntry {
  readonly id: SessionId;
  readonly generation: number;
  turns: number;
  openTurns: number;
  /** Monotonic; means something only while no turn is open. */
  expiresAtMs: number;
  replicaId: ReplicaId | undefined;
  kvWarmth: boolean;
  budget: Budget | undefined;
}

const DEFAULT_MAX_SESSIONS = 10_000;
const DEFAULT_LINGER_MS = 10_000;

/**
 * The sessions of one orchestrator: turns, time to live, budget, and which replica is warm. Time comes in as an argument.
 *
 * A turn is opened before its task is admitted, and then ended or, when the task was refused, taken back. Turns of a
 * session that was ended meanwhile are ignored.
 */
export class SessionTable {
  readonly #options: SessionTableOptions & Required<Pick<SessionTableOptions, 'maxSessions'>>;
  /** The longest untouched first. */
  readonly #sessions = new Map<SessionId, SessionEntry>();
  readonly #lingering: LingeringSessions;
  #generation = 0;

  constructor(options: SessionTableOptions) {
    this.#options = { maxSessions: DEFAULT_MAX_SESSIONS, ...options };
    this.#lingering = new LingeringSessions(options.lingerMs ?? DEFAULT_LINGER_MS);
  }

  /** Goes on with the sessions of another process; called before the first turn. None of their turns is open. */
  restore(sessions: readonly KeptSession[], nowMs: number): void {
    for (const kept of sessions.toSorted((a, b) => a.ttlMsRemaining - b.ttlMsRemaining)) {
      const session = this.#create(kept.id);
      session.turns = kept.turns;
      session.expiresAtMs = nowMs + kept.ttlMsRemaining;
      session.budget &&= openBudget(session.budget.limits, spentBy(kept));
      this.#sessions.set(kept.id, session);
    }
  }

  /** The turn of a task that was admitted by another process and has not ended; no limit is asked again. */
  resumeTurn(id: SessionId, amounts: Amounts, nowMs: number): Turn {
    const session = this.#sessions.get(id) ?? this.#create(id);
    session.turns = Math.max(1, session.turns);
    session.openTurns += 1;
    session.budget &&= reserve(session.budget, amounts);
    this.#touch(session, nowMs);
    return { sessionId: id, generation: session.generation, reserved: amounts };
  }

  /** The limit that stands in the way of a turn that may use up to `amounts`; opens none. */
  limitOf(id: SessionId, amounts: Amounts, nowMs: number): TurnLimit | undefined {
    this.#expire(nowMs);
    const known = this.#sessions.get(id);
    // ORCH-3204: a full table refuses; forgetting a session early would reset its limits.
    if (known === undefined && this.#sessions.size >= this.#options.maxSessions) return 'sessions';
    const { turns, budget } = known ?? this.#create(id);
    if (turns >= this.#options.maxTurns) return 'turns';
    return budget && lackingKind(budget, amounts);
  }

  /** Opens a turn that may use up to `amounts`, in a new session when there is none of that id. */
  openTurn(id: SessionId, amounts: Amounts, nowMs: number): TurnOutcome {
    const limit = this.limitOf(id, amounts, nowMs);
    if (limit !== undefined) return { outcome: 'refused', limit };
    const session = this.#sessions.get(id) ?? this.#create(id);
    session.budget &&= reserve(session.budget, amounts);
    session.turns += 1;
    session.openTurns += 1;
    this.#touch(session, nowMs);
    const turn = { sessionId: id, generation: session.generation, reserved: amounts };
    return { outcome: 'opened', turn, session: this.#view(session, nowMs) };
  }

  /** Takes a turn back whose task was not admitted. */
  takeBackTurn(turn: Turn): void {
    const session = this.#close(turn, NOTHING);
    if (session === undefined) return;
    session.turns -= 1;
    if (session.turns === 0) this.#forget(session.id);
    else this.#keep(session);
  }

  /**
   * A turn has run there; called before its end, so that the next turn finds its place. False when the session was ended
   * meanwhile.
   */
  noteRun({ sessionId, generation }: Turn, { replicaId, kvWarmth, nowMs }: TurnPlace): boolean {
    const session = this.#sessions.get(sessionId);
    if (session?.generation !== generation) return false;
    session.replicaId = replicaId;
    session.kvWarmth = kvWarmth;
    if (kvWarmth) this.#lingering.add(sessionId, replicaId, nowMs);
    else this.#lingering.delete(sessionId);
    return true;
  }

  /** Ends a turn. */
  endTurn(turn: Turn, { used, nowMs }: TurnEnd): void {
    const session = this.#close(turn, used);
    if (session !== undefined) this.#touch(session, nowMs);
  }

  /** The session, or undefined when there is none or its time is over. */
  get(id: SessionId, nowMs: number): Session | undefined {
    const session = this.#sessions.get(id);
    return session === undefined || isOver(session, nowMs) ? undefined : this.#view(session, nowMs);
  }

  /** All sessions, the longest untouched first. */
  list(nowMs: number): readonly Session[] {
    this.#expire(nowMs);
    return [...this.#sessions.values()].map((session) => this.#view(session, nowMs));
  }

  /** Forgets a session; false when there is none. */
  end(id: SessionId, nowMs: number): boolean {
    const known = this.get(id, nowMs) !== undefined;
    this.#forget(id);
    return known;
  }

  /** A replica lost its context memory: its sessions are cold. */
  coolReplica(replicaId: ReplicaId): void {
    for (const { id } of this.#sessions.values()) this.cool(id, replicaId);
  }

  /** A replica lost the context memory of one session. */
  cool(id: SessionId, replicaId: ReplicaId): void {
    const session = this.#sessions.get(id);
    if (session?.replicaId !== replicaId) return;
    session.kvWarmth = false;
    this.#lingering.delete(id);
  }

  /** How many other sessions a replica holds whose next turn is likely to come soon. */
  lingeringOn(replicaId: ReplicaId, nowMs: number, besides: SessionId | undefined): number {
    return this.#lingering.countOn(replicaId, nowMs, besides);
  }

  /** Undefined when the turn's session was ended meanwhile. */
  #close({ sessionId, generation, reserved }: Turn, used: Amounts): SessionEntry | undefined {
    const session = this.#sessions.get(sessionId);
    if (session?.generation !== generation) return undefined;
    session.openTurns -= 1;
    session.budget &&= settle(session.budget, reserved, used);
    return session;
  }

  #create(id: SessionId): SessionEntry {
    const { budget } = this.#options;
    this.#generation += 1;
    return {
      id,
      generation: this.#generation,
      turns: 0,
      openTurns: 0,
      expiresAtMs: 0,
      replicaId: undefined,
      kvWarmth: false,
      budget: budget && openBudget(budget),
    };
  }

  #touch(session: SessionEntry, nowMs: number): void {
    session.expiresAtMs = nowMs + this.#options.ttlMs;
    this.#sessions.delete(session.id);
    this.#sessions.set(session.id, session);
    this.#keep(session);
  }

  #forget(id: SessionId): void {
    this.#lingering.delete(id);
    if (this.#sessions.delete(id)) this.#options.keep?.(id, undefined);
  }

  #keep({ id, turns, budget }: SessionEntry): void {
    const { keep, ttlMs } = this.#options;
    const { tokens, timeMs, costMicros } = budget?.spent ?? NOTHING;
    const used = { usedTokens: tokens, usedTimeMs: timeMs, usedCostMicros: costMicros };
    keep?.(id, { id, turns, ttlMsRemaining: ttlMs, ...used });
  }

  #expire(nowMs: number): void {
    for (const session of this.#sessions.values()) {
      if (session.expiresAtMs > nowMs) return;
      // ORCH-3202: time does not run while a turn is open.
      if (session.openTurns > 0) this.#touch(session, nowMs);
      else this.#forget(session.id);
    }
  }

  #view(session: SessionEntry, nowMs: number): Session {
    const { id, turns, openTurns, expiresAtMs, replicaId, kvWarmth, budget } = session;
    return {
      id,
      turns,
      ttlMsRemaining: openTurns > 0 ? this.#options.ttlMs : expiresAtMs - nowMs,
      ...(replicaId === undefined ? {} : { replicaId }),
      kvWarmth,
      ...(budget === undefined ? {} : { remaining: remainingOf(budget) }),
    };
  }
}

function isOver(session: SessionEntry, nowMs: number): boolean {
  return session.openTurns === 0 && session.expiresAtMs <= nowMs;
}

function spentBy({ usedTokens, usedTimeMs = 0, usedCostMicros = 0 }: KeptSession): Amounts {
  return { tokens: usedTokens, timeMs: usedTimeMs, costMicros: usedCostMicros };
}
