// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findOrchestratord } from './orchestratord.ts';
import { waitUntilReady } from './wait-until-ready.ts';

/** What to start. */
export interface StartOptions {
  /** Configuration; the built-in one when absent. */
  readonly configFile?: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readyTimeoutMs: number;
}

/** A service that runs in a process of its own; disposal stops it and waits for its end. */
export interface StartedService extends AsyncDisposable {
  readonly url: string;
}

const LOG_TAIL_CHARACTERS = 2000;

/**
 * Starts the service on a loopback port and waits until it is ready.
 *
 * @throws Error with the end of its log when it ends or is not ready in time; nothing is left running.
 */
export async function startService({ configFile, port, env, readyTimeoutMs }: StartOptions): Promise<StartedService> {
  const { main, nodeOptions } = findOrchestratord();
  const args = [...nodeOptions, main, ...(configFile === undefined ? [] : ['--config', configFile])];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, LLORCH_LISTEN_HOST: '127.0.0.1', LLORCH_LISTEN_PORT: String(port), LLORCH_LOG_LEVEL: 'warn' },
  });
  let log = '';
  const keep = (chunk: string): void => void (log = (log + chunk).slice(-LOG_TAIL_CHARACTERS));
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const url = `http://127.0.0.1:${port}`;
  const service: StartedService = {
    url,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'close');
    },
  };
  const ended = new AbortController();
  child.once('close', () => ended.abort(new Error('The service ended')));
  try {
    await waitUntilReady(url, AbortSignal.any([ended.signal, AbortSignal.timeout(readyTimeoutMs)]));
    return service;
  } catch (cause) {
    await service[Symbol.asyncDispose]();
    throw new Error(`The service did not get ready: ${log.trim() || (cause as Error).message}`, { cause });
  }
}
