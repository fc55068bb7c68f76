// SPDX-License-Identifier: MIT
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createClient, type OrchClient, type Task, type TaskRequest } from '@llama-orch/client';
import { configOf, createLogger, startService } from '@llama-orch/orchestratord';
import { createRandomGguf, toolCallScript, toolTemplate } from '@llama-orch/tiny-model';
import { verifies } from '@llama-orch/test-kit';
import { afterAll, beforeAll, expect } from 'vitest';

const embedded = { adapter: 'node-llama-cpp' } as const;
const find = { name: 'find', parameters: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } };
const messages = [{ role: 'user', content: 'rain?' }] as const;

interface Running extends AsyncDisposable {
  readonly client: OrchClient;
}

/** A service on the embedded engine with a model for each kind of work. */
async function start(): Promise<Running> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'workloads-'));
  const path = (name: string): string => join(folder.path, name);
  const tools = { seed: 1, contextTokens: 1_024, chatTemplate: toolTemplate, script: toolCallScript };
  await writeFile(path('tools.gguf'), createRandomGguf(tools));
  await writeFile(path('ranker.gguf'), createRandomGguf({ seed: 1, ranks: true }));
  const pools = [
    { id: 'haiku', ...embedded },
    { id: 'tools', ...embedded, model: path('tools.gguf') },
    { id: 'ranker', ...embedded, model: path('ranker.gguf') },
  ];
  const env = { XDG_STATE_HOME: path('state') };
  const loaded = configOf({ listen: { port: 0 }, shutdown: { grace_ms: 0 }, pools }, { env, folder: folder.path });
  const stream = new Writable({ write: (_chunk, _encoding, done) => done() });
  const service = await startService(loaded, createLogger({ level: 'error', format: 'json', stream, secrets: [] }));
  await service.settled;
  return {
    client: createClient({ baseUrl: service.url }),
    async [Symbol.asyncDispose]() {
      await service.stop('the suite is done');
      await folder.remove();
    },
  };
}

let running: Running;
beforeAll(async () => {
  running = await start();
});
afterAll(() => running[Symbol.asyncDispose]());

/** Runs a task to its end; its record, and the last frame of its stream. */
async function run(request: TaskRequest): Promise<{ readonly task: Task; readonly end: unknown }> {
  const { client } = running;
  const { task_id: id } = await client.submit(request);
  const { end } = await client.stream(id).result();
  return { task: await client.get(id), end };
}

verifies('ORCH-1060', 'each kind of work goes to the pool that does it, with a receipt', async () => {
  const scored = await run({ workload: 'rerank', prompt: 'rain', inputs: ['snow', 'rain on the hill'] });
  expect(scored.task).toMatchObject({
    pool_id: 'ranker',
    state: 'completed',
    output: { text: '', scores: [expect.closeTo(0.436, 3), expect.closeTo(0.724, 3)] },
    receipt: { determinism: 'strict', tokens_in: 34, tokens_out: 0 },
  });
  const embedding = await run({ inputs: ['rain', 'rain'] });
  expect(embedding.task.pool_id).toBe('haiku');
  expect(embedding.task.output?.embeddings?.[1]).toEqual(embedding.task.output?.embeddings?.[0]);
  const form = {
    type: 'json_schema',
    schema: { type: 'object', properties: { word: { enum: ['rain'] } }, required: ['word'] },
  };
  const formed = await run({
    pool_id: 'haiku',
    messages: [...messages],
    response_format: form as TaskRequest['response_format'],
  });
  expect(JSON.parse(formed.task.output?.text ?? '')).toEqual({ word: 'rain' });
});

verifies(['ORCH-1060', 'ORCH-3485'], 'a tool is called, answered and called again over the wire', async () => {
  const asked: TaskRequest = { messages: [...messages], tools: [find], seed: 1 };
  const { task, end } = await run(asked);
  const [call] = task.output?.tool_calls ?? [];
  expect(task).toMatchObject({ pool_id: 'tools', finish_reason: 'tool_calls', output: { text: 'I ask. ' } });
  expect(call).toMatchObject({
    name: 'find',
    arguments: '{"n": 7}',
    id: expect.stringMatching(/^[0-9a-f]{9}$/) as string,
  });
  expect(end).toMatchObject({ finish_reason: 'tool_calls', tool_calls: [call] });
  const again = await run(asked);
  expect(again.task.receipt?.tool_calls_sha256).toBe(task.receipt?.tool_calls_sha256);
  const called = { role: 'assistant', content: 'I ask. ', tool_calls: [call!] } as const;
  const answered = { role: 'tool', content: '{"word":"rain"}', tool_call_id: call!.id } as const;
  const next = await run({ ...asked, messages: [...messages, called, answered], tool_choice: 'required' });
  expect(next.task).toMatchObject({ finish_reason: 'tool_calls', output: { text: '' } });
  expect(next.task.output?.tool_calls?.[0]?.id).not.toBe(call?.id);
  expect(next.task.usage.tokens_in).toBeGreaterThan(task.usage.tokens_in ?? 0);
});

verifies('ORCH-1060', 'what no pool does, and what the named one does not, is refused', async () => {
  const { client } = running;
  const rerank: TaskRequest = { workload: 'rerank', prompt: 'rain', inputs: ['snow'] };
  await expect(client.submit({ ...rerank, engine: 'mock' })).rejects.toMatchObject({ code: 'POOL_UNAVAILABLE' });
  await expect(client.submit({ ...rerank, pool_id: 'haiku' })).rejects.toMatchObject({ code: 'POOL_UNAVAILABLE' });
  const tools = { pool_id: 'haiku', messages: [...messages], tools: [find] };
  await expect(client.submit(tools)).rejects.toMatchObject({ code: 'INVALID_PARAMS', details: { field: '$.tools' } });
});

verifies('ORCH-1508', 'a prompt that does not fit is refused with its tokens before it is stored', async () => {
  const request: TaskRequest = { pool_id: 'haiku', prompt: 'rain '.repeat(400), max_tokens: 200 };
  await expect(running.client.submit(request)).rejects.toMatchObject({
    code: 'INVALID_PARAMS',
    details: { field: '$.max_tokens', max_tokens: 200, limit: 512 },
  });
});
