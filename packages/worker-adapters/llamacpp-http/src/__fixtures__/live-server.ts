// SPDX-License-Identifier: MIT
import { startLlamaServer, type LlamaServer } from '@llama-orch/adapter-kit/testkit';
import { tinyModelPath } from '@llama-orch/tiny-model';

/** Starts the binary on the tiny model and resolves when it is ready. */
export function startLiveServer(binary: string, args: readonly string[]): Promise<LlamaServer> {
  return startLlamaServer(binary, tinyModelPath, args);
}
