// SPDX-License-Identifier: MIT
import { collectRun, faultOf, requestOf, startLlamaServer } from '@llama-orch/adapter-kit/testkit';
import { findLlamaServer, verifies } from '@llama-orch/test-kit';
import { tinyModelPath } from '@llama-orch/tiny-model';
import { exerciseAdapter, type AcquireAdapter } from '@llama-orch/worker-adapter-api/testkit';
import { describe, expect, test } from 'vitest';
import { createOpenaiHttpAdapter } from './openai-http-adapter.ts';

const BINARY = findLlamaServer();
const SETTINGS = {
  modelId: 'tiny',
  ctxMaxTokens: 512,
  slots: 2,
  jsonSchema: true,
  samplerFields: ['top_k', 'min_p', 'repeat_penalty'],
} as const;
const chat = {
  workload: 'chat',
  messages: [{ role: 'user', content: 'write a haiku about rain' }],
  tools: [],
} as const;

if (BINARY === undefined) {
  test.skip("OpenAI's shape of a live llama-server (left out: no llama-server in LLAMA_SERVER or on PATH)");
} else {
  liveTests(BINARY);
}

function liveTests(binary: string): void {
  const acquire: AcquireAdapter = async () => {
    const args = ['-np', '2', '-c', '1024', '--context-shift', '--alias', 'tiny'];
    const server = await startLlamaServer(binary, tinyModelPath, args);
    const adapter = createOpenaiHttpAdapter({ ...SETTINGS, baseUrl: `${server.baseUrl}/v1` });
    return {
      adapter,
      brief: requestOf('', { input: chat }),
      endless: requestOf('a', { maxTokens: 1_000_000, sampling: { ...requestOf('').sampling, temperature: 2 } }),
      refused: requestOf('a '.repeat(2_000)),
      stopEngine: () => server.stop(),
      async [Symbol.asyncDispose]() {
        await adapter.close();
        await server.stop();
      },
    };
  };
  describe("ORCH-1513: OpenAI's shape of a live llama-server", () =>
    exerciseAdapter(test, acquire, {
      lacks: {
        breakage: 'a live engine does not break on demand',
        observation: 'the API has no view of what the server works on',
        restart: "the server is not the adapter's own",
        strict: 'a seed is only a wish',
      },
    }));

  verifies('ORCH-1513', 'a live server keeps a schema, counts its tokens and tells its refusals', async () => {
    await using fixture = await acquire();
    const schema = {
      type: 'object',
      properties: { a: { type: 'integer' } },
      required: ['a'],
      additionalProperties: false,
    };
    const { text, end } = await collectRun(
      fixture.adapter,
      requestOf('', { input: chat, responseFormat: { type: 'json_schema', schema } }),
    );
    expect(JSON.parse(text)).toEqual({ a: expect.any(Number) as number });
    expect(end).not.toHaveProperty('countsEstimated');
    const tooLong = collectRun(fixture.adapter, requestOf('a '.repeat(2_000)));
    expect((await faultOf(tooLong)).code).toBe('INVALID_PARAMS');
  });
}
