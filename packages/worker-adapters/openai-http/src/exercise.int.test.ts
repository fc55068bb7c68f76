// SPDX-License-Identifier: MIT
import {
  answerGeneration,
  jsonAnswer,
  requestOf,
  startReplayServer,
  type OpenAiEngineOptions,
} from '@llama-orch/adapter-kit/testkit';
import { exerciseAdapter, type AcquireAdapter } from '@llama-orch/worker-adapter-api/testkit';
import type { WorkerRequest } from '@llama-orch/worker-adapter-api';
import { describe, test } from 'vitest';
import { writtenAnswer } from './__fixtures__/written-answer.ts';
import { startEngine } from './__fixtures__/openai-engine.ts';
import { createOpenaiHttpAdapter, type OpenaiHttpOptions } from './openai-http-adapter.ts';

type Ask = (prompt: string) => Partial<WorkerRequest>;

const acquire =
  (usage: OpenAiEngineOptions['usage'], options: Partial<OpenaiHttpOptions>, ask: Ask): AcquireAdapter =>
  async () => {
    const engine = await startEngine(usage);
    const where = { baseUrl: `${engine.baseUrl}/v1`, modelId: 'counting', ctxMaxTokens: 4096 };
    const adapter = createOpenaiHttpAdapter({ ...where, ...options });
    const request = (prompt: string, maxTokens = 64) => requestOf(prompt, { maxTokens, ...ask(prompt) });
    return {
      adapter,
      brief: request('brief'),
      endless: request('endless', 1_000_000),
      refused: request('refused'),
      breaking: request('breaking'),
      stopEngine: () => engine.stop(),
      async [Symbol.asyncDispose]() {
        await adapter.close();
        await engine.stop();
      },
    };
  };

const lacks = {
  restart: "the server is not the adapter's own",
  strict: 'a seed is only a wish',
  observation: 'the API has no view of what the server works on',
};

describe('ORCH-1500: chats', () =>
  exerciseAdapter(
    test,
    acquire('last_chunk', { tools: true, jsonSchema: true, maxTokensField: 'max_completion_tokens' }, (content) => ({
      input: { workload: 'chat', messages: [{ role: 'user', content }], tools: [] },
    })),
    { lacks },
  ));

describe('ORCH-1500: completions of a server that does not count', () =>
  exerciseAdapter(
    test,
    acquire('none', { slots: 1 }, () => ({})),
    { lacks: { ...lacks, several_slots: 'the adapter uses one' } },
  ));

const acquireWritten: AcquireAdapter = async () => {
  const server = await startReplayServer({
    '/v1/models': jsonAnswer(200, { object: 'list', data: [{ id: 'm', object: 'model' }] }),
    '/v1/chat/completions': answerGeneration({
      brief: writtenAnswer('ollama.sse'),
      length: writtenAnswer('no-done.sse'),
      breaking: writtenAnswer('error-mid-stream.sse'),
      beginning: writtenAnswer('cut.sse'),
      refusal: { error: { message: 'no', type: 'invalid_request_error', param: null, code: null } },
    }),
  });
  const where = { baseUrl: `${server.baseUrl}/v1`, modelId: 'm', ctxMaxTokens: 64 };
  const adapter = createOpenaiHttpAdapter({ ...where, slots: 2, workloads: ['chat'] });
  const request = (content: string, maxTokens = 64): WorkerRequest =>
    requestOf('', { maxTokens, input: { workload: 'chat', messages: [{ role: 'user', content }], tools: [] } });
  return {
    adapter,
    brief: request('brief'),
    endless: request('endless', 1_000_000),
    refused: request('refused'),
    breaking: request('breaking'),
    async [Symbol.asyncDispose]() {
      await adapter.close();
      await server[Symbol.asyncDispose]();
    },
  };
};

describe('ORCH-1500: written answers', () =>
  exerciseAdapter(test, acquireWritten, { lacks: { ...lacks, outage: 'bytes have no process' } }));
