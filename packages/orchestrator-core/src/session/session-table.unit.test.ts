// SPDX-License-Identifier: MIT
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import type { ReplicaId, SessionId } from '../task/ids.ts';
import { NOTHING, type Amounts } from '../budget/budget.ts';
import { SessionTable, type Turn, type TurnEnd, type TurnOutcome, type TurnPlace } from './session-table.ts';

const A = 'a' as SessionId;
const B = 'b' as SessionId;
const REPLICA = 'r1' as ReplicaId;
const TTL_MS = 1_000;
const OPTIONS = { ttlMs: TTL_MS, maxTurns: 3 };

verifies('ORCH-3200', 'a turn beyond the limit is refused', () => {
  const table = new SessionTable(OPTIONS);
  for (let turns = 1; turns <= 3; turns++) {
    const opened = table.openTurn(A, tokens(10), 0);
    expect(opened).toMatchObject({ outcome: 'opened', session: { id: A, turns, kvWarmth: false } });
    table.endTurn(turnOf(opened), ended(0));
  }
  expect(table.openTurn(A, tokens(10), 0)).toEqual({ outcome: 'refused', limit: 'turns' });
  expect(table.openTurn(B, tokens(10), 0).outcome).toBe('opened');
});

verifies('ORCH-3201', 'a session is gone when its time to live has passed since its last turn', () => {
  const table = new SessionTable(OPTIONS);
  table.endTurn(turnOf(table.openTurn(A, tokens(10), 0)), ended(500));
  expect(table.get(A, 1_499)).toMatchObject({ turns: 1, ttlMsRemaining: 1 });
  expect(table.list(1_499)).toHaveLength(1);
  expect(table.get(A, 1_500)).toBeUndefined();
  expect(table.list(1_500)).toEqual([]);
  expect(table.end(A, 1_500)).toBe(false);
  expect(table.openTurn(A, tokens(10), 1_500)).toMatchObject({ outcome: 'opened', session: { turns: 1 } });
});

verifies('ORCH-3202', 'time does not run while a turn is open', () => {
  const table = new SessionTable(OPTIONS);
  const [first, second] = [turnOf(table.openTurn(A, tokens(10), 0)), turnOf(table.openTurn(A, tokens(10), 0))];
  table.endTurn(first, ended(0));
  expect(table.get(A, 50_000)).toMatchObject({ turns: 2, ttlMsRemaining: TTL_MS });
  expect(table.list(50_000)).toHaveLength(1);
  table.endTurn(second, ended(60_000));
  expect(table.get(A, 60_999)).toBeDefined();
  expect(table.get(A, 61_000)).toBeUndefined();
});

verifies('ORCH-3203', 'a session remembers where its latest turn ran and whether that is warm', () => {
  const table = new SessionTable(OPTIONS);
  runTurn(table, A, { replicaId: REPLICA, kvWarmth: true, nowMs: 0 });
  expect(table.get(A, 0)).toMatchObject({ replicaId: REPLICA, kvWarmth: true });
  table.endTurn(turnOf(table.openTurn(A, tokens(10), 0)), ended(0));
  expect(table.get(A, 0), 'a turn that did not run changes nothing').toMatchObject({
    replicaId: REPLICA,
    kvWarmth: true,
  });
  table.coolReplica('other' as ReplicaId);
  expect(table.get(A, 0)).toMatchObject({ kvWarmth: true });
  table.coolReplica(REPLICA);
  expect(table.get(A, 0)).toMatchObject({ replicaId: REPLICA, kvWarmth: false });
});

verifies(['ORCH-3203', 'ORCH-1302'], 'the next turn finds the place of one that has not ended yet', () => {
  const table = new SessionTable(OPTIONS);
  const turn = turnOf(table.openTurn(A, tokens(10), 0));
  expect(table.noteRun(turn, { replicaId: REPLICA, kvWarmth: true, nowMs: 0 })).toBe(true);
  expect(table.get(A, 0)).toMatchObject({ replicaId: REPLICA, kvWarmth: true });
  table.end(A, 0);
  expect(table.noteRun(turn, { replicaId: REPLICA, kvWarmth: true, nowMs: 0 }), 'it was ended').toBe(false);
});

verifies('ORCH-1302', 'warm sessions linger on their replica for a while, and no longer than they are warm', () => {
  const table = new SessionTable({ ...OPTIONS, lingerMs: 100 });
  const other = 'r2' as ReplicaId;
  const count = (nowMs: number, besides?: SessionId): number => table.lingeringOn(REPLICA, nowMs, besides);
  runTurn(table, A, { replicaId: REPLICA, kvWarmth: true, nowMs: 0 });
  runTurn(table, B, { replicaId: REPLICA, kvWarmth: true, nowMs: 50 });
  expect([count(99), count(99, A), count(100), count(149), count(150)]).toEqual([2, 1, 1, 1, 0]);
  runTurn(table, A, { replicaId: REPLICA, kvWarmth: true, nowMs: 200 });
  expect([count(200), count(200, A), table.lingeringOn(other, 200, undefined)]).toEqual([1, 0, 0]);
  table.cool(A, other);
  expect(count(200), 'another replica lost nothing of it').toBe(1);
  table.cool(A, REPLICA);
  expect([count(200), table.get(A, 200)?.kvWarmth]).toEqual([0, false]);
  runTurn(table, B, { replicaId: REPLICA, kvWarmth: true, nowMs: 200 });
  runTurn(table, B, { replicaId: other, kvWarmth: true, nowMs: 200 });
  expect([count(200), table.lingeringOn(other, 200, undefined)]).toEqual([0, 1]);
  table.end(B, 200);
  expect(table.lingeringOn(other, 200, undefined)).toBe(0);
});

verifies('ORCH-1302', 'nothing lingers where lingering is off', () => {
  const table = new SessionTable({ ...OPTIONS, lingerMs: 0 });
  runTurn(table, A, { replicaId: REPLICA, kvWarmth: true, nowMs: 5 });
  expect(table.lingeringOn(REPLICA, 5, undefined)).toBe(0);
});

verifies('ORCH-3204', 'a full table refuses new sessions and serves those it has', () => {
  const table = new SessionTable({ ...OPTIONS, maxSessions: 1 });
  table.endTurn(turnOf(table.openTurn(A, tokens(10), 0)), ended(0));
  expect(table.openTurn(B, tokens(10), 999)).toEqual({ outcome: 'refused', limit: 'sessions' });
  expect(table.openTurn(A, tokens(10), 999).outcome).toBe('opened');
  expect(table.list(999).map(({ id }) => id)).toEqual([A]);
});

verifies('ORCH-3204', 'an expired session makes room behind one that is busy', () => {
  const table = new SessionTable({ ...OPTIONS, maxSessions: 2 });
  table.openTurn(A, tokens(10), 0);
  table.endTurn(turnOf(table.openTurn(B, tokens(10), 0)), ended(0));
  expect(table.openTurn('c' as SessionId, tokens(10), TTL_MS).outcome).toBe('opened');
  expect(
    table
      .list(TTL_MS)
      .map(({ id }) => id)
      .sort(),
  ).toEqual(['a', 'c']);
});

verifies('ORCH-3205', 'refused and taken back turns leave everything as it was', () => {
  const table = new SessionTable({ ...OPTIONS, budget: { tokens: 100 } });
  table.takeBackTurn(turnOf(table.openTurn(A, tokens(60), 0)));
  expect(table.list(0), 'the session of a first turn goes with it').toEqual([]);
  expect(table.openTurn(A, tokens(101), 0)).toEqual({ outcome: 'refused', limit: 'tokens' });
  expect(table.list(0)).toEqual([]);
  table.openTurn(A, tokens(60), 0);
  table.takeBackTurn(turnOf(table.openTurn(A, tokens(40), 0)));
  expect(table.openTurn(A, tokens(41), 0)).toEqual({ outcome: 'refused', limit: 'tokens' });
  expect(table.get(A, 0)).toMatchObject({ turns: 1, remaining: { tokens: 40 } });
});

verifies('ORCH-3206', 'turns of an ended session do not touch the next one', () => {
  const table = new SessionTable({ ...OPTIONS, budget: { tokens: 100 } });
  const [late, taken] = [turnOf(table.openTurn(A, tokens(10), 0)), turnOf(table.openTurn(A, tokens(10), 0))];
  expect(table.end(A, 0)).toBe(true);
  expect(table.get(A, 0)).toBeUndefined();
  table.openTurn(A, tokens(30), 0);
  expect(table.noteRun(late, { replicaId: REPLICA, kvWarmth: true, nowMs: 0 })).toBe(false);
  table.endTurn(late, { ...ended(0), used: tokens(50) });
  table.takeBackTurn(taken);
  expect(table.get(A, 99_999)).toEqual({
    id: A,
    turns: 1,
    ttlMsRemaining: TTL_MS,
    kvWarmth: false,
    remaining: { tokens: 70 },
  });
});

verifies('ORCH-3207', 'a turn reserves its tokens and gives back what it did not use', () => {
  const table = new SessionTable({ ...OPTIONS, budget: { tokens: 100 } });
  const turn = turnOf(table.openTurn(A, tokens(80), 0));
  expect(table.get(A, 0)).toMatchObject({ remaining: { tokens: 20 } });
  expect(table.openTurn(A, tokens(21), 0)).toEqual({ outcome: 'refused', limit: 'tokens' });
  table.endTurn(turn, { ...ended(0), used: tokens(30) });
  expect(table.get(A, 0)).toMatchObject({ remaining: { tokens: 70 } });
});

function turnOf(outcome: TurnOutcome): Turn {
  if (outcome.outcome !== 'opened') throw new Error(`refused: ${outcome.limit}`);
  return outcome.turn;
}

function tokens(count: number): Amounts {
  return { ...NOTHING, tokens: count };
}

function ended(nowMs: number): TurnEnd {
  return { used: NOTHING, nowMs };
}

/** A whole turn, which ran there. */
function runTurn(table: SessionTable, id: SessionId, place: TurnPlace): void {
  const turn = turnOf(table.openTurn(id, tokens(1), place.nowMs));
  table.noteRun(turn, place);
  table.endTurn(turn, ended(place.nowMs));
}
