// SPDX-License-Identifier: MIT
import { answerGeneration, jsonAnswer, rawAnswer, requestOf, startReplayServer } from '@llama-orch/adapter-kit/testkit';
import { exerciseAdapter, type AcquireAdapter } from '@llama-orch/worker-adapter-api/testkit';
import type { ChatMessage, WorkerRequest } from '@llama-orch/worker-adapter-api';
import { describe, test } from 'vitest';
import { writtenAnswer } from './__fixtures__/written-answer.ts';
import { startVllmEngine } from './__fixtures__/vllm-engine.ts';
import { createVllmAdapter, type VllmOptions } from './vllm-adapter.ts';

const acquire =
  (options: Omit<VllmOptions, 'baseUrl'>, ask: (prompt: string) => Partial<WorkerRequest>): AcquireAdapter =>
  async () => {
    const engine = await startVllmEngine();
    const adapter = createVllmAdapter({ baseUrl: engine.baseUrl, ...options });
    const request = (prompt: string, maxTokens = 64) => requestOf(prompt, { maxTokens, ...ask(prompt) });
    return {
      adapter,
      brief: request('brief'),
      endless: request('endless', 1_000_000),
      refused: request('refused'),
      breaking: request('breaking'),
      stopEngine: () => engine.stop(),
      observer: { busySlots: async () => engine.busyCount(), startedCount: async () => engine.startedCount() },
      async [Symbol.asyncDispose]() {
        await adapter.close();
        await engine.stop();
      },
    };
  };

const restart = "the server is not the adapter's own";
const chat = (content: string): Partial<WorkerRequest> => {
  const messages: readonly ChatMessage[] = [{ role: 'user', content }];
  return { input: { workload: 'chat', messages, tools: [] } };
};

describe('ORCH-1500: chats, two slots', () =>
  exerciseAdapter(test, acquire({ slots: 2 }, chat), {
    lacks: { restart, strict: 'what shares a batch changes bits' },
  }));

describe('ORCH-1500: completions, one slot, batch-invariant', () =>
  exerciseAdapter(
    test,
    acquire({ slots: 1, batchInvariant: true, tools: true }, () => ({ determinism: 'strict' })),
    { lacks: { restart, several_slots: 'the adapter uses one' } },
  ));

const acquireWritten: AcquireAdapter = async () => {
  const server = await startReplayServer({
    '/health': rawAnswer(200, '', ''),
    '/version': jsonAnswer(200, { version: '0.13.0' }),
    '/v1/models': jsonAnswer(200, {
      object: 'list',
      data: [{ id: 'm', object: 'model', parent: null, max_model_len: 64 }],
    }),
    '/metrics': rawAnswer(200, 'text/plain', 'vllm:num_requests_running{engine="0",model_name="m"} 0.0\n'),
    '/v1/completions': answerGeneration({
      brief: writtenAnswer('completion.sse'),
      length: writtenAnswer('length.sse'),
      breaking: writtenAnswer('error-mid-stream.sse'),
      beginning: writtenAnswer('cut.sse'),
      refusal: { error: { message: 'no', type: 'BadRequestError', param: null, code: 400 } },
    }),
  });
  const adapter = createVllmAdapter({ baseUrl: server.baseUrl, slots: 2, batchInvariant: true });
  return {
    adapter,
    brief: requestOf('brief'),
    endless: requestOf('endless', { maxTokens: 1_000_000 }),
    refused: requestOf('refused'),
    breaking: requestOf('breaking'),
    async [Symbol.asyncDispose]() {
      await adapter.close();
      await server[Symbol.asyncDispose]();
    },
  };
};

describe('ORCH-1500: written answers', () =>
  exerciseAdapter(test, acquireWritten, {
    lacks: { restart, outage: 'bytes have no process', observation: 'bytes have no state' },
  }));
