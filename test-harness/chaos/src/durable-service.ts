// SPDX-License-Identifier: MIT
import { ServiceUnderTest, type ServiceOptions } from '@llama-orch/harness-bdd';
import { freePort } from './free-port.ts';

/** How a durable service is started. */
export interface DurableOptions extends ServiceOptions {
  /** Its data directory. */
  readonly directory: string;
}

/** A service that keeps its tasks in a directory, over as many processes as it takes; all listen on one port. */
export class DurableService implements AsyncDisposable {
  readonly port: number;
  readonly #options: DurableOptions;
  #process: ServiceUnderTest;
  #up: PromiseWithResolvers<undefined> | undefined;

  private constructor(options: DurableOptions, started: ServiceUnderTest, port: number) {
    this.#options = options;
    this.#process = started;
    this.port = port;
  }

  /** Starts the first process and resolves when it listens. */
  static async start(options: DurableOptions): Promise<DurableService> {
    const port = await freePort();
    return new DurableService(options, await ServiceUnderTest.start(optionsOf(options, port)), port);
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The process now. */
  get process(): ServiceUnderTest {
    return this.#process;
  }

  /** Resolves when a process listens. */
  async whenUp(): Promise<void> {
    await this.#up?.promise;
  }

  /** Kills the process with no chance to do anything; resolves when it is gone. */
  async crash(): Promise<void> {
    this.#up ??= Promise.withResolvers();
    this.#process.signal('SIGKILL');
    const { signal } = await this.#process.exited;
    if (signal !== 'SIGKILL') throw new Error(`the process had ended before: ${this.#process.errorLines.join('\n')}`);
  }

  /** Starts another process on the same directory and port; resolves when it listens. */
  async restart(): Promise<ServiceUnderTest> {
    const options = optionsOf(this.#options, this.port);
    this.#process = await ServiceUnderTest.start(options);
    this.#up?.resolve(undefined);
    this.#up = undefined;
    return this.#process;
  }

  /** Starts another process and kills it after `lifeMs`: the time is the fault, nothing waits for it. */
  async startAndCrash(lifeMs: number): Promise<void> {
    const doomed = await ServiceUnderTest.launch(optionsOf(this.#options, this.port));
    const killer = setTimeout(() => doomed.signal('SIGKILL'), lifeMs);
    const exit = await doomed.exited;
    clearTimeout(killer);
    if (exit.signal !== 'SIGKILL') throw new Error(`a start failed: ${doomed.errorLines.join('\n')}`);
  }

  /** Stops gracefully; resolves with the exit code. */
  async stop(): Promise<number | null> {
    return (await this.#process.stop()).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.over) return;
    this.#process.signal('SIGKILL');
    await this.#process.exited;
  }
}

function optionsOf({ directory, config, ...rest }: DurableOptions, port: number): ServiceOptions {
  return { ...rest, config: { ...config, listen: { port }, store: { backend: 'sqlite', directory } } };
}
