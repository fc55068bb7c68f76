// SPDX-License-Identifier: MIT
import { exerciseAdapter, type AcquireAdapter } from '@llama-orch/worker-adapter-api/testkit';
import { describe, test } from 'vitest';
import { startCountingServer } from './__fixtures__/counting-server.ts';
import { requestOf } from './__fixtures__/request-of.ts';
import { createLlamacppHttpAdapter } from './llamacpp-http-adapter.ts';

const acquire =
  (slots: number): AcquireAdapter =>
  async () => {
    const server = await startCountingServer(slots);
    const adapter = createLlamacppHttpAdapter({ baseUrl: server.baseUrl });
    const determinism = slots === 1 ? 'strict' : 'best_effort';
    const request = (prompt: string, maxTokens = 64) => requestOf(prompt, { determinism, maxTokens });
    return {
      adapter,
      brief: request('brief'),
      endless: request('endless', 1_000_000),
      refused: request('refused'),
      breaking: request('breaking'),
      stopEngine: () => server.stop(),
      observer: { busySlots: async () => server.busySlots(), startedCount: async () => server.startedCount() },
      async [Symbol.asyncDispose]() {
        await adapter.close();
        await server.stop();
      },
    };
  };

const restart = "the server is not the adapter's own";

describe('one slot', () =>
  exerciseAdapter(test, acquire(1), { lacks: { restart, several_slots: 'the server has one' } }));

describe('two slots', () => exerciseAdapter(test, acquire(2), { lacks: { restart, strict: 'slots share a batch' } }));
