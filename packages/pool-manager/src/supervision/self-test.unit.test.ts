// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { FAKE_PROPS, FakeAdapter } from '../__fixtures__/fake-engines.ts';
import { selfTest } from './self-test.ts';

const never = new AbortController().signal;

verifies('ORCH-1406', 'a self-test reads the props, cancels a generation and generates a token', async () => {
  const adapter = new FakeAdapter();
  await expect(selfTest(adapter, never)).resolves.toEqual(FAKE_PROPS);
  expect(adapter.requests.map(({ maxTokens }) => maxTokens)).toEqual([64, 1]);
  expect(adapter.requests.every(({ jobId, sessionId }) => jobId === 'self-test' && sessionId === undefined)).toBe(true);
});

verifies('ORCH-1406', 'an engine without a token, without props or with a fault does not pass', async () => {
  const silent = new FakeAdapter();
  silent.tokensOut = 0;
  await expect(selfTest(silent, never)).rejects.toMatchObject({ fault: { reason: 'self_test' } });
  const loading = new FakeAdapter();
  loading.health = { state: 'loading' };
  await expect(selfTest(loading, never)).rejects.toThrow('could not tell its props: it is loading');
  const broken = new FakeAdapter();
  broken.run = () => Promise.reject(new OrchError('WORKER_RESET', { message: 'Its socket broke.' }));
  await expect(selfTest(broken, never)).rejects.toThrow('could not cancel a generation: Its socket broke.');
});

verifies('ORCH-1406', 'an engine without generation answers a request of its own kind', async () => {
  const embedder = new FakeAdapter();
  embedder.health = { state: 'ready', props: { ...FAKE_PROPS, workloads: ['embedding'] } };
  await selfTest(embedder, never);
  expect(embedder.requests.map(({ input }) => input)).toEqual([{ workload: 'embedding', inputs: ['Hello'] }]);
  const ranker = new FakeAdapter();
  ranker.health = { state: 'ready', props: { ...FAKE_PROPS, workloads: ['rerank'] } };
  await selfTest(ranker, never);
  expect(ranker.requests.map(({ input }) => input.workload)).toEqual(['rerank']);
});
