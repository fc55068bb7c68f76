// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schemaValidators } from '@llama-orch/api-schema';
import type { Problem, Session, Task, TaskAccepted } from '@llama-orch/api-types';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { postJson, startTestService, type TestService } from '../__fixtures__/test-service.ts';

const KEY = 'alice-canary-0123456789';
/** 33 bytes and two for the engine: with 15 tokens of output it may use 50. */
const HANGING = '[[mock tokens=9 fault=hang at=0]]';
const SHORT = '[[mock tokens=5]]';

interface Keyed extends AsyncDisposable {
  readonly service: TestService;
  readonly call: TestService['fetch'];
}

/** A service whose one key has a budget; all that it keeps is in `folder`. */
async function startKeyed(
  folder: string,
  budget: Record<string, number>,
  parts: { readonly config?: object; readonly pool?: object } = {},
): Promise<Keyed> {
  const file = join(folder, 'keys.json');
  const sha256 = createHash('sha256').update(KEY).digest('hex');
  await writeFile(file, JSON.stringify({ keys: [{ id: 'alice', sha256, budget }] }));
  const service = await startTestService({
    pool: { slots: 1, ...parts.pool },
    config: { auth: { key_file: file }, store: { directory: join(folder, 'store') }, ...parts.config },
  });
  return {
    service,
    call: (path, init) => {
      const headers = { ...Object.fromEntries(new Headers(init?.headers)), authorization: `Bearer ${KEY}` };
      return service.fetch(path, { ...init, headers });
    },
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

interface Outcome {
  readonly status: number;
  readonly remaining: string | null;
  readonly body: TaskAccepted & Problem;
}

async function submit(call: TestService['fetch'], body: object): Promise<Outcome> {
  const answer = await postJson(call, body);
  const remaining = answer.headers.get('x-budget-tokens-remaining');
  return { status: answer.status, remaining, body: (await answer.json()) as TaskAccepted & Problem };
}

async function finish(call: TestService['fetch'], taskId: string): Promise<Task> {
  await (await call(`/v1/tasks/${taskId}/stream`)).text();
  const task: unknown = await (await call(`/v1/tasks/${taskId}`)).json();
  if (!schemaValidators.Task(task)) throw new Error(JSON.stringify(task));
  return task;
}

function withFolder(use: (folder: string) => Promise<void>): () => Promise<void> {
  return async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'budgets-'));
    await use(folder.path);
  };
}

verifies(
  ['ORCH-1311', 'ORCH-1312'],
  '50 parallel submits on the last 100 tokens of a key get in as far as it holds, and what they free is theirs again',
  withFolder(async (folder) => {
    await using keyed = await startKeyed(folder, { tokens: 100 });
    const { call } = keyed;
    const all = await Promise.all(Array.from({ length: 50 }, () => submit(call, { prompt: HANGING, max_tokens: 15 })));
    const accepted = all.filter(({ status }) => status === 202);
    const refused = all.filter(({ status }) => status === 429);
    expect([accepted.length, refused.length]).toEqual([2, 48]);
    for (const { body, remaining } of refused) {
      expect(body).toMatchObject({
        code: 'BUDGET_EXHAUSTED',
        policy_label: 'key_budget',
        retriable: false,
        details: { field: '$.max_tokens', budget: 'key_tokens', limit: 0, unit: 'tokens' },
      });
      expect([remaining, body.retry_after_ms]).toEqual(['0', 60_000]);
    }
    // Canceled while it runs and while it waits: both give back what they did not use.
    for (const { body } of accepted) await call(`/v1/tasks/${body.task_id}/cancel`, { method: 'POST' });
    const next = await submit(call, { prompt: HANGING, max_tokens: 15 });
    expect(next.status).toBe(202);
    // The prompt of a task that ran was read, four tokens of it, and stays paid.
    expect(['50', '46', '42']).toContain(next.remaining);
  }),
);

verifies(
  ['ORCH-1310', 'ORCH-1311'],
  'what tasks really used is never more than the budget, and a restart changes nothing',
  withFolder(async (folder) => {
    let used = 0;
    let remaining = '';
    {
      await using keyed = await startKeyed(folder, { tokens: 200 });
      const { call } = keyed;
      const all = await Promise.all(Array.from({ length: 50 }, () => submit(call, { prompt: SHORT, max_tokens: 8 })));
      const accepted = all.filter(({ status }) => status === 202);
      expect(accepted.length).toBeGreaterThan(0);
      expect(accepted.length).toBeLessThan(50);
      const tasks = await Promise.all(accepted.map(({ body }) => finish(call, body.task_id)));
      used = tasks.reduce((sum, { usage }) => sum + (usage.tokens_in ?? 0) + (usage.tokens_out ?? 0), 0);
      expect(used).toBeLessThanOrEqual(200);
      const tooMuch = await submit(call, { prompt: SHORT, max_tokens: 500 });
      expect(tooMuch.body.code).toBe('BUDGET_EXHAUSTED');
      remaining = tooMuch.remaining ?? '';
      expect(Number(remaining)).toBe(200 - used);
    }
    await using next = await startKeyed(folder, { tokens: 200 });
    expect(await submit(next.call, { prompt: SHORT, max_tokens: 500 })).toMatchObject({ status: 429, remaining });
  }),
);

verifies(
  ['ORCH-1310', 'ORCH-1312'],
  'cost follows the price of the pool in whole micros, and time is that of the engine',
  withFolder(async (folder) => {
    const price = { in_micros_per_1k: 1_000, out_micros_per_1k: 500 };
    const budget = { cost_micros: 1_000, time_ms: 100_000 };
    await using keyed = await startKeyed(folder, budget, { pool: { price } });
    const { call } = keyed;
    const first = await submit(call, { prompt: '[[mock tokens=5 delay_ms=2]]', max_tokens: 8 });
    const { usage } = await finish(call, first.body.task_id);
    const { tokens_in: tokensIn = 0, tokens_out: tokensOut = 0 } = usage;
    const answer = await postJson(call, { prompt: 'x'.repeat(2_000) });
    expect(await answer.json()).toMatchObject({
      code: 'BUDGET_EXHAUSTED',
      details: { budget: 'key_cost', unit: 'micros' },
    });
    const cost = Number(answer.headers.get('x-budget-cost-remaining'));
    expect(cost).toBe(1_000 - Math.ceil((tokensIn * 1_000 + tokensOut * 500) / 1_000));
    const time = Number(answer.headers.get('x-budget-time-remaining-ms'));
    expect(time).toBeGreaterThan(0);
    expect(time).toBeLessThan(100_000);
    expect(answer.headers.get('x-budget-tokens-remaining')).toBeNull();
  }),
);

verifies(
  ['ORCH-1311', 'ORCH-1312'],
  'a session has budgets of its own, shown in its record, its submits and its live frames',
  withFolder(async (folder) => {
    const sessions = { token_budget: 100, time_budget_ms: 60_000, cost_budget_micros: 5_000, max_turns: 100 };
    const price = { in_micros_per_1k: 1_000, out_micros_per_1k: 1_000 };
    await using keyed = await startKeyed(folder, { tokens: 10_000 }, { config: { sessions }, pool: { price } });
    const { call } = keyed;
    const body = { prompt: HANGING, max_tokens: 15, session_id: 'talk' };
    const all = await Promise.all(Array.from({ length: 50 }, () => submit(call, body)));
    const accepted = all.filter(({ status }) => status === 202);
    expect([accepted.length, accepted.at(-1)?.remaining]).toEqual([2, '0']);
    expect(all.find(({ status }) => status === 429)?.body).toMatchObject({
      code: 'BUDGET_EXHAUSTED',
      policy_label: 'session_budget',
      details: { budget: 'session_tokens', limit: 0 },
    });
    const session: unknown = await (await call('/v1/sessions/talk')).json();
    if (!schemaValidators.Session(session)) throw new Error(JSON.stringify(session));
    expect(session satisfies Session).toMatchObject({ tokens_budget_remaining: 0, cost_budget_remaining: 4_900 });
    expect(session.time_budget_remaining_ms).toBeLessThan(60_000);
    const waiting = accepted.find(({ body: { queue_position: place } }) => place === 0 || place === 1);
    expect(waiting).toBeDefined();
    const frames = await Promise.all(accepted.map(({ body: { task_id: id } }) => firstMetrics(call, id)));
    expect(frames.join('')).toContain('"tokens_budget_remaining":0');
  }),
);

/** The stream up to its first metrics frame with a budget, or the one that tells that it runs. */
async function firstMetrics(call: TestService['fetch'], taskId: string): Promise<string> {
  let text = '';
  const stream = (await call(`/v1/tasks/${taskId}/stream`)).body!.pipeThrough(new TextDecoderStream());
  for await (const part of stream) {
    text += part;
    if (text.includes('tokens_budget_remaining') || text.includes('"running"')) break;
  }
  return text;
}
