// SPDX-License-Identifier: MIT
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandomGguf, toolCallScript, toolTemplate, type RandomGgufOptions } from '@llama-orch/tiny-model';
import type { ChatMessage, TokenSink, WorkerInput } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { afterAll, beforeAll, expect } from 'vitest';
import { greedy, never, request, runToEnd, settledHealth, startAdapter } from './__fixtures__/ready-adapter.ts';

const TOOLS_MODEL: RandomGgufOptions = {
  seed: 1,
  contextTokens: 1_024,
  chatTemplate: toolTemplate,
  script: toolCallScript,
};
const find = {
  name: 'find',
  description: 'finds',
  parameters: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'], additionalProperties: false },
};
const user: ChatMessage = { role: 'user', content: '7?' };
const chat = { workload: 'chat', messages: [user], tools: [find] } as const satisfies WorkerInput;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workloads-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function start(options: RandomGgufOptions) {
  const modelPath = join(folder, `${options.ranks === true ? 'ranker' : 'tools'}.gguf`);
  await writeFile(modelPath, createRandomGguf(options));
  return startAdapter({ modelPath });
}

verifies(['ORCH-4226', 'ORCH-1514'], 'a ranking model scores documents, in order, and does nothing else', async () => {
  await using adapter = await start({ seed: 1, ranks: true, contextTokens: 128 });
  expect(await settledHealth(adapter)).toMatchObject({ props: { workloads: ['rerank'], features: { tools: false } } });
  const scoresOf = async (...documents: string[]) => {
    const { end, pieces } = await runToEnd(adapter, { input: { workload: 'rerank', query: 'rain', documents } });
    expect(pieces).toEqual([]);
    return end;
  };
  const { scores, tokensIn, tokensOut } = await scoresOf('snow', 'rain on the hill');
  expect(scores).toEqual([expect.closeTo(0.436, 3), expect.closeTo(0.724, 3)]);
  expect([tokensIn, tokensOut]).toEqual([34, 0]);
  expect((await scoresOf('rain on the hill', 'snow')).scores).toEqual(scores?.toReversed());
  await expect(scoresOf('snow', 'rain '.repeat(30))).rejects.toMatchObject({
    code: 'INVALID_PARAMS',
    details: { field: '$.inputs[1]', limit: 128 },
  });
  await expect(runToEnd(adapter)).rejects.toMatchObject({ code: 'INVALID_PARAMS', details: { field: '$.workload' } });
});

verifies('ORCH-4226', 'a run that is canceled between two documents has no scores', async () => {
  await using adapter = await start({ seed: 1, ranks: true, contextTokens: 128 });
  const cancel = new AbortController();
  const documents = Array.from({ length: 500 }, (_, index) => `document ${index}`);
  const run = adapter.run(
    request({ input: { workload: 'rerank', query: 'rain', documents } }),
    { onTokens: () => undefined },
    cancel.signal,
  );
  await adapter.metrics(never);
  cancel.abort();
  expect(await run).toMatchObject({ finishReason: 'canceled' });
  expect((await run).scores).toBeUndefined();
});

verifies(['ORCH-4227', 'ORCH-1514'], 'a model that wants to calls a tool, apart from its text', async () => {
  await using adapter = await start(TOOLS_MODEL);
  expect(await settledHealth(adapter)).toMatchObject({ props: { features: { tools: true } } });
  let tokenCount = 0;
  const texts: string[] = [];
  const sink: TokenSink = {
    onTokens(pieces, count) {
      texts.push(...pieces);
      tokenCount += count;
    },
  };
  const end = await adapter.run(request({ input: chat }), sink, never);
  expect(end).toMatchObject({ finishReason: 'tool_calls', toolCalls: [{ name: 'find', arguments: '{"n": 7}' }] });
  expect(texts.join('')).toBe('I ask. ');
  expect(tokenCount).toBe(end.tokensOut);
  expect(texts).not.toContain('');
});

verifies('ORCH-4227', 'a model that must calls a tool at once, and keeps to its name and schema', async () => {
  await using adapter = await start(TOOLS_MODEL);
  const parameters = { type: 'object', properties: { word: { enum: ['yes'] } }, required: ['word'] };
  const input = { ...chat, tools: [{ name: 'other', parameters }], toolChoice: 'required' } as const;
  for (const seed of [1, 2, 3]) {
    const { text, end } = await runToEnd(adapter, { input, sampling: { ...greedy, seed, temperature: 1 } });
    expect([text, end.finishReason, end.toolCalls?.[0]?.name]).toEqual(['', 'tool_calls', 'other']);
    expect(JSON.parse(end.toolCalls?.[0]?.arguments ?? '')).toEqual({ word: 'yes' });
  }
});

verifies('ORCH-4227', 'a call that the limit cuts is none, and strict ones repeat', async () => {
  await using adapter = await start(TOOLS_MODEL);
  const { end } = await runToEnd(adapter, { input: chat, maxTokens: 6 });
  expect([end.finishReason, end.toolCalls, end.tokensOut]).toEqual(['length', undefined, 6]);
  const [first, second] = [await runToEnd(adapter, { input: chat }), await runToEnd(adapter, { input: chat })];
  expect({ ...second.end, decodeTimeMs: 0 }).toEqual({ ...first.end, decodeTimeMs: 0 });
});

verifies('ORCH-4227', 'earlier calls and their answers are shown; what answers nothing is refused', async () => {
  await using adapter = await start(TOOLS_MODEL);
  const called: ChatMessage = {
    role: 'assistant',
    content: '',
    toolCalls: [{ id: 'c', name: 'find', arguments: '{"n":7}' }],
  };
  const answered: ChatMessage = { role: 'tool', content: '{"word":"forty-two"}', toolCallId: 'c' };
  const tokensOf = (...messages: readonly ChatMessage[]) =>
    adapter.countPromptTokens!(request({ input: { ...chat, messages } }), never);
  const [asked, then, done] = [
    await tokensOf(user),
    await tokensOf(user, called),
    await tokensOf(user, called, answered),
  ];
  expect([then - asked, done - then].every((more) => more > 10)).toBe(true);
  await expect(tokensOf(user, answered)).rejects.toMatchObject({ details: { field: '$.messages[1]' } });
  const broken: ChatMessage = { ...called, toolCalls: [{ id: 'c', name: 'find', arguments: '{' }] };
  await expect(tokensOf(user, broken)).rejects.toMatchObject({
    code: 'INVALID_PARAMS',
    details: { field: '$.messages[1].tool_calls[0].arguments' },
  });
  const responseFormat = { type: 'json_schema', schema: true } as const;
  await expect(runToEnd(adapter, { input: chat, responseFormat })).rejects.toMatchObject({
    details: { field: '$.response_format' },
  });
});

verifies(['ORCH-4228', 'ORCH-1508'], 'the counted tokens are those that the run then has', async () => {
  await using adapter = await startAdapter();
  for (const overrides of [{}, { input: { workload: 'completion', prompt: 'rain on the hill' } as const }]) {
    const counted = await adapter.countPromptTokens!(request(overrides), never);
    expect(counted).toBe((await runToEnd(adapter, overrides)).end.tokensIn);
  }
  const [closed] = [await startAdapter()];
  await closed.close();
  await expect(closed.countPromptTokens!(request(), never)).rejects.toMatchObject({ code: 'WORKER_RESET' });
});
