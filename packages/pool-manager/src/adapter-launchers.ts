// SPDX-License-Identifier: MIT
import type { WorkerAdapter } from '@llama-orch/worker-adapter-api';
import { engineFault } from './engine-fault.ts';
import type { EngineExit, EngineLauncher, EngineStart, Provisioning, StartedEngine } from './engine-launcher.ts';

/** Makes the adapter of one engine. */
export type CreateAdapter = (given: EngineStart) => WorkerAdapter;

/** Engines that live in this process: making the adapter starts one, closing it ends it. */
export function createInProcessLauncher(create: CreateAdapter): EngineLauncher {
  return adapterLauncher('embedded', create);
}

/** Engines that somebody else runs: they are attached to, and let go of without a signal. ORCH-1401 */
export function createExternalLauncher(connect: CreateAdapter): EngineLauncher {
  return adapterLauncher('external', connect);
}

function adapterLauncher(provisioning: Provisioning, create: CreateAdapter): EngineLauncher {
  return {
    provisioning,
    async start(given, signal) {
      signal.throwIfAborted();
      return started(create(given));
    },
  };
}

function started(adapter: WorkerAdapter): StartedEngine {
  const { promise: exited, resolve } = Promise.withResolvers<EngineExit>();
  return {
    adapter,
    exited,
    async stop() {
      await adapter.close();
      resolve(engineFault('stopped', 'It was stopped.'));
    },
    logTail: () => [],
  };
}
