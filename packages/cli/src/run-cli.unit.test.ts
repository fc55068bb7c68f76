// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { createFakeHost, json, noContent, type Responder } from './__fixtures__/fake-host.ts';
import { capabilities, completedTask, pool, queuedTask, TASK_ID } from './__fixtures__/wire-samples.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { runCli } from './run-cli.ts';

const problem = (code: string, retriable: boolean, status: number): Responder =>
  json(
    {
      code,
      message: 'The queue is full.',
      retriable,
      retry_after_ms: 1500,
      details: { field: '$.max_tokens' },
      correlation_id: 'c-17',
    },
    status,
  );

const trace = {
  artifact_id: `sha256:${'ab'.repeat(32)}`,
  kind: 'trace',
  tags: ['x', 'y'],
  task_id: TASK_ID,
  created_at: '2026-11-22T13:30:00.000Z',
  size_bytes: 15,
};

const routes: Readonly<Record<string, Responder>> = {
  'GET /v1/tasks': json({ tasks: [queuedTask] }),
  [`GET /v1/tasks/${TASK_ID}`]: json(completedTask),
  [`POST /v1/tasks/${TASK_ID}/cancel`]: noContent,
  [`POST /v1/tasks/${TASK_ID}/priority`]: json(queuedTask),
  'POST /v1/pools/haiku/pause': json(pool),
  'POST /v1/pools/haiku/resume': json(pool),
  'POST /v1/pools/haiku/drain': json(pool),
  'POST /v1/pools/haiku/reload': json(pool),
  'POST /v1/pools/haiku/load': json(pool),
  'POST /v1/pools/haiku/unload': json(pool),
  'GET /v1/artifacts': json({ artifacts: [trace] }),
  [`GET /v1/artifacts/${encodeURIComponent(trace.artifact_id)}`]: json({ ...trace, content: { task: 'done' } }),
  'GET /v1/pools': json({ pools: [pool] }),
  'GET /v1/capabilities': json(capabilities),
};

/** Commands that ask the service one thing. */
const QUERIES: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['ps', ['ps']],
  ['tasks', ['tasks']],
  ['tasks <id>', ['tasks', TASK_ID]],
  ['cancel', ['cancel', TASK_ID]],
  ['priority', ['priority', TASK_ID, 'batch']],
  ['pools pause', ['pools', 'pause', 'haiku']],
  ['pools resume', ['pools', 'resume', 'haiku']],
  ['pools drain', ['pools', 'drain', 'haiku', '--deadline', '5']],
  ['pools reload', ['pools', 'reload', 'haiku', '--model', 'other']],
  ['pools load', ['pools', 'load', 'haiku']],
  ['pools unload', ['pools', 'unload', 'haiku']],
  ['artifacts', ['artifacts']],
  ['artifacts <id>', ['artifacts', trace.artifact_id]],
  ['pools', ['pools']],
  ['capabilities', ['capabilities']],
  ['run --detach', ['run', 'hi', '--detach']],
];

describe.each(QUERIES)('%s', (name, args) => {
  verifies('ORCH-2605', 'names the address and the way to start when nobody answers', async () => {
    const host = createFakeHost();
    expect(await runCli([...args, '--url', 'http://127.0.0.1:9'], host)).toBe(3);
    expect(host.written.stderr).toMatch(/http:\/\/127\.0\.0\.1:9[\s\S]*llama-orch serve/);
    expect(host.written.stdout).toBe('');
  });

  verifies(['ORCH-2600', 'ORCH-2605'], 'prints a refusal in full and exits by its kind', async () => {
    for (const [retriable, code] of [
      [true, 4],
      [false, 5],
    ] as const) {
      const refuse = problem('ADMISSION_REJECT', retriable, 429);
      const all = ['POST /v1/tasks', ...Object.keys(routes)];
      const host = createFakeHost({ routes: Object.fromEntries(all.map((route) => [route, refuse])) });
      expect(await runCli(args, host)).toBe(code);
      for (const told of ['ADMISSION_REJECT', 'The queue is full.', '$.max_tokens', '1.5 s', 'c-17']) {
        expect(host.written.stderr).toContain(told);
      }
    }
  });

  verifies('ORCH-2601', 'with --json writes one document and nothing else, also when it fails', async () => {
    if (name !== 'run --detach') {
      const host = createFakeHost({ routes });
      expect(await runCli([...args, '--json'], host)).toBe(0);
      expect(JSON.parse(host.written.stdout)).toBeTypeOf('object');
    }
    const host = createFakeHost();
    expect(await runCli([...args, '--json'], host)).toBe(3);
    expect(JSON.parse(host.written.stdout)).toMatchObject({ error: { exit_code: 3 } });
  });
});

verifies('ORCH-2620', 'ps lists running and queued tasks of every page', async () => {
  const pages: Readonly<Record<string, object>> = {
    'running ': { tasks: [{ ...queuedTask, state: 'running', task_id: 'r1' }] },
    'queued ': { tasks: [queuedTask], next_cursor: 'p2' },
    'queued p2': { tasks: [{ ...queuedTask, task_id: 'q2' }] },
  };
  const host = createFakeHost({
    routes: {
      'GET /v1/tasks': (request) => {
        const { searchParams } = new URL(request.url);
        return json(pages[`${searchParams.get('state')} ${searchParams.get('cursor') ?? ''}`])(request);
      },
    },
  });
  expect(await runCli(['ps'], host)).toBe(0);
  const lines = host.written.stdout.trimEnd().split('\n');
  expect(lines.map((line) => line.split(/\s+/)[0])).toEqual(['TASK', 'r1', TASK_ID, 'q2']);
  for (const told of ['haiku', 'queued', 'batch', '3', '1.8 s']) expect(lines[2]).toContain(told);
});

verifies('ORCH-2621', 'tasks lists the newest, and one task is shown in full', async () => {
  const list = createFakeHost({ routes });
  expect(await runCli(['tasks', '--limit', '5', '--state', 'queued'], list)).toBe(0);
  expect(new URL(list.requests[0]!.url).search).toBe('?limit=5&state=queued');
  const one = createFakeHost({ routes });
  expect(await runCli(['tasks', TASK_ID], one)).toBe(0);
  for (const told of ['completed (stop)', '12 ms', '48 ms', 'node-llama-cpp 3.21.1+cpu', 'sha256:886b', 'a lantern']) {
    expect(one.written.stdout).toContain(told);
  }
});

verifies('ORCH-2622', 'cancel says what it canceled', async () => {
  const host = createFakeHost({ routes });
  expect(await runCli(['cancel', TASK_ID], host)).toBe(0);
  expect(host.written.stdout).toBe(`canceled ${TASK_ID}\n`);
});

verifies('ORCH-2624', 'artifacts lists the newest, and one is shown with its content', async () => {
  const list = createFakeHost({ routes });
  expect(await runCli(['artifacts', '--kind', 'trace', '--tag', 'x', '--task', TASK_ID], list)).toBe(0);
  expect(new URL(list.requests[0]!.url).search).toBe(`?limit=20&kind=trace&tag=x&task_id=${TASK_ID}`);
  for (const told of [trace.artifact_id, 'trace', '15', trace.created_at, TASK_ID, 'x y']) {
    expect(list.written.stdout.split('\n')[1]).toContain(told);
  }
  const one = createFakeHost({ routes });
  expect(await runCli(['artifacts', trace.artifact_id], one)).toBe(0);
  expect(one.written.stdout).toMatch(/^kind +trace$[\s\S]*^tags +x y$[\s\S]*\n\n\{\n {2}"task": "done"\n\}\n$/m);
});

verifies('ORCH-2623', 'pools and capabilities show load, engine, model and digest', async () => {
  const pools = createFakeHost({ routes });
  await runCli(['pools'], pools);
  expect(pools.written.stdout).toMatch(/haiku\s+ready\s+node-llama-cpp\s+haiku-tiny\s+1\/2\s+4\s+7/);
  const can = createFakeHost({ routes });
  await runCli(['capabilities'], can);
  expect(can.written.stdout).toMatch(/^API version 1\n/);
  expect(can.written.stdout).toMatch(
    /node-llama-cpp 3\.21\.1\+cpu\s+haiku-tiny\s+sha256:886b\S+\s+2\s+512\s+512\s+completion chat/,
  );
});

verifies('ORCH-2602', 'the address is the option, else the variable, else the default', async () => {
  const asked = async (args: readonly string[], env: Record<string, string>): Promise<string | undefined> => {
    const host = createFakeHost({ routes, env });
    await runCli(['pools', ...args], host);
    return host.requests[0]?.url;
  };
  const variable = { LLORCH_URL: 'http://b:2' };
  expect(await asked(['--url', 'http://a:1'], variable)).toBe('http://a:1/v1/pools');
  expect(await asked([], variable)).toBe('http://b:2/v1/pools');
  expect(await asked([], {})).toBe('http://127.0.0.1:8080/v1/pools');
});

verifies('ORCH-2602', 'a variable that is no http address is wrong usage', async () => {
  const host = createFakeHost({ routes, env: { LLORCH_URL: 'localhost:8080' } });
  expect(await runCli(['pools'], host)).toBe(2);
  expect(host.written.stderr).toContain('LLORCH_URL');
});

verifies('ORCH-2603', 'the token comes from its variable, and is never printed', async () => {
  const host = createFakeHost({
    routes: { 'GET /v1/pools': problem('BAD_TOKEN', false, 403) },
    env: { LLORCH_API_TOKEN: 's3cret' },
  });
  expect(await runCli(['pools', '--json'], host)).toBe(5);
  expect(host.requests[0]?.headers.get('Authorization')).toBe('Bearer s3cret');
  expect(host.written.stdout + host.written.stderr).not.toContain('s3cret');
  expect(await runCli(['pools', '--token', 'x'], createFakeHost({ routes }))).toBe(2);
});

verifies('ORCH-2604', 'wrong usage exits with 2, names the fault and sends nothing', async () => {
  const wrong: readonly (readonly [readonly string[], string])[] = [
    [['fly'], 'fly'],
    [['run'], 'prompt'],
    [['ps', '--fast'], '--fast'],
    [['pools', '--url', 'ftp://x'], '--url'],
    [['run', 'hi', '--max-tokens', '0'], '--max-tokens'],
    [['run', 'hi', '--max-tokens', '1e3'], '--max-tokens'],
    [['run', 'hi', '--seed', '-1'], '--seed'],
    [['run', 'hi', '--priority', 'urgent'], '--priority'],
    [['run', 'hi', '--deadline', '30'], '--deadline'],
    [['tasks', '--state', 'lost'], '--state'],
    [['artifacts', '--kind', 'poem'], '--kind'],
  ];
  for (const [args, named] of wrong) {
    const host = createFakeHost({ routes });
    expect(await runCli(args, host), args.join(' ')).toBe(2);
    expect(host.written.stderr).toContain(named);
    expect(host.requests).toEqual([]);
  }
});

verifies('ORCH-2600', 'help and README show the table of exit codes', async () => {
  const host = createFakeHost();
  expect(await runCli(['--help'], host)).toBe(0);
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  for (const { code, meaning } of Object.values(EXIT_CODES)) {
    expect(host.written.stdout).toContain(`${String(code).padStart(3)}  ${meaning}`);
    expect(readme).toMatch(new RegExp(`\\| ${code} +\\| ${meaning} +\\|`));
  }
});
