// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createClient } from '@llama-orch/client';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { makeStateFolder } from './__fixtures__/state-folder.ts';
import { findFreePort } from './service/look-at-port.ts';
import { startService } from './service/start-service.ts';

const configFile = join(import.meta.dirname, '__fixtures__/mock-service.yaml');

/** A balancer that cuts every connection after `cutAfterBytes` bytes from the service. */
async function cuttingProxy(
  port: number,
  cutAfterBytes: number,
): Promise<AsyncDisposable & { url: string; cutCount: () => number }> {
  let cutCount = 0;
  const sockets = new Set<Socket>();
  const server = createServer((downstream) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [downstream, upstream]) {
      sockets.add(socket);
      // Either side may be gone first; that is what this proxy is for.
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    let passedBytes = 0;
    downstream.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      downstream.write(chunk.subarray(0, cutAfterBytes - passedBytes));
      passedBytes += chunk.length;
      if (passedBytes < cutAfterBytes) return;
      cutCount += 1;
      downstream.destroySoon();
      upstream.destroy();
    });
    upstream.on('end', () => downstream.end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutCount: () => cutCount,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

verifies(
  ['ORCH-2511', 'ORCH-2512', 'ORCH-2530'],
  'a stream of the real service cut every few frames arrives whole',
  async () => {
    await using _leaks = watchLeaks();
    const port = await findFreePort('127.0.0.1');
    using state = makeStateFolder();
    await using service = await startService({ configFile, port, env: state.env, readyTimeoutMs: 60_000 });
    await using proxy = await cuttingProxy(port, 1500);
    const request = { prompt: '[[mock tokens=300 delay_ms=1]] a stormy night', seed: 7 };
    const direct = await createClient({ baseUrl: service.url }).run(request).result();
    const reconnect = { baseDelayMs: 1, maxDelayMs: 10 };
    const resumed = await createClient({ baseUrl: proxy.url, reconnect }).run(request).result();
    expect(resumed.text).toBe(direct.text);
    expect(resumed.end.receipt?.output_sha256).toBe(direct.end.receipt?.output_sha256);
    expect(resumed.end.tokens_out).toBe(300);
    expect(proxy.cutCount()).toBeGreaterThan(5);
  },
);
