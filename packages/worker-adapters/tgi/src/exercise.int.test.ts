// SPDX-License-Identifier: MIT
import { requestOf } from '@llama-orch/adapter-kit/testkit';
import { exerciseAdapter, type AcquireAdapter } from '@llama-orch/worker-adapter-api/testkit';
import { describe, test } from 'vitest';
import { startTgiFake } from './__fixtures__/tgi-fake.ts';
import { createTgiAdapter } from './tgi-adapter.ts';

const acquire =
  (slots: number): AcquireAdapter =>
  async () => {
    const router = await startTgiFake(slots);
    const adapter = createTgiAdapter({ baseUrl: router.baseUrl, isRepeatable: slots === 1 });
    return {
      adapter,
      brief: requestOf('brief'),
      endless: requestOf('endless', { maxTokens: 1_000_000 }),
      refused: requestOf('refused'),
      breaking: requestOf('breaking'),
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
