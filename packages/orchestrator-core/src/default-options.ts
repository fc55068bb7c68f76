// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { OrchestratorOptions, PoolSpec, SamplerProfile } from './orchestrator-api.ts';
import { createMemoryTaskQueue } from './queue/memory-task-queue.ts';
import type { QueueLimits, TaskQueue } from './queue/task-queue.ts';
import type { PoolId } from './task/ids.ts';

/** Bounds of a pool's queues that has none of its own: 1,000 interactive and 10,000 batch tasks, 256 MiB, `reject`. */
export const DEFAULT_QUEUE_LIMITS: QueueLimits = {
  maxTasks: { interactive: 1_000, batch: 10_000 },
  maxBytes: 268_435_456,
  fullPolicy: 'reject',
  interactiveBurst: 8,
};

/** The sampler profile of an orchestrator that has none of its own. Other values would be another version. */
export const DEFAULT_SAMPLER_PROFILE: SamplerProfile = {
  version: 'default-1',
  digest: 'sha256:0121dd084d7938d0643b57adb1d2dcf2bca7fefcd93efa842896dafba34e5d82',
  sampling: {
    temperature: 0.8,
    topP: 0.95,
    topK: 40,
    minP: 0.05,
    repeatPenalty: 1,
    presencePenalty: 0,
    frequencyPenalty: 0,
    stop: [],
  },
};

/** What the options of an orchestrator are where they are left out; `queue` has no value to show. */
export const DEFAULT_OPTIONS = {
  samplerProfiles: [DEFAULT_SAMPLER_PROFILE],
  sessions: { ttlMs: 600_000, maxTurns: 8 },
  streamBufferBytes: 4_194_304,
  retention: { endedTasks: 1_000, transcriptBytes: 67_108_864 },
  abortGraceMs: 3_000,
  liveIntervalMs: 1_000,
  probeIntervalMs: 2_000,
} as const satisfies Partial<OrchestratorOptions>;

/** Ids of ended tasks that the default queue remembers. */
const REMEMBERED_IDS = 100_000;

/** Options without a gap. */
export type CompleteOptions = OrchestratorOptions &
  Required<Pick<OrchestratorOptions, 'queue' | keyof typeof DEFAULT_OPTIONS>>;

/** A pool without a gap. */
export type CompletePoolSpec = PoolSpec & Required<Pick<PoolSpec, 'limits' | 'modelRefs'>>;

/**
 * Fills in what is left out; `limitsOf` bounds the default queue.
 *
 * @throws OrchError INVALID_PARAMS when there is a store without its queue, or no sampler profile.
 */
export function withDefaults(
  options: OrchestratorOptions,
  limitsOf: (id: PoolId) => QueueLimits | undefined,
): CompleteOptions {
  const { samplerProfiles = DEFAULT_OPTIONS.samplerProfiles } = options;
  if (samplerProfiles.length === 0) throw new OrchError('INVALID_PARAMS', { message: 'Needs a sampler profile.' });
  return {
    ...options,
    queue: options.queue ?? defaultQueue(options, limitsOf),
    samplerProfiles,
    sessions: options.sessions ?? DEFAULT_OPTIONS.sessions,
    streamBufferBytes: options.streamBufferBytes ?? DEFAULT_OPTIONS.streamBufferBytes,
    retention: options.retention ?? DEFAULT_OPTIONS.retention,
    abortGraceMs: options.abortGraceMs ?? DEFAULT_OPTIONS.abortGraceMs,
    liveIntervalMs: options.liveIntervalMs ?? DEFAULT_OPTIONS.liveIntervalMs,
    probeIntervalMs: options.probeIntervalMs ?? DEFAULT_OPTIONS.probeIntervalMs,
  };
}

/** Fills in what is left out of a pool. */
export function withPoolDefaults(spec: PoolSpec): CompletePoolSpec {
  return { ...spec, limits: spec.limits ?? DEFAULT_QUEUE_LIMITS, modelRefs: spec.modelRefs ?? [] };
}

function defaultQueue({ store }: OrchestratorOptions, limitsOf: (id: PoolId) => QueueLimits | undefined): TaskQueue {
  // What the store takes would never reach a queue it does not know.
  if (store !== undefined) throw new OrchError('INVALID_PARAMS', { message: 'A store comes with its own queue.' });
  const limits = (id: PoolId): QueueLimits => limitsOf(id) ?? DEFAULT_QUEUE_LIMITS;
  return createMemoryTaskQueue({ limits, retention: { endedTasks: REMEMBERED_IDS } });
}
