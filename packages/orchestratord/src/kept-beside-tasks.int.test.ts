// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';

const CONFIG = `listen: { port: 0 }
sessions: { token_budget: 1000 }
pools: [{ id: mock, adapter: mock, slots: 1, options: { delay_ms: 2 } }]
`;
/** More than the service learns before it keeps what it has learned. */
const LESSON_COUNT = 20;
const TURNS = ['[[mock tokens=3]]', '[[mock tokens=5]]'];

interface Running extends AsyncDisposable {
  /** Ends the process at once. */
  kill(): Promise<void>;
  submit(body: object): Promise<{ readonly task_id: string; readonly predicted_start_ms?: number }>;
  finish(prompt: string, more?: object): Promise<void>;
  session(): Promise<Record<string, number>>;
}

async function launch(file: string, state: string): Promise<Running> {
  const main = join(import.meta.dirname, 'main.ts');
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  const child = spawn(process.execPath, ['--conditions=@llama-orch/source', main, '--config', file], {
    env: { PATH, NODE_COMPILE_CACHE, XDG_STATE_HOME: state },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let url = '';
  for await (const line of createInterface({ input: child.stdout })) {
    url ||= /"address":"(http:[^"]+)"/.exec(line)?.[1] ?? '';
    if (line.includes('is ready')) break;
  }
  child.stdout.resume();
  const submit: Running['submit'] = async (body) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/v1/tasks`, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(answer.status).toBe(202);
    return (await answer.json()) as { task_id: string };
  };
  const kill = async (): Promise<void> => {
    if (child.kill('SIGKILL')) await once(child, 'exit');
  };
  return {
    kill,
    [Symbol.asyncDispose]: kill,
    submit,
    async finish(prompt, more = {}) {
      const { task_id: taskId } = await submit({ prompt, max_tokens: 8, ...more });
      await (await fetch(`${url}/v1/tasks/${taskId}/stream`)).text();
    },
    session: async () => (await (await fetch(`${url}/v1/sessions/talk`)).json()) as Record<string, number>,
  };
}

verifies(
  ['ORCH-1213', 'ORCH-1300', 'ORCH-1270'],
  'a kill forgets neither the turns and the budget of a session nor what was learned of service times',
  async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kept-'));
    const file = join(folder.path, 'config.yaml');
    await writeFile(file, CONFIG);
    await using first = await launch(file, folder.path);
    for (let count = 0; count < LESSON_COUNT; count += 1) await first.finish('[[mock tokens=4]]');
    for (const prompt of TURNS) await first.finish(prompt, { session_id: 'talk' });
    const before = await first.session();
    // What rides in the next commit is there once a later task has been accepted.
    await first.finish('[[mock tokens=1]]');
    await first.kill();

    await using second = await launch(file, folder.path);
    const after = await second.session();
    expect([after['turns'], after['tokens_budget_remaining']]).toEqual([2, before['tokens_budget_remaining']]);
    expect(after['ttl_ms_remaining']).toBeGreaterThan(0);
    expect(after['ttl_ms_remaining']).toBeLessThanOrEqual(before['ttl_ms_remaining'] ?? 0);
    await second.submit({ prompt: '[[mock tokens=9 fault=hang at=1]]', max_tokens: 9 });
    await second.submit({ prompt: '[[mock tokens=4]]', max_tokens: 8 });
    const { predicted_start_ms: predictedMs } = await second.submit({ prompt: '[[mock tokens=4]]', max_tokens: 8 });
    expect(predictedMs).toBeGreaterThan(0);
  },
);
