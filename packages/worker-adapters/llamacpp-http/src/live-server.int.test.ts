// SPDX-License-Identifier: MIT
import { exerciseAdapter, RecordedRun, type AcquireAdapter } from '@llama-orch/worker-adapter-api/testkit';
import { collectRun } from '@llama-orch/adapter-kit/testkit';
import { toolCallScript, toolTemplate } from '@llama-orch/tiny-model';
import type { WorkerAdapter, WorkerRequest } from '@llama-orch/worker-adapter-api';
import { findLlamaServer, verifies } from '@llama-orch/test-kit';
import { describe, expect, test } from 'vitest';
import { startLiveModel, startLiveServer } from './__fixtures__/live-server.ts';
import { requestOf } from './__fixtures__/request-of.ts';
import { createLlamacppHttpAdapter } from './llamacpp-http-adapter.ts';

const BINARY = findLlamaServer();
const LIMIT_MS = 60_000;
const SEED_COUNT = 64;
const SLOT_FREE_WITHIN_MS = 1_000;
const never = new AbortController().signal;
const chat = {
  workload: 'chat',
  messages: [{ role: 'user', content: 'write a haiku about rain' }],
  tools: [],
} as const;

if (BINARY === undefined) {
  test.skip('a live llama-server (left out: no llama-server in LLAMA_SERVER or on PATH)');
} else {
  liveTests(BINARY);
}

function liveTests(binary: string): void {
  const acquire =
    (slots: number): AcquireAdapter =>
    async () => {
      const server = await startLiveServer(binary, ['-np', `${slots}`, '-c', '1024', '--context-shift', '--metrics']);
      const adapter = createLlamacppHttpAdapter({ baseUrl: server.baseUrl });
      const determinism = slots === 1 ? 'strict' : 'best_effort';
      const read = async (path: string): Promise<string> => (await fetch(server.baseUrl + path)).text();
      return {
        adapter,
        brief: requestOf('', { input: chat, determinism }),
        endless: endlessRequest({ determinism }),
        refused: requestOf('a', { determinism, responseFormat: { type: 'grammar', grammar: 'root ::= (((' } }),
        stopEngine: () => server.stop(),
        observer: {
          busySlots: async () => (await read('/slots')).match(/"is_processing":true/g)?.length ?? 0,
          startedCount: async () => Number(/^llamacpp:prompt_tokens_total (\d+)$/m.exec(await read('/metrics'))?.[1]),
        },
        async [Symbol.asyncDispose]() {
          await adapter.close();
          await server.stop();
        },
      };
    };
  const breakage = 'a live engine does not break on demand';
  const restart = "the server is not the adapter's own";
  describe('a live server with one slot', () =>
    exerciseAdapter(test, acquire(1), { lacks: { breakage, restart, several_slots: 'the server has one' } }));
  describe('a live server with two slots', () =>
    exerciseAdapter(test, acquire(2), { lacks: { breakage, restart, strict: 'slots share a batch' } }));

  verifies(['ORCH-1515', 'ORCH-4015', 'ORCH-4322'], 'two live servers give the same 64 texts', async () => {
    const texts = await Promise.all(
      [1, 2].map(async () => {
        await using server = await startLiveServer(binary, ['-np', '1', '-c', '512']);
        const adapter = createLlamacppHttpAdapter({ baseUrl: server.baseUrl });
        const written: string[] = [];
        for (let seed = 0; seed < SEED_COUNT; seed += 1) written.push(await textOf(adapter, seeded(seed)));
        await adapter.close();
        return written;
      }),
    );
    expect(texts[1]).toEqual(texts[0]);
    expect(new Set(texts[0]).size).toBeGreaterThan(SEED_COUNT / 2);
  });

  verifies(['ORCH-4003', 'ORCH-4315'], 'a hundred random cancels leave no late piece and no busy slot', async () => {
    await using server = await startLiveServer(binary, ['-np', '1', '-c', '512', '--context-shift']);
    const adapter = createLlamacppHttpAdapter({ baseUrl: server.baseUrl });
    const reference = await textOf(adapter, seeded(1));
    for (let i = 0; i < 100; i += 1) {
      const run = new RecordedRun(adapter, endlessRequest({}), { limitMs: LIMIT_MS });
      await run.firstPiece();
      while (run.pieces.length < (i * 37) % 50) await new Promise((resolve) => setImmediate(resolve));
      run.abort();
      const abortedMs = performance.now();
      expect((await run.end()).finishReason).toBe('canceled');
      expect(performance.now() - abortedMs).toBeLessThan(SLOT_FREE_WITHIN_MS);
      expect(await (await fetch(`${server.baseUrl}/slots`)).text()).toContain('"is_processing":false');
      expect(run.callsAfterAbort).toBe(0);
    }
    expect(await textOf(adapter, seeded(1))).toBe(reference);
    await adapter.close();
  });

  verifies(['ORCH-4316', 'ORCH-4321', 'ORCH-4323'], 'a session of a live server reuses its prefix', async () => {
    await using server = await startLiveServer(binary, ['-np', '2', '-c', '1024']);
    const adapter = createLlamacppHttpAdapter({ baseUrl: server.baseUrl });
    const turn = (prompt: string, parts: Partial<WorkerRequest>): ReturnType<WorkerAdapter['run']> =>
      adapter.run(
        requestOf(prompt, { determinism: 'best_effort', kvHint: 'reuse', ...parts }),
        { onTokens: () => undefined },
        new AbortController().signal,
      );
    const first = 'the rain and the river and the moon over the hill';
    expect(await turn(first, { sessionId: 's' })).toMatchObject({ prefixReuse: false });
    expect(await turn(`${first} and the pond`, { sessionId: 's' })).toMatchObject({ prefixReuse: true });
    expect(await turn(`${first} and the pond`, { sessionId: 's', kvHint: 'cold' })).toMatchObject({
      prefixReuse: false,
    });
    await adapter.close();
  });

  verifies(['ORCH-1514', 'ORCH-1515', 'ORCH-4333'], 'a live server started for vectors gives them', async () => {
    await using server = await startLiveServer(binary, ['-np', '1', '--embeddings', '--pooling', 'mean']);
    const adapter = createLlamacppHttpAdapter({ baseUrl: server.baseUrl });
    expect(await adapter.probe(never)).toMatchObject({ props: { workloads: ['completion', 'chat', 'embedding'] } });
    const input = { workload: 'embedding', inputs: ['rain', 'snow', 'rain'] } as const;
    const { end } = await collectRun(adapter, requestOf('', { input }));
    expect(end.embeddings?.[2]).toEqual(end.embeddings?.[0]);
    expect(end.embeddings?.[1]).not.toEqual(end.embeddings?.[0]);
    await adapter.close();
  });

  verifies(
    ['ORCH-1514', 'ORCH-1515', 'ORCH-4334'],
    'a live server calls tools where its template knows them',
    async () => {
      const model = { seed: 1, contextTokens: 1_024, chatTemplate: toolTemplate, script: toolCallScript };
      await using server = await startLiveModel(binary, model, ['-np', '1', '-c', '1024']);
      const adapter = createLlamacppHttpAdapter({ baseUrl: server.baseUrl });
      expect(await adapter.probe(never)).toMatchObject({ props: { features: { tools: true } } });
      const parameters = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
      const tools = [{ name: 'find', parameters }];
      for (const toolChoice of ['auto', 'required'] as const) {
        const { text, end } = await collectRun(adapter, requestOf('', { input: { ...chat, tools, toolChoice } }));
        const toolCalls = [{ name: 'find', arguments: '{"n": 7}' }];
        expect([text, end.finishReason, end.toolCalls]).toEqual(['I ask. ', 'tool_calls', toolCalls]);
        expect(await adapter.countPromptTokens?.(requestOf('', { input: { ...chat, tools } }), never)).toBe(
          end.tokensIn,
        );
      }
      await adapter.close();
    },
  );

  verifies(['ORCH-1514', 'ORCH-1515', 'ORCH-4325'], 'a live server started for ranking scores documents', async () => {
    await using server = await startLiveModel(binary, { seed: 1, ranks: true }, ['-np', '1', '--reranking']);
    const adapter = createLlamacppHttpAdapter({ baseUrl: server.baseUrl });
    expect(await adapter.probe(never)).toMatchObject({ props: { workloads: ['rerank'] } });
    const input = { workload: 'rerank', query: 'rain', documents: ['snow', 'rain on the hill'] } as const;
    const { end } = await collectRun(adapter, requestOf('', { input }));
    expect(end.scores).toEqual([expect.closeTo(0.436, 3), expect.closeTo(0.724, 3)]);
    await adapter.close();
  });

  verifies(['ORCH-1515', 'ORCH-4335'], 'a live server counts a prompt as its generation does', async () => {
    await using server = await startLiveServer(binary, ['-np', '1', '-c', '512']);
    const adapter = createLlamacppHttpAdapter({ baseUrl: server.baseUrl });
    for (const request of [requestOf('rain on the hill'), requestOf('', { input: chat })]) {
      const { end } = await collectRun(adapter, request);
      expect(await adapter.countPromptTokens?.(request, never)).toBe(end.tokensIn);
    }
    await adapter.close();
  });
}

function seeded(seed: number): WorkerRequest {
  const { sampling } = requestOf('');
  return requestOf('', { input: chat, sampling: { ...sampling, seed, temperature: 1 } });
}

/** Writes until aborted: the grammar has no end. */
function endlessRequest(parts: Partial<WorkerRequest>): WorkerRequest {
  const responseFormat = { type: 'grammar', grammar: 'root ::= ("a " | "b ") root' } as const;
  return requestOf('a', { maxTokens: 1_000_000, responseFormat, ...parts });
}

async function textOf(adapter: WorkerAdapter, request: WorkerRequest): Promise<string> {
  const run = new RecordedRun(adapter, request, { limitMs: LIMIT_MS });
  await run.end();
  return run.text;
}
