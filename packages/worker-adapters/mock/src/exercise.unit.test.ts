// SPDX-License-Identifier: MIT
import { exerciseAdapter, type AdapterFixture } from '@llama-orch/worker-adapter-api/testkit';
import { test } from 'vitest';
import { requestOf } from './__fixtures__/request-of.ts';
import { createMockAdapter } from './mock-adapter.ts';

async function acquireMock(): Promise<AdapterFixture> {
  let started = 0;
  const count = (): undefined => void (started += 1);
  const adapter = createMockAdapter({ slots: 2, restartMs: 60_000, script: count });
  const signal = new AbortController().signal;
  return {
    adapter,
    brief: requestOf('[[mock tokens=8]] a few words'),
    endless: requestOf('[[mock tokens=1000000]] and on and on', { maxTokens: 1_000_000 }),
    refused: requestOf('[[mock fault=refuse]]'),
    breaking: requestOf('[[mock tokens=8 fault=malformed at=2]]'),
    async stopEngine() {
      await adapter
        .run(requestOf('[[mock fault=crash]]'), { onTokens: () => undefined }, signal)
        .catch(() => 'it crashed');
    },
    observer: {
      busySlots: async () => (await adapter.metrics(signal)).slotsBusy ?? 0,
      startedCount: async () => started,
    },
    [Symbol.asyncDispose]: () => adapter.close(),
  };
}

exerciseAdapter(test, acquireMock);
