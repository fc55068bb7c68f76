// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { env } from 'node:process';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { createHttpTransport, type HttpTransport } from './http-transport.ts';
import { PlainDecoder } from './__fixtures__/plain-decoder.ts';

/** Canceled tasks; `KIT_CANCELS=10000` is the full round. */
const CANCELS = Number(env['KIT_CANCELS'] ?? '600');
const LANES = 16;
const EVENTS = 6;
/** How a task ends: it is canceled at one of these moments, breaks, or is read to its end. */
const FATES = ['sent', 'head', 'event', 'late', 'whole', 'event', 'garbage', 'whole', 'head', 'cut'] as const;
type Fate = (typeof FATES)[number];

/** An engine that writes the marker of each request into all it sends, whether somebody still listens or not. */
class MarkingEngine {
  /** Markers each connection has carried, in order. */
  readonly carried: string[][] = [];
  readonly #server = net.createServer((socket) => this.#serve(socket));
  readonly #sockets = new Set<Socket>();

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    const markers: string[] = [];
    this.carried.push(markers);
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined /* cancels reset connections */);
    socket.on('data', (bytes: Buffer) => {
      const [, marker = '', fate = ''] = /\/(\d+)\/(\w+) /.exec(bytes.toString('latin1')) ?? [];
      markers.push(marker);
      answer(socket, marker, fate as Fate);
    });
  }
}

const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

function answer(socket: Socket, marker: string, fate: Fate): void {
  const events = Array.from({ length: EVENTS }, (_, i) => chunk(`data: ${marker}:${i}\n\n`));
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
  socket.write(head);
  if (fate === 'head') return void setImmediate(() => socket.write(events.join('')));
  const [first = '', ...others] = events;
  socket.write(first);
  if (fate === 'garbage') socket.write('not a chunk\r\n');
  else if (fate === 'cut') socket.end();
  // A canceled task's text may still be on its way when the next one begins.
  else setImmediate(() => socket.write(`${others.join('')}0\r\n\r\n`));
}

interface TaskResult {
  readonly markers: ReadonlySet<string>;
  readonly isWhole: boolean;
}

async function runTask(transport: HttpTransport, marker: string, fate: Fate): Promise<TaskResult> {
  const abort = new AbortController();
  const markers = new Set<string>();
  let eventCount = 0;
  const sink = new PlainDecoder(({ text }) => {
    eventCount += 1;
    markers.add(text.split(':', 1).join(''));
    if (fate === 'event' || (fate === 'late' && eventCount === EVENTS)) abort.abort();
  });
  const request = { method: 'POST', path: `/${marker}/${fate}`, body: '{}' } as const;
  const run = transport.stream(request, sink, abort.signal);
  if (fate === 'sent') setImmediate(() => abort.abort());
  if (fate === 'head') setTimeout(() => abort.abort(), 0);
  const isWhole = await run.then(
    () => true,
    () => false,
  );
  return { markers, isWhole };
}

verifies(
  'ORCH-1507',
  `${CANCELS} cancels and breaks between whole answers leave no marker of another task, and no connection is used again`,
  async () => {
    await using _leaks = watchLeaks();
    await using engine = new MarkingEngine();
    const transport = createHttpTransport({ baseUrl: await engine.start() });
    const broken = new Set<string>();
    let next = 0;
    const lane = async (): Promise<void> => {
      while (broken.size < CANCELS) {
        const marker = `${(next += 1)}`;
        const { markers, isWhole } = await runTask(transport, marker, FATES[next % FATES.length] ?? 'whole');
        for (const seen of markers) expect(seen).toBe(marker);
        if (!isWhole) broken.add(marker);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    transport.close();
    // The proof would be idle if nothing were ever reused.
    expect(engine.carried.some((markers) => markers.length > 1)).toBe(true);
    for (const markers of engine.carried) {
      for (const marker of markers.slice(0, -1)) expect([marker, broken.has(marker)]).toEqual([marker, false]);
    }
  },
);
