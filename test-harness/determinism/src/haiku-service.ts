// SPDX-License-Identifier: MIT
import { createClient, type OrchClient } from '@llama-orch/client';
import { configOf, createLogger, startService } from '@llama-orch/orchestratord';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';

/** A service on the embedded engine with the tiny model, reached over HTTP. */
export interface HaikuService extends AsyncDisposable {
  readonly client: OrchClient;
  /** Stops it in the middle of whatever it does, and starts another one on the same tasks. */
  restart(): Promise<HaikuService>;
}

/**
 * Starts a service on a free port and waits until its pool is ready.
 *
 * @param replicaCount Engines in the one pool, each with a single slot.
 */
export async function startHaikuService(replicaCount: number): Promise<HaikuService> {
  return startOn(await mkdtempDisposable(join(tmpdir(), 'haiku-state-')), replicaCount);
}

interface State {
  readonly path: string;
  remove(): Promise<void>;
}

async function startOn(state: State, replicaCount: number): Promise<HaikuService> {
  const loaded = configOf(
    {
      listen: { port: 0 },
      shutdown: { grace_ms: 0 },
      pools: [{ id: 'haiku', adapter: 'node-llama-cpp', replicas: replicaCount, slots: 1 }],
    },
    { env: { XDG_STATE_HOME: state.path }, folder: import.meta.dirname },
  );
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const logger = createLogger({ level: 'error', format: 'json', stream: silent, secrets: [] });
  const service = await startService(loaded, logger);
  await service.settled;
  return {
    client: createClient({ baseUrl: service.url }),
    async restart() {
      await service.stop('another process goes on');
      return startOn(state, replicaCount);
    },
    async [Symbol.asyncDispose]() {
      await service.stop('the suite is done');
      await state.remove();
    },
  };
}
