// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import type { WorkerProps } from '@llama-orch/worker-adapter-api';
import {
  getLlama,
  getModuleVersion,
  InsufficientMemoryError,
  LlamaLogLevel,
  type ChatWrapper,
  type Llama,
  type LlamaContextSequence,
  type LlamaModel,
} from 'node-llama-cpp';
import type { EngineLogLevel, EngineSettings, FileDigest } from '../engine-protocol.ts';
import { checkModelFile, digestModelFile, unusableModel } from './check-model-file.ts';
import { EngineError } from './engine-error.ts';
import { byteTableOf, type ByteTable } from './piece-decoder.ts';
import { chatWrapperOf } from './prompt-tokens.ts';
import { SlotPool } from './slot-pool.ts';
import type { CallSyntax } from './tool-call-reader.ts';
import { callSyntaxOf } from './tool-talk.ts';

/** A model in memory with its slots. */
export interface LoadedEngine {
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly chatWrapper: ChatWrapper;
  /** How its template calls tools; undefined where it does not. */
  readonly callSyntax: CallSyntax | undefined;
  readonly byteTable: ByteTable | undefined;
  readonly slots: SlotPool;
  readonly threads: number | undefined;
  readonly props: WorkerProps;
  readonly file: FileDigest;
}

/** What the loading reports to. */
export interface LoadObserver {
  readonly signal: AbortSignal;
  readonly onProgress: (ratio: number) => void;
  readonly onLog: (level: EngineLogLevel, message: string) => void;
}

/** Splitting the work of a model this small costs more than it saves. */
const SINGLE_THREAD_MODEL_BYTES = 64 * 1024 * 1024;

/**
 * Loads a model and makes its slots.
 *
 * @throws EngineError INVALID_PARAMS for an unusable file, UNTRUSTED_ARTIFACT for an unexpected digest,
 *   REPLICA_EXHAUSTED when memory does not suffice.
 */
export async function loadEngine(settings: EngineSettings, observer: LoadObserver): Promise<LoadedEngine> {
  await checkModelFile(settings.modelPath);
  const file = await digestModelFile(settings.modelPath, settings.knownDigest);
  if (settings.expectedDigest !== undefined && settings.expectedDigest !== file.digest) {
    // ORCH-4232: a file that is not the expected one is never loaded.
    throw new EngineError({
      code: 'UNTRUSTED_ARTIFACT',
      message: 'The model file does not have the expected digest.',
      details: { expected: settings.expectedDigest, actual: file.digest },
    });
  }
  const llama = await startLlama(settings, observer.onLog);
  try {
    const model = await loadModel(llama, settings.modelPath, observer);
    return await prepare(model, settings, file);
  } catch (error) {
    await llama.dispose();
    throw error;
  }
}

async function prepare(model: LlamaModel, settings: EngineSettings, file: FileDigest): Promise<LoadedEngine> {
  const { llama } = model;
  const threads = settings.threads ?? (model.size < SINGLE_THREAD_MODEL_BYTES ? 1 : undefined);
  const sequences = await createSequences(model, settings, threads);
  const chatWrapper = chatWrapperOf(model);
  const callSyntax = callSyntaxOf(model, chatWrapper);
  return {
    llama,
    model,
    chatWrapper,
    callSyntax,
    byteTable: byteTableOf(model),
    slots: new SlotPool(sequences, settings.slotMode === 'isolated'),
    threads,
    props: await propsOf(model, { settings, file, sequences, tools: callSyntax !== undefined }),
    file,
  };
}

function startLlama({ gpu }: EngineSettings, onLog: LoadObserver['onLog']): Promise<Llama> {
  return getLlama({
    gpu,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: LlamaLogLevel.warn,
    logger: (level, message) => onLog(mapLogLevel(level), message.trimEnd()),
  });
}

function mapLogLevel(level: LlamaLogLevel): EngineLogLevel {
  if (level === LlamaLogLevel.error || level === LlamaLogLevel.fatal) return 'error';
  return level === LlamaLogLevel.warn ? 'warn' : 'info';
}

async function loadModel(llama: Llama, modelPath: string, observer: LoadObserver): Promise<LlamaModel> {
  try {
    return await llama.loadModel({
      modelPath,
      loadSignal: observer.signal,
      onLoadProgress: (ratio) => observer.onProgress(ratio),
    });
  } catch (error) {
    if (error instanceof InsufficientMemoryError) throw error;
    throw unusableModel('corrupt', 'llama.cpp cannot load the model file.', error);
  }
}

async function createSequences(
  model: LlamaModel,
  { slots, slotMode, ctxMaxTokens }: EngineSettings,
  threads: number | undefined,
): Promise<readonly LlamaContextSequence[]> {
  const options = {
    contextSize: ctxMaxTokens ?? model.trainContextSize,
    failedCreationRemedy: false,
    ...(threads !== undefined && { threads }),
  } as const;
  if (slotMode === 'shared') {
    const context = await model.createContext({ ...options, sequences: slots });
    return Array.from({ length: slots }, () => context.getSequence());
  }
  // ORCH-4220: isolated slots have a context each, so that no batch ever mixes two generations.
  const sequences: LlamaContextSequence[] = [];
  for (let slot = 0; slot < slots; slot += 1) sequences.push((await model.createContext(options)).getSequence());
  return sequences;
}

interface Loaded {
  readonly settings: EngineSettings;
  readonly file: FileDigest;
  readonly sequences: readonly LlamaContextSequence[];
  readonly tools: boolean;
}

async function propsOf(model: LlamaModel, { settings, file, sequences, tools }: Loaded): Promise<WorkerProps> {
  const { slotMode } = settings;
  const { llama } = model;
  const engineVersion = `${await getModuleVersion()}+llama.cpp-${llama.llamaCppRelease.release}+${backendOf(llama)}`;
  return {
    engine: 'node-llama-cpp',
    engineVersion,
    modelId: settings.modelId,
    modelDigest: file.digest,
    slots: sequences.length,
    ctxMaxTokens: Math.min(...sequences.map(({ context }) => context.contextSize)),
    // ORCH-4226: a model that was trained to score documents has no words.
    workloads: model.fileInsights.supportsRanking ? ['rerank'] : ['completion', 'chat', 'embedding'],
    slotMode,
    features: {
      determinism: slotMode === 'isolated' ? 'strict' : 'best_effort',
      jsonSchema: true,
      grammar: true,
      tools,
      sessionReuse: true,
    },
  };
}

/** The compute backend. CPUs with other instruction sets run other kernels and round otherwise, so they are told apart. */
function backendOf(llama: Llama): string {
  if (llama.gpu !== false) return llama.gpu;
  const sets = Array.from(llama.systemInfo.matchAll(/(\w+) = 1/g), ([, name]) => name);
  const widest = ['AVX512', 'AVX2', 'AVX', 'SVE', 'NEON'].find((name) => sets.includes(name)) ?? 'generic';
  const fingerprint = createHash('sha256').update(sets.join(' ')).digest('hex').slice(0, 8);
  return `cpu-${widest.toLowerCase()}-${fingerprint}`;
}
