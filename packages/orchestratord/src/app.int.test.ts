// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ControlEvent, LogFields, Orchestrator, PoolId, TaskId } from '@llama-orch/orchestrator-core';
import type { ArtifactStore } from '@llama-orch/artifacts';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { openSocket } from './__fixtures__/raw-http.ts';
import { startTestService } from './__fixtures__/test-service.ts';
import type { Catalog } from '@llama-orch/catalog';
import type { ModelDesk } from './catalog/model-desk.ts';
import type { ConfigControl } from './pools/config-control.ts';
import type { PoolControl } from './pools/pool-control.ts';
import { MEMORY_STORE } from './store/store-control.ts';
import { createApp } from './app.ts';
import { createHttpServer } from './http/http-server.ts';

const CLIENT_BUFFER_BYTES = 1_024;

interface AppUnderTest extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly lines: (LogFields & { readonly level: string })[];
}

/** Serves an orchestrator of which only the given members are there. */
async function serve(
  orchestrator: Partial<Orchestrator>,
  { models = {}, heartbeatMs = 15_000 }: { models?: Partial<ModelDesk>; heartbeatMs?: number } = {},
): Promise<AppUnderTest> {
  const lines: AppUnderTest['lines'] = [];
  const nothing = (): void => undefined;
  const app = createApp({
    orchestrator: orchestrator as Orchestrator,
    artifacts: {} as ArtifactStore,
    storeTrouble: () => undefined,
    storeControl: MEMORY_STORE,
    poolControl: {} as PoolControl,
    configControl: {} as ConfigControl,
    models: { watch: () => nothing, checkModel: nothing, ...models } as ModelDesk,
    checkMemory: () => undefined,
    logger: { log: (level, _human, fields) => void lines.push({ level, ...fields }) },
    meter: { add: nothing, set: nothing, observe: nothing },
    renderMetrics: () => Promise.resolve(''),
    access: { allowedHosts: [] },
    logRequests: false,
    limits: { maxBytes: 1_000, maxArtifactBytes: 1_000, maxDepth: 8, maxStreams: 8 },
    stream: { heartbeatMs, clientBufferBytes: CLIENT_BUFFER_BYTES, drainTimeoutMs: 30_000 },
  });
  const limits = {
    headerBytes: 8_192,
    headersTimeoutMs: 60_000,
    bodyTimeoutMs: 60_000,
    idleTimeoutMs: 60_000,
    silenceTimeoutMs: 60_000,
  };
  const server = createHttpServer(app.handle, { ...limits, clientBufferBytes: CLIENT_BUFFER_BYTES });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    lines,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

verifies(
  ['ORCH-6103', 'ORCH-2041', 'ORCH-6102'],
  'a fault of the service is logged once with its place and told as INTERNAL',
  async () => {
    await using app = await serve({ pools: () => Promise.reject(new TypeError('canary prompt')) });
    const answer = await fetch(`${app.url}/v1/pools`, { headers: { 'x-correlation-id': 'c-1' } });
    expect([answer.status, await answer.text()]).toEqual([500, expect.stringContaining('"INTERNAL"')]);
    expect(app.lines).toHaveLength(1);
    expect(app.lines[0]).toMatchObject({ level: 'error', correlation_id: 'c-1', route: 'listPools' });
    expect(app.lines[0]?.['fault']).toMatch(/^TypeError at .*app\.int\.test\.ts/);
    expect(JSON.stringify(app.lines)).not.toContain('canary');
  },
);

verifies('ORCH-2221', 'an events reader that does not read is dropped, others are not', async () => {
  await using _leaks = watchLeaks();
  const listeners = new Set<(event: ControlEvent) => void>();
  await using app = await serve({
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const socket = await openSocket(app.port);
  socket.on('error', () => undefined);
  socket.write('GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'readable');
  expect(listeners.size).toBe(1);
  const event: ControlEvent = { kind: 'task', at: 0, taskId: 't' as TaskId, poolId: 'p' as PoolId, state: 'queued' };
  // More than every buffer of the kernel holds, and all before the reader could read.
  let sentCount = 0;
  for (; listeners.size > 0 && sentCount < 1_000_000; sentCount++) {
    for (const listener of listeners) listener(event);
    if (sentCount % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(listeners.size).toBe(0);
  expect(sentCount).toBeLessThan(1_000_000);
  socket.destroy();
  const reader = await fetch(`${app.url}/v1/events`);
  for (const listener of listeners) listener(event);
  expect(listeners.size).toBe(1);
  await reader.body?.cancel();
});

verifies('ORCH-6105', 'a served request is one line at debug and none at info', async () => {
  for (const [level, count] of [
    ['debug', 1],
    ['info', 0],
  ] as const) {
    await using service = await startTestService({ config: { log: { level } } });
    await (await service.fetch('/v1/pools?x=1')).text();
    await service.service.stop('to see all lines');
    const lines = service
      .logText()
      .split('\n')
      .filter((line) => line.includes('"route"'));
    expect(lines, level).toHaveLength(count);
    if (count === 1)
      expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level, method: 'GET', route: 'listPools', status: 400 });
  }
});

verifies('ORCH-1632', 'a verification that takes long keeps its connection with interim answers', async () => {
  const read = Promise.withResolvers<void>();
  const model = { id: '0'.repeat(16), reference: 'file:m.gguf', state: 'Active', status: 'installed', isPinned: false };
  const catalog = {
    verify: async () => {
      await read.promise;
      return { outcome: 'match', model: { ...model, warnings: [], addedAt: 0, metadata: {} } };
    },
  };
  const models = { catalog: async () => catalog as unknown as Catalog, usedBy: () => [] };
  await using app = await serve({}, { models, heartbeatMs: 1 });
  const asked = request({ port: app.port, method: 'POST', path: `/v1/catalog/models/${model.id}/verify` });
  asked.on('information', ({ statusCode }) => {
    if (statusCode === 102) read.resolve();
  });
  const [answer] = (await once(asked.end(), 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(200);
  answer.resume();
});
