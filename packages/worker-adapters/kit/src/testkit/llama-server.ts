// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const HEALTH_PAUSE_MS = 20;

/** A llama-server process of our own. */
export interface LlamaServer extends AsyncDisposable {
  readonly baseUrl: string;
  stop(): Promise<void>;
}

/** Starts the binary with a model on one thread and resolves when it is ready. */
export async function startLlamaServer(
  binary: string,
  modelPath: string,
  args: readonly string[],
): Promise<LlamaServer> {
  const port = await freePort();
  const all = ['-m', modelPath, '--host', '127.0.0.1', '--port', `${port}`, '-t', '1', ...args];
  const server = spawn(binary, all, { stdio: 'ignore' });
  const exited = once(server, 'exit');
  const baseUrl = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    server.kill('SIGKILL');
    await exited;
  };
  await untilReady(baseUrl, () => server.exitCode === null);
  return { baseUrl, stop, [Symbol.asyncDispose]: stop };
}

/** What a server logs when it is ready differs between builds, so its health is asked. */
async function untilReady(baseUrl: string, isAlive: () => boolean): Promise<void> {
  while (isAlive()) {
    const answer = await fetch(`${baseUrl}/health`).catch(() => undefined);
    if (answer?.status === 200) return;
    await delay(HEALTH_PAUSE_MS);
  }
  throw new Error('llama-server ended at its start');
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
