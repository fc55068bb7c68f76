// SPDX-License-Identifier: MIT
import { setTimeout as delay } from 'node:timers/promises';
import { tinyModelPath } from '@llama-orch/tiny-model';
import type {
  Sampling,
  WorkerAdapter,
  WorkerEnd,
  WorkerHealth,
  WorkerInput,
  WorkerRequest,
} from '@llama-orch/worker-adapter-api';
import { createNodeLlamaCppAdapter, type NodeLlamaCppOptions } from '../node-llama-cpp-adapter.ts';

/** A signal that never aborts. */
export const never: AbortSignal = new AbortController().signal;

/** Greedy, with everything else off. */
export const greedy: Sampling = {
  seed: 1,
  temperature: 0,
  topP: 1,
  topK: 0,
  minP: 0,
  repeatPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  stop: [],
};

/** An adapter that closes itself at the end of a test. */
export type DisposableAdapter = WorkerAdapter & AsyncDisposable;

/** Starts an adapter on the tiny model and waits until it is ready or failed. */
export async function startAdapter(options: Partial<NodeLlamaCppOptions> = {}): Promise<DisposableAdapter> {
  const adapter = createNodeLlamaCppAdapter({ modelPath: tinyModelPath, ...options });
  await settledHealth(adapter);
  return Object.assign(adapter, { [Symbol.asyncDispose]: () => adapter.close() });
}

/** Probes until loading is over. */
export async function settledHealth(adapter: WorkerAdapter): Promise<Exclude<WorkerHealth, { state: 'loading' }>> {
  for (;;) {
    const health = await adapter.probe(never);
    if (health.state !== 'loading') return health;
    await delay(10);
  }
}

/** A chat that asks for a haiku with a word. */
export function haikuChat(word: string): WorkerInput {
  const content = `please write a haiku that includes the word "${word}"`;
  return { workload: 'chat', messages: [{ role: 'user', content }], tools: [] };
}

/** A strict greedy request. */
export function request(overrides: Partial<WorkerRequest> = {}): WorkerRequest {
  return {
    jobId: 'job',
    input: haikuChat('forty-two'),
    maxTokens: 90,
    sampling: greedy,
    determinism: 'strict',
    kvHint: 'reuse',
    ...overrides,
  };
}

/** A request that goes on until `maxTokens`: its grammar never ends. */
export function endlessRequest(overrides: Partial<WorkerRequest> = {}): WorkerRequest {
  return request({
    maxTokens: 450,
    responseFormat: { type: 'grammar', grammar: 'root ::= [a-z ] root' },
    ...overrides,
  });
}

/** What a run gave. */
export interface RunResult {
  readonly pieces: readonly string[];
  readonly text: string;
  readonly end: WorkerEnd;
}

/** Runs a request to its end. */
export async function runToEnd(adapter: WorkerAdapter, overrides: Partial<WorkerRequest> = {}): Promise<RunResult> {
  const pieces: string[] = [];
  const end = await adapter.run(request(overrides), { onTokens: (texts) => void pieces.push(...texts) }, never);
  return { pieces, text: pieces.join(''), end };
}
