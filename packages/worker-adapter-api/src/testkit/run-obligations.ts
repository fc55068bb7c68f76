// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import type { WorkerProps } from '../worker-adapter.ts';
import { provided, type AdapterFixture } from './adapter-fixture.ts';
import type { CheckContext, Obligation } from './obligation.ts';
import { quiet, type RecordedRun } from './recorded-run.ts';

/** Most runs a check starts at once. */
const MOST_RUNS_AT_ONCE = 4;
const FEW_TOKENS = 3;

/** Duties of a run that nobody aborts. */
export const runObligations: readonly Obligation[] = [
  { id: 'ORCH-4001', title: 'a run settles once and is silent afterwards', needs: [], check: settlesOnce },
  { id: 'ORCH-4002', title: 'pieces are non-empty strings with a token count', needs: [], check: sendsText },
  { id: 'ORCH-4006', title: 'slots run side by side', needs: ['endless', 'several_slots'], check: runsSideBySide },
  { id: 'ORCH-4007', title: 'a surplus run waits or is refused', needs: ['endless'], check: holdsSurplus },
  { id: 'ORCH-4008', title: 'a refused request is INVALID_PARAMS', needs: ['refusal'], check: passesRefusalOn },
  { id: 'ORCH-4009', title: 'an engine that breaks is WORKER_RESET', needs: ['breakage'], check: reportsBreakage },
  { id: 'ORCH-4014', title: 'the bound on tokens is kept', needs: ['endless'], check: keepsTokenBound },
  { id: 'ORCH-4015', title: 'strict gives the same text again', needs: ['strict'], check: repeats },
];

async function settlesOnce({ fixture, run }: CheckContext): Promise<void> {
  const recorded = run(fixture.brief);
  const end = await recorded.end();
  await quiet();
  assert.equal(recorded.callsAfterSettle, 0, 'onTokens was called after run had settled');
  assert.ok(end.finishReason === 'stop' || end.finishReason === 'length', `finishReason is ${end.finishReason}`);
  for (const key of ['tokensIn', 'tokensOut', 'decodeTimeMs'] as const) {
    assert.ok(Number.isFinite(end[key]) && end[key] >= 0, `${key} is ${end[key]}`);
  }
}

async function sendsText({ fixture, run }: CheckContext): Promise<void> {
  const recorded = run(fixture.brief);
  const { tokensOut } = await recorded.end();
  assert.ok(recorded.pieces.length > 0, 'no piece was sent');
  for (const piece of recorded.pieces) assert.ok(typeof piece === 'string' && piece !== '', 'a piece is empty');
  for (const count of recorded.tokenCounts) assert.ok(Number.isInteger(count) && count >= 0, `a count is ${count}`);
  const sum = recorded.tokenCounts.reduce((total, count) => total + count, 0);
  assert.ok(sum <= tokensOut, `the counts add up to ${sum}, tokensOut is ${tokensOut}`);
}

async function runsSideBySide({ fixture, run }: CheckContext): Promise<void> {
  const { slots } = await readProps(fixture);
  assert.ok(slots >= 2, `the fixture declares several slots, props say ${slots}`);
  const endless = provided(fixture.endless, 'endless request');
  const runs = Array.from({ length: Math.min(slots, MOST_RUNS_AT_ONCE) }, () => run(endless));
  for (const recorded of runs) await recorded.firstPiece();
  for (const recorded of runs) assert.equal(recorded.outcome, undefined, 'one run waited for the end of another');
  await abortAll(runs);
}

async function holdsSurplus({ fixture, run }: CheckContext): Promise<void> {
  const { slots } = await readProps(fixture);
  const endless = provided(fixture.endless, 'endless request');
  const runs = Array.from({ length: slots }, () => run(endless));
  for (const recorded of runs) await recorded.firstPiece();
  const surplus = run(fixture.brief);
  await quiet();
  for (const recorded of runs) assert.equal(recorded.outcome, undefined, 'a surplus run ended an earlier one');
  assert.equal(surplus.pieces.length, 0, 'a surplus run took a slot that is not free');
  await abortAll(runs);
  await surplus.settled();
  if (surplus.outcome?.status === 'rejected') assert.equal((await surplus.fault()).code, 'REPLICA_EXHAUSTED');
}

async function passesRefusalOn({ fixture, run }: CheckContext): Promise<void> {
  const refused = run(provided(fixture.refused, 'refused request'));
  assert.equal((await refused.fault()).code, 'INVALID_PARAMS');
  assert.equal(refused.pieces.length, 0, 'a refused request sent pieces');
  await run(fixture.brief).end();
}

async function reportsBreakage({ fixture, run }: CheckContext): Promise<void> {
  const recorded = run(provided(fixture.breaking, 'breaking request'));
  assert.equal((await recorded.fault()).code, 'WORKER_RESET');
  assert.ok(recorded.pieces.length > 0, 'what the engine wrote before it broke was lost');
  await quiet();
  assert.equal(recorded.callsAfterSettle, 0, 'onTokens was called after run had settled');
}

async function keepsTokenBound({ fixture, run }: CheckContext): Promise<void> {
  const endless = provided(fixture.endless, 'endless request');
  const end = await run({ ...endless, maxTokens: FEW_TOKENS }).end();
  assert.equal(end.finishReason, 'length');
  assert.ok(end.tokensOut <= FEW_TOKENS, `tokensOut is ${end.tokensOut}, the bound was ${FEW_TOKENS}`);
}

async function repeats({ fixture, run }: CheckContext): Promise<void> {
  const { features } = await readProps(fixture);
  assert.equal(features.determinism, 'strict', 'the fixture declares strict, props do not');
  const strict = { ...fixture.brief, determinism: 'strict' } as const;
  const first = run(strict);
  const { tokensOut } = await first.end();
  const second = run(strict);
  assert.equal((await second.end()).tokensOut, tokensOut);
  assert.equal(second.text, first.text);
}

/** Props of a ready engine. */
export async function readProps({ adapter }: AdapterFixture): Promise<WorkerProps> {
  const health = await adapter.probe(new AbortController().signal);
  assert.equal(health.state, 'ready', 'the engine of a fresh fixture is not ready');
  return health.props;
}

async function abortAll(runs: readonly RecordedRun[]): Promise<void> {
  for (const recorded of runs) recorded.abort();
  for (const recorded of runs) await recorded.end();
}
