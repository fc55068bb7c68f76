// SPDX-License-Identifier: MIT
import { setTimeout as delay } from 'node:timers/promises';
import { HOLD, ScriptedEngine, type EngineGeneration } from '@llama-orch/harness-bdd';

// An engine that is a process of its own, so that it can be killed and frozen. It writes the same words for every prompt, and as many as
// it may.

/** Long enough that a kill meets a generation half way. */
const PACE_MS = 2;

const engine = await ScriptedEngine.start({ port: Number(process.argv[2]) });
for (let count = 1; ; count += 1) {
  await engine.generation(HOLD, count);
  const generation = engine.generationsOf(HOLD)[count - 1];
  if (generation !== undefined) void write(generation);
}

async function write(generation: EngineGeneration): Promise<void> {
  for (let index = 0; index < generation.request.n_predict; index += 1) {
    generation.write(` word${index}`);
    await delay(PACE_MS);
  }
  generation.finish('limit');
}
