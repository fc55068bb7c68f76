// SPDX-License-Identifier: MIT
import { setTimeout as delay } from 'node:timers/promises';
import { HOLD, type EngineGeneration, type ScriptedEngine } from '@llama-orch/harness-bdd';

/** Long enough that a kill meets a generation half way. */
const PACE_MS = 2;

/** Writes the same words for every prompt that is held, and as many as it may; never ends. */
export async function writeWords(engine: ScriptedEngine): Promise<never> {
  for (let count = 1; ; count += 1) {
    await engine.generation(HOLD, count);
    const generation = engine.generationsOf(HOLD)[count - 1];
    if (generation !== undefined) void write(generation);
  }
}

async function write(generation: EngineGeneration): Promise<void> {
  for (let index = 0; index < generation.request.n_predict; index += 1) {
    generation.write(` word${index}`);
    await delay(PACE_MS);
  }
  generation.finish('limit');
}
