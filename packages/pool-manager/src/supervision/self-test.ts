// SPDX-License-Identifier: MIT
import {
  OrchError,
  type Sampling,
  type TokenSink,
  type WorkerAdapter,
  type WorkerInput,
  type WorkerProps,
  type WorkerRequest,
} from '@llama-orch/worker-adapter-api';
import { EngineFaultError, engineFault } from '../engine-fault.ts';

/** Long enough that it goes on when its first token comes. */
const CANCEL_TOKENS = 64;
const PROMPT = 'Hello';

/** Greedy, so that an engine that reproduces its results gives the same one at every start. */
const SAMPLING: Sampling = {
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

const NOWHERE: TokenSink = { onTokens: () => undefined };

/**
 * Tries an engine that says it is ready: its props, a generation that is cut at its first token and must give its slot back,
 * and a generation of one token after it. An engine without generation answers one request of its own kind.
 *
 * @throws EngineFaultError `self_test` when it does not do one of them; the signal's reason when `signal` aborts.
 */
export async function selfTest(adapter: WorkerAdapter, signal: AbortSignal): Promise<WorkerProps> {
  const props = await readProps(adapter, signal);
  const input = testInput(props);
  if (input.workload === 'embedding' || input.workload === 'rerank') {
    await attempt('answer a request', signal, () => adapter.run(testRequest(input, 1), NOWHERE, signal));
    return props;
  }
  await attempt('cancel a generation', signal, () => cutAtFirstToken(adapter, input, signal));
  const end = await attempt('generate a token', signal, () => adapter.run(testRequest(input, 1), NOWHERE, signal));
  if (end.tokensOut < 1) throw failure('generate a token', 'it ended without one');
  return props;
}

async function readProps(adapter: WorkerAdapter, signal: AbortSignal): Promise<WorkerProps> {
  const health = await adapter.probe(signal);
  signal.throwIfAborted();
  if (health.state === 'ready') return health.props;
  throw failure('tell its props', health.state === 'failed' ? health.error.message : `it is ${health.state}`);
}

/** The port resolves a canceled run only when its slot is free, so its end is the proof. */
async function cutAtFirstToken(adapter: WorkerAdapter, input: WorkerInput, signal: AbortSignal): Promise<void> {
  const cut = new AbortController();
  const end = await adapter.run(
    testRequest(input, CANCEL_TOKENS),
    { onTokens: () => cut.abort() },
    AbortSignal.any([signal, cut.signal]),
  );
  signal.throwIfAborted();
  // A model that ends its text at once leaves nothing to cancel, and its slot is as free.
  if (!cut.signal.aborted && end.tokensOut < 1) throw failure('cancel a generation', 'it ended without a token');
}

function testInput({ workloads }: WorkerProps): WorkerInput {
  if (workloads.includes('completion')) return { workload: 'completion', prompt: PROMPT };
  if (workloads.includes('chat')) {
    return { workload: 'chat', messages: [{ role: 'user', content: PROMPT }], tools: [] };
  }
  if (workloads.includes('embedding')) return { workload: 'embedding', inputs: [PROMPT] };
  return { workload: 'rerank', query: PROMPT, documents: [PROMPT] };
}

/** Straight to the engine: no task, no job, no session. ORCH-1406 */
function testRequest(input: WorkerInput, maxTokens: number): WorkerRequest {
  return { jobId: 'self-test', input, maxTokens, sampling: SAMPLING, determinism: 'best_effort', kvHint: 'cold' };
}

async function attempt<T>(what: string, signal: AbortSignal, act: () => Promise<T>): Promise<T> {
  try {
    const result = await act();
    signal.throwIfAborted();
    return result;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof EngineFaultError) throw error;
    throw failure(what, OrchError.from(error, 'INTERNAL').message);
  }
}

function failure(what: string, why: string): EngineFaultError {
  return new EngineFaultError(engineFault('self_test', `Its self-test could not ${what}: ${why.replace(/\.$/, '')}.`));
}
