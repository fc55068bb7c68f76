// SPDX-License-Identifier: MIT
import { requestOf } from '@llama-orch/adapter-kit/testkit';
import { exerciseAdapter, type AcquireAdapter } from '@llama-orch/worker-adapter-api/testkit';
import { describe, test } from 'vitest';
import { startTgiFake } from './__fixtures__/tgi-fake.ts';
import { createTgiAdapter } from './tgi-adapter.ts';

type ToRequest = typeof requestOf;

/** The same as a chat, which the router renders. */
const chatOf: ToRequest = (prompt, parts) =>
  requestOf('', { input: { workload: 'chat', messages: [{ role: 'user', content: prompt }], tools: [] }, ...parts });

const acquire =
  (slots: number, toRequest: ToRequest = requestOf): AcquireAdapter =>
  async () => {
    const router = await startTgiFake(slots);
    const adapter = createTgiAdapter({ baseUrl: router.baseUrl, isRepeatable: slots === 1 });
    return {
      adapter,
      brief: toRequest('brief'),
      endless: toRequest('endless', { maxTokens: 1_000_000 }),
      refused: toRequest('refused'),
      breaking: toRequest('breaking'),
      stopEngine: () => router.stop(),
      observer: { busySlots: async () => router.busyCount(), startedCount: async () => router.startedCount() },
      async [Symbol.asyncDispose]() {
        await adapter.close();
        await router.stop();
      },
    };
  };

const restart = "the router is not the adapter's own";

describe('one request at a time', () =>
  exerciseAdapter(test, acquire(1), { lacks: { restart, several_slots: 'the router takes one' } }));

describe('two requests at a time', () =>
  exerciseAdapter(test, acquire(2), { lacks: { restart, strict: 'requests share a batch' } }));

describe('chats', () =>
  exerciseAdapter(test, acquire(2, chatOf), { lacks: { restart, strict: 'requests share a batch' } }));
