// SPDX-License-Identifier: MIT
import { parentPort, workerData } from 'node:worker_threads';
import type { WorkerEnd, WorkerRequest } from '@llama-orch/worker-adapter-api';
import { EngineActivity } from '../engine-activity.ts';
import type { EngineSettings, ToEngine } from '../engine-protocol.ts';
import { Embedder } from './embed.ts';
import { EngineError, invalidParams, toFault } from './engine-error.ts';
import { generate, keepsContext } from './generate.ts';
import { loadEngine, type LoadedEngine } from './load-engine.ts';
import { Outbox } from './outbox.ts';
import { promptTokens } from './prompt-tokens.ts';
import { Ranker } from './rank.ts';

// This file is the engine's own thread: the model loads and computes here, and the main thread only receives messages.

const port = parentPort;
if (port === null) throw new Error('engine-thread runs as a worker thread only.');
const settings = workerData as EngineSettings;
const activity = new EngineActivity(settings.activityMemory);
const outbox = new Outbox((messages) => port.postMessage(messages));
const closing = new AbortController();
const abortedRuns = new Set<number>();
const running = new Map<number, Promise<void>>();

const loaded = loadEngine(settings, {
  signal: closing.signal,
  onProgress: (progressRatio) => {
    if (activity.endRequested) closing.abort();
    outbox.add({ type: 'progress', progressRatio });
  },
  onLog: (level, message) => outbox.add({ type: 'log', level, message }),
})
  .finally(() => activity.end())
  .then(
    (engine) => {
      outbox.add({ type: 'ready', props: engine.props, file: engine.file });
      return { engine, embedder: new Embedder(engine), ranker: new Ranker(engine) };
    },
    (error: unknown) => {
      outbox.add({ type: 'failed', fault: toFault(error) });
      return undefined;
    },
  );

port.on('message', (message: ToEngine) => {
  switch (message.type) {
    case 'run':
      running.set(message.runId, runToEnd(message.runId, message.request));
      break;
    case 'abort':
      if (running.has(message.runId)) abortedRuns.add(message.runId);
      break;
    case 'readings':
      void answerReadings(message.queryId);
      break;
    case 'count':
      void answerCount(message.queryId, message.request);
      break;
    case 'forget':
      void loaded.then((ready) => ready?.engine.slots.forget(message.sessionId));
      break;
    case 'close':
      void close();
      break;
  }
});

async function runToEnd(runId: number, request: WorkerRequest): Promise<void> {
  try {
    outbox.add({ type: 'end', runId, end: await run(runId, request) });
  } catch (error) {
    outbox.add({ type: 'fault', runId, fault: toFault(error) });
  } finally {
    activity.end();
    running.delete(runId);
    abortedRuns.delete(runId);
  }
}

async function run(runId: number, request: WorkerRequest): Promise<WorkerEnd> {
  const ready = await loaded;
  if (ready === undefined) throw new EngineError({ code: 'POOL_UNREADY', message: 'The engine is not loaded.' });
  const { engine, embedder, ranker } = ready;
  checkRequest(request, engine);
  const slot = engine.slots.take(request.sessionId, keepsContext(request));
  if (slot === undefined) throw new EngineError({ code: 'REPLICA_EXHAUSTED', message: 'All slots are in use.' });
  const isAborted = (): boolean => abortedRuns.has(runId) || closing.signal.aborted || activity.endRequested;
  try {
    if (request.input.workload === 'embedding') return await embedder.embed(request.input.inputs, isAborted);
    if (request.input.workload === 'rerank') return await ranker.rank(request.input, isAborted);
    const emit = (text: string, tokenCount: number): void => outbox.addTokens(runId, text, tokenCount);
    const before = slot.sessionId;
    const end = await generate(engine, { request, slot, emit, isAborted });
    return { ...end, ...contextFacts(engine, { sessionId: request.sessionId, before }) };
  } finally {
    // ORCH-4213: the slot is free before the run's end leaves this thread.
    engine.slots.release(slot);
  }
}

/** What a run did to what the slots keep for sessions. */
function contextFacts(
  { slots }: LoadedEngine,
  { sessionId, before }: { readonly sessionId: string | undefined; readonly before: string | undefined },
): Pick<WorkerEnd, 'contextKept' | 'displacedSessionId'> {
  const isDisplaced = before !== undefined && before !== sessionId && !slots.remembers(before);
  return {
    ...(sessionId === undefined ? {} : { contextKept: slots.remembers(sessionId) }),
    ...(isDisplaced ? { displacedSessionId: before } : {}),
  };
}

function checkRequest({ input, determinism }: WorkerRequest, { props }: LoadedEngine): void {
  if (!props.workloads.includes(input.workload)) {
    throw invalidParams('$.workload', `This model does not do ${input.workload}.`);
  }
  // ORCH-4221: shared slots batch generations together, which changes results, so strict is refused.
  if (determinism === 'strict' && props.features.determinism !== 'strict') {
    throw invalidParams('$.determinism', 'Slots that share a context cannot keep strict determinism.');
  }
}

async function answerReadings(queryId: number): Promise<void> {
  const slots = (await loaded)?.engine.slots;
  outbox.add({
    type: 'readings',
    queryId,
    readings:
      slots === undefined
        ? {}
        : { slotsBusy: slots.busyCount, kvCacheUsageRatio: slots.kvCacheUsageRatio, contexts: slots.contexts },
  });
}

async function answerCount(queryId: number, { input }: WorkerRequest): Promise<void> {
  try {
    const engine = (await loaded)?.engine;
    if (engine === undefined) throw new EngineError({ code: 'POOL_UNREADY', message: 'The engine is not loaded.' });
    const tokenCount = promptTokens(engine.model, engine.chatWrapper, input).length;
    outbox.add({ type: 'counted', queryId, tokenCount });
  } catch (error) {
    outbox.add({ type: 'unanswered', queryId, fault: toFault(error) });
  }
}

async function close(): Promise<void> {
  closing.abort();
  await Promise.all(running.values());
  await (await loaded)?.engine.llama.dispose();
  outbox.flush();
  port?.close();
}
