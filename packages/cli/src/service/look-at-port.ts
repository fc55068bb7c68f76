// SPDX-License-Identifier: MIT
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';

/** Who holds a port. */
export type PortHolder = 'free' | 'llama-orch' | 'another program';

const ANSWER_TIMEOUT_MS = 2000;
/** Below the range that systems give to connections and to whoever asks for any port: nobody is given it before it is used. */
const LOWEST_PORT = 20_000;
const PORT_COUNT = 10_000;
const TRY_COUNT = 100;

/** Who holds `port` on `host`. */
export async function lookAtPort(host: string, port: number): Promise<PortHolder> {
  if (await canListen(host, port)) return 'free';
  return (await isLlamaOrch(`http://${host}:${port}`)) ? 'llama-orch' : 'another program';
}

/** A port of `host` that is free now. */
export async function findFreePort(host: string): Promise<number> {
  for (let count = 0; count < TRY_COUNT; count += 1) {
    const port = LOWEST_PORT + randomInt(PORT_COUNT);
    if (await canListen(host, port)) return port;
  }
  throw new Error(`No port of ${host} was free in ${TRY_COUNT} tries`);
}

async function canListen(host: string, port: number): Promise<boolean> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen({ host, port, exclusive: true }, resolve);
    });
  } catch {
    // Whatever the reason, a service could not listen there either.
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

/** True when what answers at `url` is a llama-orch; needs no token. */
export async function isLlamaOrch(url: string): Promise<boolean> {
  try {
    const response = await fetch(new URL('/healthz', url), { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    const body = (await response.json()) as { status?: unknown };
    return response.headers.has('X-Correlation-Id') && body.status === 'ok';
  } catch {
    // No HTTP, no JSON or no answer: it is not one of ours.
    return false;
  }
}
