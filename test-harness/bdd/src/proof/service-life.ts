// SPDX-License-Identifier: MIT
import { ServiceUnderTest } from '../service-under-test.ts';

/** The one pool of the proof. */
export const POOL = 'haiku';
/** Covers one task of 100 tokens with its prompt, and not two. */
const SESSION_TOKENS = 200;

/** The service of a proof: one port and one directory, whose process may be killed and started again. */
export class ServiceLife {
  readonly #state: string;
  readonly #ended: string[] = [];
  #service: ServiceUnderTest;

  private constructor(state: string, service: ServiceUnderTest) {
    this.#state = state;
    this.#service = service;
  }

  /** Starts the service on a folder for its state; resolves when the pool is ready. */
  static async begin(state: string): Promise<ServiceLife> {
    return new ServiceLife(state, await start(state, 0));
  }

  get port(): number {
    return Number(new URL(this.#service.baseUrl).port);
  }

  /** What all processes so far wrote to standard output. */
  get outputLines(): readonly string[] {
    return [...this.#ended, ...this.#service.outputLines];
  }

  /** Kills the process with SIGKILL; resolves when another is ready on the same port and directory. */
  async crash(): Promise<void> {
    const { port } = this;
    this.#service.signal('SIGKILL');
    await this.#service.exited;
    this.#ended.push(...this.#service.outputLines);
    this.#service = await start(this.#state, port);
  }

  /** Stops the process gracefully; safe to call when it is gone. */
  async end(): Promise<void> {
    await this.#service.stop();
  }
}

async function start(state: string, port: number): Promise<ServiceUnderTest> {
  const service = await ServiceUnderTest.start({
    config: {
      listen: { port },
      queue: { interactive_tasks: 1 },
      sessions: { token_budget: SESSION_TOKENS },
      pools: [{ id: POOL, adapter: 'node-llama-cpp', slots: 1, max_tokens_out: 512 }],
    },
    env: { XDG_STATE_HOME: state },
  });
  try {
    await service.ready();
  } catch (error) {
    await service.stop();
    throw error;
  }
  return service;
}
