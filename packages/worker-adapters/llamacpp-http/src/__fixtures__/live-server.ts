// SPDX-License-Identifier: MIT
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLlamaServer, type LlamaServer } from '@llama-orch/adapter-kit/testkit';
import { createRandomGguf, tinyModelPath, type RandomGgufOptions } from '@llama-orch/tiny-model';

/** Starts the binary on the tiny model and resolves when it is ready. */
export function startLiveServer(binary: string, args: readonly string[]): Promise<LlamaServer> {
  return startLlamaServer(binary, tinyModelPath, args);
}

/** The same on a model made for the test. */
export async function startLiveModel(
  binary: string,
  model: RandomGgufOptions,
  args: readonly string[],
): Promise<LlamaServer> {
  const folder = await mkdtemp(join(tmpdir(), 'live-model-'));
  const path = join(folder, 'model.gguf');
  await writeFile(path, createRandomGguf(model));
  try {
    return await startLlamaServer(binary, path, args);
  } finally {
    // It is in memory by now.
    await rm(folder, { recursive: true });
  }
}
