// SPDX-License-Identifier: MIT
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectRun, requestOf, startReplayServer } from '@llama-orch/adapter-kit/testkit';
import { configSchema, isConfig, type Config, type Pool } from '@llama-orch/config-schema';
import { verifies } from '@llama-orch/test-kit';
import type { WorkerAdapter, WorkerProps } from '@llama-orch/worker-adapter-api';
import { expect } from 'vitest';
import { watchdogLimits } from '../config/watchdog-limits.ts';
import type { ServerAdapterKind } from '../config/provisioning.ts';
import { ENGINE_ANSWERS } from './__fixtures__/engine-answers.ts';
import { createEmbeddedAdapter, createServerAdapter } from './engines.ts';

const GUIDE = join(import.meta.dirname, '../../../../docs/adapters.md');
const ADAPTERS = join(import.meta.dirname, '../../../worker-adapters');
const HEADING = '## What each adapter keeps';
const DIGEST = `sha256:${'0'.repeat(64)}`;
const never = new AbortController().signal;

type Settings = Readonly<Record<string, unknown>>;
type Row = Readonly<Record<string, string>>;

/** The rows of the table, by adapter. */
function readTable(): ReadonlyMap<string, Row> {
  const section = readFileSync(GUIDE, 'utf8').split(HEADING)[1]?.split('\n## ')[0] ?? '';
  const [head = [], , ...lines] = section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  return new Map(
    lines.map((cells) => [
      cells[0]?.replaceAll('`', '') ?? '',
      Object.fromEntries(head.map((name, at) => [name, cells[at] ?? ''])),
    ]),
  );
}

/** What holds of an adapter, in the words of the table's columns that are not prose. */
const FEATURES: Readonly<Record<string, (props: WorkerProps) => boolean>> = {
  Strict: ({ features }) => features.determinism === 'strict',
  'Model digest': ({ modelDigest }) => modelDigest !== undefined,
  'JSON schema': ({ features }) => features.jsonSchema,
  Grammar: ({ features }) => features.grammar,
  Tools: ({ features }) => features.tools,
  'Session context': ({ features }) => features.sessionReuse,
};

/** The settings a cell names, as in: with `slots: 1` and `repeatable: true`. */
function settingsIn(cell: string): Settings {
  return Object.fromEntries(
    Array.from(cell.matchAll(/`(\w+)(?:: (\w+))?`/g), ([, name = '', value]) => [
      name,
      value === undefined ? DIGEST : (JSON.parse(value) as unknown),
    ]),
  );
}

/** A pool with an engine of its kind that answers at an address, with settings where they belong. */
function poolOf(adapter: string, baseUrl: string, { slots, ...settings }: Settings): { pool: Pool; config: Config } {
  const isEmbedded = adapter === 'mock' || adapter === 'node-llama-cpp';
  const tellsContext = adapter !== 'triton' && adapter !== 'openai-http';
  const config: unknown = {
    pools: [
      {
        id: 'p',
        adapter,
        ...(isEmbedded ? {} : { base_url: baseUrl, model: 'm' }),
        ...(slots === undefined ? {} : { slots }),
        options: { ...(tellsContext ? {} : { ctx_max: 2048 }), ...settings },
      },
    ],
  };
  if (!isConfig(config)) throw new Error(JSON.stringify(isConfig.errors));
  const [pool] = config.pools;
  if (pool === undefined) throw new Error('no pool');
  return { pool, config };
}

interface Made extends AsyncDisposable {
  readonly adapter: WorkerAdapter;
  readonly props: WorkerProps;
}

async function make(kind: string, settings: Settings): Promise<Made> {
  const isServer = kind in ENGINE_ANSWERS;
  const server = await startReplayServer(isServer ? ENGINE_ANSWERS[kind as ServerAdapterKind] : {});
  const { pool, config } = poolOf(kind, server.baseUrl, settings);
  const parts = { baseUrl: server.baseUrl, keys: {}, watchdog: watchdogLimits(config, pool) };
  const adapter = isServer ? createServerAdapter(pool, parts) : createEmbeddedAdapter(pool);
  const health = await untilKnown(adapter);
  if (health.state !== 'ready') throw new Error(`${kind} is ${health.state}`);
  return {
    adapter,
    props: health.props,
    async [Symbol.asyncDispose]() {
      await adapter.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function untilKnown(adapter: WorkerAdapter) {
  for (;;) {
    const health = await adapter.probe(never);
    if (health.state !== 'loading') return health;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const table = readTable();

verifies('ORCH-1501', 'every adapter has a row, and no other', () => {
  const { Pool } = configSchema['$defs'] as Readonly<Record<string, { properties: { adapter: { enum: string[] } } }>>;
  expect([...table.keys()].sort()).toEqual(Pool?.properties.adapter.enum.toSorted());
});

verifies('ORCH-1500', 'every adapter runs the exercise of the port', () => {
  const exercised = globSync('*/src/exercise.*.test.ts', { cwd: ADAPTERS }).filter((file) =>
    /exerciseAdapter\(\s*test,/.test(readFileSync(join(ADAPTERS, file), 'utf8')),
  );
  expect(exercised.map((file) => file.split('/')[0]).sort()).toEqual([...table.keys()].sort());
});

for (const [kind, row] of table) {
  verifies('ORCH-1501', `${kind} keeps what its row says, with these settings and not without`, async () => {
    const said: Record<string, unknown> = {};
    const kept: Record<string, unknown> = {};
    await using plain = await make(kind, {});
    for (const [column, isKept] of Object.entries(FEATURES)) {
      const cell = row[column] ?? '';
      said[column] = cell;
      if (!cell.startsWith('with ')) kept[column] = isKept(plain.props) ? 'yes' : 'no';
      else {
        await using set = await make(kind, settingsIn(cell));
        kept[column] = !isKept(plain.props) && isKept(set.props) ? cell : `not ${cell}`;
      }
    }
    expect(kept).toEqual(said);
  });

  verifies('ORCH-1501', `${kind} counts tokens as its row says`, async () => {
    await using made = await make(kind, {});
    const { end } = await collectRun(made.adapter, requestOf('Hi', { maxTokens: 4 }));
    expect({
      'Token counts': end.countsEstimated === true ? 'estimated' : 'engine',
      'Counts prompts': made.adapter.countPromptTokens === undefined ? 'no' : 'yes',
    }).toEqual({ 'Token counts': row['Token counts'], 'Counts prompts': row['Counts prompts'] });
  });
}
