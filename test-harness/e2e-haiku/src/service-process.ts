// SPDX-License-Identifier: MIT
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../packages/orchestratord/src/main.ts', import.meta.url));

/** One orchestratord in a process of its own, on a free port; ends with the test that owns it. */
export class ServiceProcess implements AsyncDisposable {
  /** As in `http://127.0.0.1:54321`. */
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #state: string;

  private constructor(child: ChildProcess, url: string, state: string) {
    this.#child = child;
    this.#state = state;
    this.url = url;
  }

  /**
   * Starts the service and resolves once every pool is ready.
   *
   * @param args Further arguments, such as `--config FILE`; without any, the built-in defaults apply.
   */
  static async start(args: readonly string[] = []): Promise<ServiceProcess> {
    const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
    const state = await mkdtemp(join(tmpdir(), 'e2e-state-'));
    const child = spawn(process.execPath, ['--conditions=@llama-orch/source', MAIN, ...args], {
      env: {
        PATH,
        HOME,
        NODE_COMPILE_CACHE,
        XDG_STATE_HOME: state,
        LLORCH_LISTEN_PORT: '0',
        LLORCH_LOG_FORMAT: 'json',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const { address } = JSON.parse(line) as { readonly address?: string };
      if (address !== undefined) {
        // The log must be read on, or the service blocks when the pipe is full.
        child.stdout.resume();
        const service = new ServiceProcess(child, address, state);
        await service.#ready();
        return service;
      }
    }
    throw new Error('The service ended before it listened.');
  }

  /** Looks again at every change the open events stream tells of. */
  async #ready(): Promise<void> {
    const leave = new AbortController();
    const { body } = await fetch(`${this.url}/v1/events`, { signal: leave.signal });
    if (body === null) throw new Error('The service has no events stream.');
    const changes = body.getReader();
    while (!(await fetch(`${this.url}/readyz`)).ok) await changes.read();
    leave.abort();
  }

  /** Stops it gracefully; resolves the exit code. */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    const exited = once(this.#child, 'exit') as Promise<[number | null]>;
    this.#child.kill('SIGTERM');
    return (await exited)[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#state, { recursive: true, force: true });
  }
}
