// SPDX-License-Identifier: MIT
import { PLAIN_SAMPLING, requestOf } from '@llama-orch/adapter-kit/testkit';
import type { WorkerRequest } from '@llama-orch/worker-adapter-api';
import { exerciseAdapter, type AcquireAdapter } from '@llama-orch/worker-adapter-api/testkit';
import { describe, test } from 'vitest';
import { startTritonFake, type FakeModel } from './__fixtures__/triton-fake.ts';
import { createTritonAdapter } from './triton-adapter.ts';

/** Milliseconds after which a server that counts nothing is believed to have noticed. */
const NOTICE_MS = 5;

const acquire =
  (kind: FakeModel, slots: number): AcquireAdapter =>
  async () => {
    const server = await startTritonFake(kind);
    const { baseUrl, metricsUrl, model } = server;
    const isRepeatable = slots === 1;
    const adapter = createTritonAdapter({
      baseUrl,
      metricsUrl,
      model,
      slots,
      ctxMaxTokens: 2048,
      isRepeatable,
      noticeMs: NOTICE_MS,
    });
    const request = (prompt: string, maxTokens = 64): WorkerRequest =>
      requestOf(prompt, { maxTokens, sampling: { ...PLAIN_SAMPLING, temperature: 0 } });
    return {
      adapter,
      brief: request('brief'),
      endless: request('endless', 1_000_000),
      refused: request('refused'),
      breaking: request('breaking'),
      stopEngine: () => server.stop(),
      observer: { busySlots: async () => server.busyCount(), startedCount: async () => server.startedCount() },
      async [Symbol.asyncDispose]() {
        await adapter.close();
        await server.stop();
      },
    };
  };

const restart = "the server is not the adapter's own";
const observation = 'this backend does not tell how many requests it works on';
const oneSlot = 'the test uses one';
const sharesBatch = 'requests share a batch';

describe('ensemble, one slot', () =>
  exerciseAdapter(test, acquire('ensemble', 1), { lacks: { restart, several_slots: oneSlot } }));

describe('ensemble, two slots', () =>
  exerciseAdapter(test, acquire('ensemble', 2), { lacks: { restart, strict: sharesBatch } }));

describe('LLM-API model', () =>
  exerciseAdapter(test, acquire('llmapi', 1), { lacks: { restart, observation, several_slots: oneSlot } }));

describe('vLLM backend', () =>
  exerciseAdapter(test, acquire('vllm', 2), { lacks: { restart, observation, strict: sharesBatch } }));

describe('infer', () =>
  exerciseAdapter(test, acquire('coupled', 1), {
    lacks: { restart, several_slots: oneSlot, endless: 'one answer at the end', breakage: 'one answer at the end' },
  }));
