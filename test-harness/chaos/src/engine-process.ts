// SPDX-License-Identifier: MIT
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { HOLD } from '@llama-orch/harness-bdd';
import { tinyModelPath } from '@llama-orch/tiny-model';
import { freePort } from './free-port.ts';

const HEALTH_PAUSE_MS = 20;
const MOCK_MAIN = fileURLToPath(new URL('mock-engine-main.ts', import.meta.url));

/** A program that serves the API of llama-server with one slot. */
export interface EngineProgram {
  readonly name: string;
  /** How it is started on a port. */
  readonly command: (port: number) => readonly [program: string, ...args: string[]];
  /** A prompt that it writes upon until it may no more. */
  readonly prompt: string;
}

/** An engine without a model, in a process of its own. */
export const MOCK_ENGINE: EngineProgram = {
  name: 'a mock engine',
  command: (port) => [process.execPath, '--conditions=@llama-orch/source', MOCK_MAIN, `${port}`],
  prompt: `${HOLD} rain`,
};

/** The real engine on the tiny model. */
export function llamaServer(binary: string): EngineProgram {
  const model = ['-m', tinyModelPath, '-t', '1', '-np', '1', '-c', '512'];
  return {
    name: 'a llama-server',
    command: (port) => [binary, ...model, '--host', '127.0.0.1', '--port', `${port}`],
    prompt: 'haiku about rain:\n',
  };
}

/** An engine that can be killed, frozen and started again on its port. */
export class EngineProcess implements AsyncDisposable {
  readonly baseUrl: string;
  readonly #program: EngineProgram;
  readonly #port: number;
  #child: ChildProcess | undefined;

  private constructor(program: EngineProgram, port: number) {
    this.#program = program;
    this.#port = port;
    this.baseUrl = `http://127.0.0.1:${port}`;
  }

  /** Starts the program and resolves when it is healthy. */
  static async start(program: EngineProgram): Promise<EngineProcess> {
    const engine = new EngineProcess(program, await freePort());
    await engine.start();
    return engine;
  }

  /** Starts it again on the same port. */
  async start(): Promise<void> {
    const [file, ...args] = this.#program.command(this.#port);
    const child = spawn(file, args, { stdio: 'ignore' });
    this.#child = child;
    const killOrphan = (): boolean => child.kill('SIGKILL');
    process.once('exit', killOrphan);
    child.once('exit', () => process.off('exit', killOrphan));
    // What a server logs when it is ready differs between builds, so its health is asked.
    while (child.exitCode === null) {
      const answer = await fetch(`${this.baseUrl}/health`).catch(() => undefined);
      if (answer?.status === 200) return;
      await delay(HEALTH_PAUSE_MS);
    }
    throw new Error(`${this.#program.name} ended at its start`);
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
