// SPDX-License-Identifier: MIT
import { OrchError, type Sampling } from '@llama-orch/worker-adapter-api';
import type { SamplerProfile } from '../orchestrator-api.ts';
import type { Task, TaskRequest } from '../task/task.ts';
import { invalid } from './check-engine.ts';
import { choosePool } from './choose-pool.ts';
import type { PoolFacts } from './pool-facts.ts';

/** What admission decides about a task from its request alone. */
export type ResolvedTask = Pick<
  Task,
  | 'poolId'
  | 'sessionId'
  | 'priority'
  | 'input'
  | 'ctxTokens'
  | 'maxTokens'
  | 'expectedTokens'
  | 'determinism'
  | 'samplerProfileVersion'
  | 'samplerProfileDigest'
  | 'sampling'
  | 'responseFormat'
  | 'kvHint'
  | 'outputMode'
  | 'metadata'
  | 'onDisconnect'
>;

/** What the check looks at besides the request. */
export interface CheckFacts {
  /** In order of preference. */
  readonly pools: readonly PoolFacts[];
  /** The first is the default. */
  readonly samplerProfiles: readonly SamplerProfile[];
  /** Draws a seed for a request without one. */
  readonly drawSeed: () => number;
}

/** Seeds run from 0 to 2^32 - 2. */
const SEED_COUNT = 2 ** 32 - 1;

/** A seed from a random number in [0, 2^32). */
export function seedFrom(uint32: number): number {
  return uint32 % SEED_COUNT;
}

/**
 * Pure: everything that can be refused without the queue, and every default filled in.
 * Answers the resolved task, or the first problem with `details.field` (JSON path in the request) and `details.limit`.
 */
export function checkTask(request: TaskRequest, facts: CheckFacts): ResolvedTask | OrchError {
  const problem = checkForm(request);
  if (problem !== undefined) return problem;
  const wanted = profileOf(request.samplerProfileVersion, facts.samplerProfiles);
  if (OrchError.is(wanted)) return wanted;
  const pool = choosePool(request, facts.pools);
  if (OrchError.is(pool)) return pool;
  const named = request.samplerProfileVersion ?? pool.defaultProfileVersion;
  const profile = profileOf(pool.samplerProfileVersion ?? named, facts.samplerProfiles);
  if (OrchError.is(profile)) return profile;
  return {
    poolId: pool.id,
    priority: request.priority ?? 'interactive',
    input: request.input,
    maxTokens: request.maxTokens ?? pool.maxTokensOut,
    // ORCH-3443: without a wish of the client the task gets the strongest that the engine keeps.
    determinism: request.determinism ?? pool.props?.features.determinism ?? 'strict',
    samplerProfileVersion: profile.version,
    sampling: samplingOf(request, profile, facts.drawSeed),
    kvHint: request.kvHint ?? 'reuse',
    outputMode: request.outputMode ?? 'text',
    metadata: request.metadata ?? {},
    samplerProfileDigest: profile.digest,
    sessionId: request.sessionId,
    ctxTokens: request.ctxTokens,
    expectedTokens: request.expectedTokens,
    responseFormat: request.responseFormat,
    onDisconnect: request.onDisconnect,
  };
}

function checkForm(request: TaskRequest): OrchError | undefined {
  const { workload } = request.input;
  if (request.responseFormat !== undefined && workload !== 'completion' && workload !== 'chat') {
    return invalid('$.response_format', `The workload ${workload} has no form to constrain.`);
  }
  return undefined;
}

function profileOf(version: string | undefined, profiles: readonly SamplerProfile[]): SamplerProfile | OrchError {
  const profile = version === undefined ? profiles[0] : profiles.find((candidate) => candidate.version === version);
  if (profile !== undefined) return profile;
  // ORCH-1320
  const known = profiles.map((candidate) => candidate.version);
  const message = `There is no such sampler profile; there are: ${known.join(', ')}.`;
  return new OrchError('INVALID_PARAMS', { message, details: { field: '$.sampler_profile_version', known } });
}

function samplingOf(request: TaskRequest, profile: SamplerProfile, drawSeed: () => number): Sampling {
  const sampling: Record<string, unknown> = { ...profile.sampling, seed: request.seed ?? drawSeed() };
  const overrides: Readonly<Record<string, unknown>> | undefined = request.sampling;
  if (overrides === undefined) return sampling as unknown as Sampling;
  for (const [name, value] of Object.entries(overrides)) {
    if (value !== undefined) sampling[name] = value;
  }
  return sampling as unknown as Sampling;
}
