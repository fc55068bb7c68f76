// SPDX-License-Identifier: MIT
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { end, started, TASK_ID, token } from '../__fixtures__/frames.ts';
import { createClient } from '../create-client.ts';

/** A service on a loopback port. */
async function serve(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<AsyncDisposable & { readonly baseUrl: string }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const reconnect = { baseDelayMs: 1, maxDelayMs: 5 };

verifies('ORCH-2511', 'a stream whose socket is destroyed again and again arrives whole', async () => {
  await using _leaks = watchLeaks();
  const tokensOut = 200;
  let connectionCount = 0;
  await using service = await serve((request, response) => {
    connectionCount += 1;
    const from = Number((request.headers['last-event-id'] as string | undefined)?.split(':')[1] ?? -1) + 1;
    const frames = [started, ...Array.from({ length: tokensOut }, (_, i) => token(i)), end(tokensOut)];
    const share = frames.slice(from, from + 17).join('');
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    // The last frame is cut in half, so that a reader which took it would lose or double it.
    const isLast = from + 17 >= frames.length;
    response.write(isLast ? share : share.slice(0, -9), () => (isLast ? response.end() : response.destroy()));
  });
  const { text, end: last } = await createClient({ baseUrl: service.baseUrl, reconnect }).stream(TASK_ID).result();
  expect(text).toBe(Array.from({ length: tokensOut }, (_, i) => `w${i} `).join(''));
  expect(last.tokens_out).toBe(tokensOut);
  expect(connectionCount).toBeGreaterThan(10);
});

verifies('ORCH-2517', 'leaving the loop closes the socket at the service', async () => {
  await using _leaks = watchLeaks();
  const closed = Promise.withResolvers<void>();
  await using service = await serve((_request, response) => {
    response.on('close', () => closed.resolve());
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write(started);
  });
  for await (const frame of createClient({ baseUrl: service.baseUrl, reconnect }).stream(TASK_ID)) {
    expect(frame.event).toBe('started');
    break;
  }
  await closed.promise;
});
