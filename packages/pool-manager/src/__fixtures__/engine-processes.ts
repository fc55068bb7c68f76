// SPDX-License-Identifier: MIT
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createLlamacppHttpAdapter } from '@llama-orch/adapter-llamacpp-http';
import type { Clock } from '@llama-orch/orchestrator-core';
import { SeededRandom } from '@llama-orch/orchestrator-core/testkit';
import type { WorkerAdapter } from '@llama-orch/worker-adapter-api';
import { createManagedReplica, type ManagedReplicaOptions } from '../create-managed-replica.ts';
import type { ManagedReplica } from '../managed-replica.ts';
import { identityOf } from '../process/process-session.ts';
import { createProcessLauncher, type ProcessLauncherOptions } from '../process/process-launcher.ts';
import { ListLogger } from './fake-engines.ts';

const LOOK_MS = 10;
const LIMIT_MS = 60_000;
const ENGINE_MAIN = fileURLToPath(new URL('fake-engine-main.ts', import.meta.url));

/** The process's own time. */
export const realClock: Clock = {
  nowMs: () => performance.now(),
  wallNowMs: () => Date.now(),
  setTimer(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** The adapter to a fake engine. */
export function connectTo(baseUrl: string): WorkerAdapter {
  return createLlamacppHttpAdapter({ baseUrl, modelDigest: `sha256:${'0'.repeat(64)}` });
}

/** Folders, a launcher and a replica of the fake engine program. */
export interface EngineRig extends AsyncDisposable {
  readonly directory: string;
  readonly logger: ListLogger;
  readonly launcher: ReturnType<typeof createProcessLauncher>;
  readonly replica: ManagedReplica;
  /** The engine's pid, as the log of starts tells. */
  pid(): number;
}

/** What a rig is made with beside the fixed parts. */
export interface EngineRigOptions {
  readonly args?: readonly string[];
  readonly directory?: string;
  readonly launcher?: Partial<ProcessLauncherOptions>;
  readonly replica?: Partial<ManagedReplicaOptions>;
}

/** Everything that a replica of real processes needs; disposal ends them and removes the folders. */
export async function engineRig({
  args = [],
  directory,
  launcher: parts,
  replica,
}: EngineRigOptions = {}): Promise<EngineRig> {
  const folder = directory ?? (await mkdtemp(join(await realpath(tmpdir()), 'llama-orch-engines-')));
  const logger = new ListLogger();
  const random = new SeededRandom(process.pid);
  const launcher = createProcessLauncher({
    replicaId: 'p-0',
    command: process.execPath,
    args: [ENGINE_MAIN, '--port', '{port}', ...args],
    connect: ({ baseUrl }) => connectTo(baseUrl),
    stateDirectory: join(folder, 'engines'),
    logDirectory: join(folder, 'logs'),
    clock: realClock,
    random,
    logger,
    ...parts,
  });
  const managed = createManagedReplica({
    id: 'p-0',
    launcher,
    clock: realClock,
    random,
    logger,
    limits: { loadPauseMs: LOOK_MS },
    restarts: { firstDelayMs: LOOK_MS, crashLimitCount: 100 },
    ...replica,
  });
  return {
    directory: folder,
    logger,
    launcher,
    replica: managed,
    pid: () => Number(logger.lines.findLast(({ fields }) => fields['pid'] !== undefined)?.fields['pid']),
    async [Symbol.asyncDispose]() {
      await managed.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Looks until `condition` holds; what another process does sends no event. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + LIMIT_MS;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error('The condition did not come true');
    await delay(LOOK_MS);
  }
}

/** Whether a process with this number runs. */
export async function isRunning(pid: number): Promise<boolean> {
  return (await identityOf(pid)) !== undefined;
}
