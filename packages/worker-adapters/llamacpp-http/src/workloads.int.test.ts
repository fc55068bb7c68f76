// SPDX-License-Identifier: MIT
import type { WorkerInput } from '@llama-orch/worker-adapter-api';
import { collectRun, faultOf } from '@llama-orch/adapter-kit/testkit';
import { verifies } from '@llama-orch/test-kit';
import { expect, vi } from 'vitest';
import { answerBody, jsonAnswer, rawAnswer, streamOf } from './__fixtures__/recorded-answer.ts';
import { startReplay, type Answer, type Replay } from './__fixtures__/replay-server.ts';
import { requestOf } from './__fixtures__/request-of.ts';

const never = new AbortController().signal;
const CHAT_PATH = '/v1/chat/completions';
const WITH_TOOLS: Readonly<Record<string, Answer>> = {
  '/props': rawAnswer('recorded/tools-props'),
  [CHAT_PATH]: rawAnswer('recorded/tool-call'),
};
const find = { name: 'find', description: 'finds', parameters: { type: 'object' } } as const;
const chat = {
  workload: 'chat',
  messages: [
    { role: 'user', content: '7?' },
    { role: 'assistant', content: 'I ask. ', toolCalls: [{ id: 'c1', name: 'find', arguments: '{"n":7}' }] },
    { role: 'tool', content: '42', toolCallId: 'c1' },
  ],
  tools: [find],
} as const satisfies WorkerInput;

async function workloadsOf(offers: readonly string[], answers: Readonly<Record<string, Answer>> = {}) {
  await using replay = await startReplay(answers, { offers });
  const health = await replay.adapter.probe(never);
  return health.state === 'ready' ? health.props.workloads : health;
}

async function toolsOf(answers: Readonly<Record<string, Answer>>): Promise<boolean | undefined> {
  await using replay = await startReplay(answers);
  const health = await replay.adapter.probe(never);
  return health.state === 'ready' ? health.props.features.tools : undefined;
}

/** Props of a build that does not say what its template can. */
function oldProps(): Answer {
  const props = JSON.parse(answerBody('recorded/tools-props').toString()) as Record<string, unknown>;
  return jsonAnswer(200, { ...props, chat_template_caps: undefined });
}

/** What was asked of a path, requests without content left out. */
function asked(replay: Replay, path: string): readonly Readonly<Record<string, unknown>>[] {
  return replay.seen.filter((request) => request.path === path).map(({ body }) => body);
}

verifies(['ORCH-4333', 'ORCH-1514'], 'the workloads are those the server was started for', async () => {
  expect(await workloadsOf(['/completion'])).toEqual(['completion', 'chat']);
  expect(await workloadsOf(['/completion', '/v1/embeddings'])).toEqual(['completion', 'chat', 'embedding']);
  expect(await workloadsOf(['/v1/embeddings'])).toEqual(['embedding']);
  expect(await workloadsOf(['/completion', '/v1/embeddings', '/v1/rerank'])).toEqual(['rerank']);
});

verifies('ORCH-4333', 'a server is asked again only when it may be another one', async () => {
  let health = rawAnswer('recorded/health-ready');
  await using replay = await startReplay({ '/health': (socket) => socket.end(health) });
  const questions = () => asked(replay, '/v1/rerank').length;
  await replay.adapter.probe(never);
  await replay.adapter.probe(never);
  expect(questions()).toBe(1);
  health = rawAnswer('written/health-loading');
  await replay.adapter.probe(never);
  health = rawAnswer('recorded/health-ready');
  await replay.adapter.probe(never);
  expect(questions()).toBe(2);
});

verifies('ORCH-4333', 'the operator may leave workloads out and cannot add any', async () => {
  await using replay = await startReplay({}, { workloads: ['chat', 'rerank'] });
  expect(await replay.adapter.probe(never)).toMatchObject({ props: { workloads: ['chat'] } });
});

verifies('ORCH-4333', 'a server that keeps its offer to itself has failed', async () => {
  const denied = jsonAnswer(401, { error: { code: 401, message: 'no', type: 'authentication_error' } });
  await using replay = await startReplay({}, { deniesOffers: denied });
  expect(await replay.adapter.probe(never)).toMatchObject({ state: 'failed', error: { code: 'INTERNAL' } });
});

verifies(['ORCH-4333', 'ORCH-1514'], 'tools are called where the template shows them to the model', async () => {
  expect(await toolsOf({})).toBe(false);
  expect(await toolsOf(WITH_TOOLS)).toBe(true);
  const shown = (prompt: string) => ({ '/props': oldProps(), '/apply-template': jsonAnswer(200, { prompt }) });
  expect(await toolsOf(shown('Tools: llorch_probe_tool'))).toBe(true);
  expect(await toolsOf(shown('x'))).toBe(false);
  const refused = jsonAnswer(500, { error: { code: 500, message: 'use --jinja', type: 'server_error' } });
  expect(await toolsOf({ '/props': oldProps(), '/apply-template': refused })).toBe(false);
});

verifies(['ORCH-4334', 'ORCH-1514'], 'a recorded call comes with its text, its arguments and its counts', async () => {
  await using replay = await startReplay(WITH_TOOLS);
  const { text, pieces, tokenCount, end } = await collectRun(replay.adapter, requestOf('', { input: chat }));
  expect(text).toBe('I ask. ');
  expect(end).toMatchObject({
    finishReason: 'tool_calls',
    toolCalls: [{ name: 'find', arguments: '{"n": 7}' }],
    tokensIn: 259,
    tokensOut: 11,
    prefixReuse: false,
  });
  // Tokens of the call are told without a text, so that who watches sees that something happens.
  expect(tokenCount).toBeGreaterThan(pieces.length);
});

verifies(
  ['ORCH-4334', 'ORCH-4320', 'ORCH-4328'],
  'tools, earlier calls and every sampler setting reach the engine',
  async () => {
    await using replay = await startReplay(WITH_TOOLS);
    await collectRun(replay.adapter, requestOf('', { input: { ...chat, toolChoice: 'required' } }));
    await collectRun(replay.adapter, requestOf('', { input: chat }));
    const [required, auto] = asked(replay, CHAT_PATH);
    expect(required).toMatchObject({
      messages: [
        { role: 'user', content: '7?' },
        {
          role: 'assistant',
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'find', arguments: '{"n":7}' } }],
        },
        { role: 'tool', content: '42', tool_call_id: 'c1' },
      ],
      tools: [{ type: 'function', function: find }],
      tool_choice: 'required',
      stream: true,
      stream_options: { include_usage: true },
      reasoning_format: 'none',
      cache_prompt: false,
      seed: 7,
      n_predict: 64,
      temperature: 0.8,
      top_k: 40,
      mirostat: 0,
      xtc_probability: 0,
      id_slot: 0,
    });
    expect(auto).toMatchObject({ tool_choice: 'auto' });
    expect(replay.seen.some(({ head }) => /x-conversation-id/i.test(head))).toBe(false);
  },
);

verifies(
  ['ORCH-4334', 'ORCH-4313', 'ORCH-4330'],
  'a chat that is cut, faulty or too long ends like a completion',
  async () => {
    const events = answerBody('recorded/tool-call').toString().split('\n\n');
    const end = async (body: string) => {
      await using replay = await startReplay({ ...WITH_TOOLS, [CHAT_PATH]: streamOf(body) });
      return await collectRun(replay.adapter, requestOf('', { input: chat }));
    };
    const cut = `${events.slice(0, 5).join('\n\n')}\n\n`;
    expect((await faultOf(end(cut))).code).toBe('WORKER_RESET');
    const fault = 'data: {"error":{"code":500,"message":"Context size has been exceeded.","type":"server_error"}}\n\n';
    expect((await faultOf(end(cut + fault))).code).toBe('WORKER_RESET');
    const limited = events.join('\n\n').replace('"finish_reason":"tool_calls"', '"finish_reason":"length"');
    const { end: short } = await end(limited);
    expect([short.finishReason, short.toolCalls]).toEqual(['length', undefined]);
  },
);

verifies(['ORCH-4334', 'ORCH-4332'], 'a chat that is too long says by how much', async () => {
  await using replay = await startReplay({ ...WITH_TOOLS, [CHAT_PATH]: rawAnswer('recorded/too-long') });
  const fault = await faultOf(collectRun(replay.adapter, requestOf('', { input: chat })));
  expect(fault).toMatchObject({ code: 'INVALID_PARAMS', details: { field: '$.messages', limit: 512 } });
});

verifies('ORCH-4301', 'a server whose model sleeps is ready, and the run that wakes it is waited for', async () => {
  const props = JSON.parse(answerBody('recorded/props').toString()) as Record<string, unknown>;
  let wake = (): void => undefined;
  await using replay = await startReplay(
    {
      '/props': jsonAnswer(200, { ...props, is_sleeping: true }),
      '/completion': (socket) => (wake = () => socket.end(rawAnswer('recorded/end-of-text'))),
    },
    // Half of it is what a busy machine has to answer in.
    { silenceTimeoutMs: 1_000 },
  );
  expect(await replay.adapter.probe(never)).toMatchObject({ state: 'ready' });
  const run = collectRun(replay.adapter, requestOf('a'));
  // It has been asked after the first probe once more whether it is well, and said so.
  await vi.waitUntil(() => replay.seen.filter(({ path }) => path === '/health').length === 2, { timeout: 60_000 });
  wake();
  expect((await run).end.finishReason).toBe('stop');
});

verifies('ORCH-4334', 'tools are refused where the template does not know them', async () => {
  await using replay = await startReplay();
  const fault = await faultOf(collectRun(replay.adapter, requestOf('', { input: chat })));
  expect([fault.code, fault.details['field']]).toEqual(['INVALID_PARAMS', '$.tools']);
});

verifies(['ORCH-4335', 'ORCH-1508'], 'prompt tokens are counted as a generation would', async () => {
  await using replay = await startReplay({
    ...WITH_TOOLS,
    '/tokenize': rawAnswer('recorded/tokenize'),
    '/apply-template': rawAnswer('recorded/template'),
  });
  const count = (request = requestOf('write a haiku about rain')) => replay.adapter.countPromptTokens?.(request, never);
  const { tokens } = JSON.parse(answerBody('recorded/tokenize').toString()) as { tokens: readonly number[] };
  expect(await count()).toBe(tokens.length);
  expect(await count(requestOf('', { input: chat }))).toBe(tokens.length);
  const [completion, rendered] = asked(replay, '/tokenize');
  expect(completion).toEqual({
    content: 'write a haiku about rain',
    add_special: true,
    parse_special: true,
    with_pieces: false,
  });
  const template = JSON.parse(answerBody('recorded/template').toString()) as { prompt: string };
  expect(rendered).toMatchObject({ content: template.prompt });
  expect(asked(replay, '/apply-template')).toMatchObject([{ tools: [{ function: find }] }]);
  await using broken = await startReplay({ '/tokenize': jsonAnswer(200, {}) });
  expect((await faultOf(broken.adapter.countPromptTokens!(requestOf('a'), never))).code).toBe('WORKER_RESET');
});
