// SPDX-License-Identifier: MIT
import { basename } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EngineSettings } from './engine-protocol.ts';
import type { NodeLlamaCppOptions } from './node-llama-cpp-adapter.ts';

/** Starts the thread of an engine, which begins to load at once; `known` is what the options do not say. */
export function startThread(
  options: NodeLlamaCppOptions,
  known: Pick<EngineSettings, 'activityMemory' | 'modelPath' | 'knownDigest'>,
): Worker {
  // The compiler rewrites import specifiers, not URLs.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const entry = new URL(`./engine/engine-thread.${extension}`, import.meta.url);
  const workerData: EngineSettings = {
    ...known,
    modelId: options.modelId ?? basename(known.modelPath, '.gguf'),
    expectedDigest: options.expectedDigest,
    slots: options.slots ?? 1,
    slotMode: options.slotMode ?? 'isolated',
    ctxMaxTokens: options.ctxMaxTokens,
    gpu: options.gpu ?? false,
    threads: options.threads,
  };
  return new Worker(entry, { workerData, stdout: true, stderr: true, name: 'node-llama-cpp' });
}
