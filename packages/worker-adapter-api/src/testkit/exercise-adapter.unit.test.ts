// SPDX-License-Identifier: MIT
import { glob, readFile } from 'node:fs/promises';
import { verifies } from '@llama-orch/test-kit';
import { expect, test } from 'vitest';
import { acquireLoopAdapter, type Breakage } from './__fixtures__/loop-adapter.ts';
import { adapterObligations, exerciseAdapter } from './exercise-adapter.ts';
import { checkObligation } from './obligation.ts';

/** How long a sound adapter may take on a busy machine, and how long a broken one is waited for. */
const PATIENCE_MS = 30_000;
const LIMIT_MS = 250;

exerciseAdapter(test, async () => acquireLoopAdapter(), { limitMs: PATIENCE_MS });

const broken: string[] = [];

/** The adapter with this breakage turns this check red; without it the check is green. */
function turnsRed(id: string, title: string, breakage: Breakage): void {
  broken.push(`${id} ${title}`);
  verifies([id, 'ORCH-4021'], `${breakage} turns "${title}" red`, async () => {
    const obligation = adapterObligations.find((candidate) => candidate.id === id && candidate.title === title);
    if (obligation === undefined) throw new Error('no such obligation');
    await checkObligation(obligation, acquireLoopAdapter(), PATIENCE_MS);
    await expect(checkObligation(obligation, acquireLoopAdapter(breakage), LIMIT_MS)).rejects.toThrow();
  });
}

turnsRed('ORCH-4001', 'a run settles once and is silent afterwards', 'piece_after_settle');
turnsRed('ORCH-4002', 'pieces are non-empty strings with a token count', 'empty_piece');
turnsRed('ORCH-4003', 'no piece after an abort', 'piece_after_abort');
turnsRed('ORCH-4004', 'an aborted run ends canceled', 'rejects_abort');
turnsRed('ORCH-4004', 'a canceled run settles when its slot is free', 'frees_late');
turnsRed('ORCH-4005', 'an aborted signal sends nothing', 'runs_aborted');
turnsRed('ORCH-4005', 'an aborted signal costs the engine nothing', 'starts_aborted');
turnsRed('ORCH-4006', 'slots run side by side', 'serial');
turnsRed('ORCH-4007', 'a surplus run waits or is refused', 'oversubscribes');
turnsRed('ORCH-4008', 'a refused request is INVALID_PARAMS', 'refusal_is_internal');
turnsRed('ORCH-4009', 'an engine that breaks is WORKER_RESET', 'breakage_resolves');
turnsRed('ORCH-4010', 'a probe never rejects', 'probe_throws');
turnsRed('ORCH-4010', 'an engine that is down probes as failed', 'probe_hides_outage');
turnsRed('ORCH-4011', 'props are complete and stable', 'empty_version');
turnsRed('ORCH-4012', 'metrics are readings in range', 'ratio_over_one');
turnsRed('ORCH-4013', 'close is idempotent and final', 'second_close_throws');
turnsRed('ORCH-4013', 'close ends what runs', 'close_leaves_runs');
turnsRed('ORCH-4014', 'the bound on tokens is kept', 'overruns');
turnsRed('ORCH-4015', 'strict gives the same text again', 'varies');
turnsRed('ORCH-4016', 'a slot works on after a cancel', 'cancel_poisons');
turnsRed('ORCH-4017', 'a feature the props deny is refused', 'denied_runs');
turnsRed('ORCH-4018', 'a restart ends what runs and works on', 'restart_leaves_runs');
turnsRed('ORCH-4019', 'a change of health is told to who listens', 'tells_who_left');

verifies('ORCH-4021', 'every obligation has an adapter that breaks it', () => {
  expect(broken).toEqual(adapterObligations.map(({ id, title }) => `${id} ${title}`));
});

/** A runner that only remembers what was registered. */
function rememberingTest() {
  const registered: string[] = [];
  const skipped: string[] = [];
  const register = Object.assign((title: string) => registered.push(title), {
    skip: (title: string) => skipped.push(title),
  });
  return { register, registered, skipped };
}

verifies('ORCH-4020', 'a declared lack is skipped with its id and reason', () => {
  const { register, registered, skipped } = rememberingTest();
  exerciseAdapter(register, async () => acquireLoopAdapter(), { lacks: { restart: 'it runs elsewhere' } });
  expect(skipped).toEqual(['ORCH-4018 a restart ends what runs and works on (left out: it runs elsewhere)']);
  expect(registered).toHaveLength(adapterObligations.length - 1);
});

verifies('ORCH-4020', 'a lack that is not declared fails', async () => {
  const obligation = adapterObligations.find(({ needs }) => needs.includes('refusal'));
  const { refused: _refused, ...fixture } = acquireLoopAdapter();
  await expect(checkObligation(obligation!, fixture, LIMIT_MS)).rejects.toThrow('no refused request');
});

verifies('ORCH-4022', 'no source of the exercise imports a test runner', async () => {
  const directory = new URL('./', import.meta.url);
  for await (const file of glob('*.ts', { cwd: directory.pathname })) {
    if (file.endsWith('.test.ts')) continue;
    expect(await readFile(new URL(file, directory), 'utf8'), file).not.toMatch(/from '(vitest|node:test|jest)/);
  }
});
