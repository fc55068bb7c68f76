// SPDX-License-Identifier: MIT
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setImmediate as turn } from 'node:timers/promises';
import { verifies } from '@llama-orch/test-kit';
import { describe, expect } from 'vitest';
import { MUTANTS } from './mutants.ts';
import { simulate, type SimulationReport } from './simulate.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const SCRIPT = 'packages/orchestrator-core/bench/simulate.ts';
/** Far above what it takes on two idle cores, so that only a hang fails for time. */
const TIMEOUT_MS = 300_000;
/** Seeds within which a planted bug must be found. */
const PATIENCE_SEEDS = 60;

function run(seed: number, options: Partial<Parameters<typeof simulate>[0]> = {}): Promise<SimulationReport> {
  return simulate({ seed, opCount: 300, rest: () => turn(), ...options });
}

function runScript(...args: readonly string[]): { readonly status: number | null; readonly lines: readonly string[] } {
  const command = ['--conditions=@llama-orch/source', SCRIPT, ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: ROOT, encoding: 'utf8' });
  return { status, lines: `${stdout}${stderr}`.trim().split('\n') };
}

verifies(
  ['ORCH-3490', 'ORCH-3493', 'ORCH-1450', 'ORCH-1433', 'ORCH-1457'],
  'two thousand lives of five hundred operations keep every rule and meet every situation',
  () => {
    const { status, lines } = runScript('--seeds', '2000', '--ops', '500');
    expect(lines.slice(0, -1)).toEqual([]);
    expect(status).toBe(0);
    const summary = JSON.parse(lines.at(-1) ?? '') as { readonly seeds: number; readonly seen: readonly string[] };
    expect(summary.seeds).toBe(2_000);
    const codes = 'ADMISSION_REJECT BUDGET_EXHAUSTED DEADLINE_UNMET INVALID_PARAMS POOL_UNAVAILABLE POOL_UNREADY';
    expect(summary.seen).toEqual(
      expect.arrayContaining([
        ...`${codes} RATE_LIMITED SESSION_LIMIT TASK_CONFLICT`.split(' ').map((code) => `rejected ${code}`),
        ...['completed', 'canceled', 'evicted QUEUE_FULL_DROP_LRU', 'failed DEADLINE_UNMET'].map(
          (end) => `task ${end}`,
        ),
        ...'WORKER_RESET INVALID_PARAMS INTERNAL POOL_UNREADY DECODE_TIMEOUT TASK_POISONED'
          .split(' ')
          .map((code) => `task failed ${code}`),
        ...['loading', 'ready', 'failed', 'refused', 'stopped'].map((state) => `replica ${state}`),
        ...[
          'repeated',
          'read STREAM_GAP',
          'read TASK_CONFLICT',
          'gap',
          'cancel canceled',
          'cancel ended',
          'canceled unread',
        ],
        ...['drain done', 'undrain done', 'exchange done', 'exchange POOL_UNREADY'],
        ...['exchange POOL_UNAVAILABLE', 'remove done', 'add done', 'replica draining', 'task failed POOL_UNAVAILABLE'],
        ...['pause done', 'resume done', 'priority done', 'priority TASK_CONFLICT', 'priority ADMISSION_REJECT'],
      ]),
    );
  },
  TIMEOUT_MS,
);

verifies(
  ['ORCH-3494', 'ORCH-1342', 'ORCH-1223', 'ORCH-1233', 'ORCH-1235', 'ORCH-1240'],
  'a thousand lives whose processes are killed lose no task and change no piece',
  () => {
    const { status, lines } = runScript('--durable', '--seeds', '1000', '--ops', '400');
    expect(lines.slice(0, -1)).toEqual([]);
    expect(status).toBe(0);
    const { seen } = JSON.parse(lines.at(-1) ?? '') as { readonly seen: readonly string[] };
    expect(seen).toEqual(
      expect.arrayContaining(['killed', 'repeated', 'gap', 'task failed TASK_POISONED', 'task failed WORKER_RESET']),
    );
  },
  TIMEOUT_MS,
);

verifies('ORCH-3491', 'a seed gives the same trace twice, and another seed another one', async () => {
  const first = await run(11);
  const again = await run(11);
  const other = await run(12);
  expect(again).toEqual(first);
  expect(await run(11, { durable: true })).toEqual(await run(11, { durable: true }));
  expect(other.traceHash).not.toBe(first.traceHash);
});

verifies(
  'ORCH-3491',
  'a broken seed is printed with a command that breaks the same rule again',
  () => {
    const broken = runScript('--seeds', '4', '--ops', '200', '--mutant', 'duplicated token');
    expect(broken.status).toBe(1);
    const rule = broken.lines.find((line) => line.includes('broke a rule')) ?? '';
    const replay = /replay: node \S+ \S+ (.*)$/.exec(broken.lines.find((line) => line.includes('replay:')) ?? '')?.[1];
    const args = (replay ?? '')
      .replaceAll('"', '')
      .split(/ (?=--)/)
      .flatMap((part) => part.split(/ (.*)/, 2));
    const again = runScript(...args);
    expect(again.status).toBe(1);
    expect(rule).not.toBe('');
    expect(again.lines).toContain(rule);
  },
  TIMEOUT_MS,
);

describe('planted bugs', () => {
  for (const mutant of MUTANTS) {
    verifies(['ORCH-3492', 'ORCH-1342'], `${mutant.name} is found`, async () => {
      let found: string | undefined;
      for (let seed = 1; seed <= PATIENCE_SEEDS && found === undefined; seed += 1) {
        found = (await run(seed, { mutant, durable: mutant.disk !== undefined })).violation;
      }
      expect(found).toMatch(mutant.caughtBy);
    });
  }
});
