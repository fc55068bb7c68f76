// SPDX-License-Identifier: MIT
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A program that is started with a port and a model. */
export const MOODY_ENGINE = fileURLToPath(new URL('moody-engine-main.ts', import.meta.url));

/** A model that loads, and for each way in which one does not, a model that fails in it. */
export const MODELS = ['good', 'good-2', 'bad', 'huge', 'bound', 'mute'] as const;

/** Far above what its start takes on a busy machine. */
const LOAD_TIMEOUT_MS = 30_000;

/** Where a managed pool and its models lie. */
export interface MoodyPool {
  /** A section of the configuration. */
  readonly section: Readonly<Record<string, unknown>>;
  readonly modelOf: (name: (typeof MODELS)[number]) => string;
  /** Holds the id of the engine's process. */
  readonly pidFile: string;
}

/** A pool whose engine is started as a process and behaves as the name of its model says. */
export async function createMoodyPool(folder: string, loadTimeoutMs = LOAD_TIMEOUT_MS): Promise<MoodyPool> {
  const modelOf = (name: string): string => join(folder, `${name}.gguf`);
  for (const name of MODELS) await writeFile(modelOf(name), name);
  const pidFile = join(folder, 'engine.pid');
  const section = {
    id: 'main',
    adapter: 'llamacpp-http',
    model: modelOf('good'),
    slots: 1,
    max_tokens_out: 1_000,
    engine: {
      command: process.execPath,
      args: ['--conditions=@llama-orch/source', MOODY_ENGINE, '{port}', '{model}'],
      env: { PID_FILE: pidFile },
      load_timeout_ms: loadTimeoutMs,
    },
  };
  return { section, modelOf, pidFile };
}
