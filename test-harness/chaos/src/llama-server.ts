// SPDX-License-Identifier: MIT
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { tinyModelPath } from '@llama-orch/tiny-model';
import { freePort } from './free-port.ts';

const HEALTH_PAUSE_MS = 20;

/** A llama-server on the tiny model that can be killed, frozen and started again on its port. */
export class LlamaServer implements AsyncDisposable {
  readonly baseUrl: string;
  readonly #binary: string;
  readonly #port: number;
  #child: ChildProcess | undefined;

  private constructor(binary: string, port: number) {
    this.#binary = binary;
    this.#port = port;
    this.baseUrl = `http://127.0.0.1:${port}`;
  }

  /** Starts the binary and resolves when it is healthy. */
  static async start(binary: string): Promise<LlamaServer> {
    const server = new LlamaServer(binary, await freePort());
    await server.start();
    return server;
  }

  /** Starts it again on the same port. */
  async start(): Promise<void> {
    const address = ['--host', '127.0.0.1', '--port', `${this.#port}`];
    const args = ['-m', tinyModelPath, ...address, '-t', '1', '-np', '1', '-c', '512'];
    const child = spawn(this.#binary, args, { stdio: 'ignore' });
    this.#child = child;
    process.once('exit', () => child.kill('SIGKILL'));
    // What a server logs when it is ready differs between builds, so its health is asked.
    while (child.exitCode === null) {
      const answer = await fetch(`${this.baseUrl}/health`).catch(() => undefined);
      if (answer?.status === 200) return;
      await delay(HEALTH_PAUSE_MS);
    }
    throw new Error('llama-server ended at its start');
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** Kills it; resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
