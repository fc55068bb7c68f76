// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { TaskRequest } from '../task/task.ts';
import { checkEngine, invalid } from './check-engine.ts';
import { servesModel, type PoolFacts } from './pool-facts.ts';

/** A test that pools pass, fail, or cannot be put to before their engine is known. */
interface Demand {
  readonly field: string;
  /** What the request demands; undefined when it does not. */
  readonly of: (request: TaskRequest) => string | undefined;
  readonly fits: (pool: PoolFacts, value: string) => boolean | undefined;
}

const DEMANDS: readonly Demand[] = [
  { field: '$.pool_id', of: ({ poolId }) => poolId, fits: ({ id }, value) => id === value },
  {
    field: '$.model_ref',
    of: ({ modelRef }) => modelRef,
    fits: (pool, value) => servesModel(pool, value) || known(pool, false),
  },
  { field: '$.engine', of: ({ engine }) => engine, fits: (pool, value) => known(pool, pool.props?.engine === value) },
  {
    field: '$.workload',
    of: ({ input }) => input.workload,
    fits: ({ props }, value) => props?.workloads.some((workload) => workload === value) ?? true,
  },
];

/**
 * The first pool, in order of preference, that serves the request.
 * Answers POOL_UNAVAILABLE when none ever could, POOL_UNREADY when one could but is not ready, INVALID_PARAMS when the
 * request goes beyond what the fitting pools allow. A pin is never widened.
 */
export function choosePool(request: TaskRequest, pools: readonly PoolFacts[]): PoolFacts | OrchError {
  let candidates = pools;
  for (const { field, of, fits } of DEMANDS) {
    const value = of(request);
    if (value === undefined) continue;
    const fitting = fittingOf(candidates, fits, value);
    if (fitting.length === 0) {
      const unknown = candidates.find((pool) => fits(pool, value) === undefined);
      return unknown === undefined ? unavailable(field, value) : unready(unknown);
    }
    candidates = fitting;
  }
  const first = candidates[0];
  if (first === undefined) return unavailable('$.pool_id', '');
  let refusal: OrchError | undefined;
  for (const pool of candidates) {
    // ORCH-1450: a pool that is drained takes nothing, but what is not pinned to it may go to another.
    if (pool.state === 'failed' || pool.state === 'draining') continue;
    const problem = checkLimits(request, pool);
    if (problem === undefined) return pool;
    refusal ??= problem;
  }
  return refusal ?? unready(first);
}

/** The same array where all of them fit, as most often. */
function fittingOf(pools: readonly PoolFacts[], fits: Demand['fits'], value: string): readonly PoolFacts[] {
  for (const pool of pools) {
    if (fits(pool, value) !== true) return pools.filter((candidate) => fits(candidate, value) === true);
  }
  return pools;
}

function known(pool: PoolFacts, verdict: boolean): boolean | undefined {
  return pool.props === undefined ? undefined : verdict;
}

function checkLimits(request: TaskRequest, pool: PoolFacts): OrchError | undefined {
  const { samplerProfileVersion: pinned } = pool;
  const { samplerProfileVersion: wanted } = request;
  if (pinned !== undefined && wanted !== undefined && wanted !== pinned) {
    // ORCH-1430
    const message = `The pool is pinned to the sampler profile ${pinned}, but the task asks for ${wanted}.`;
    return invalid('$.sampler_profile_version', message, pinned);
  }
  if (request.maxTokens !== undefined && request.maxTokens > pool.maxTokensOut) {
    return invalid('$.max_tokens', `At most ${pool.maxTokensOut} tokens in this pool.`, pool.maxTokensOut);
  }
  return pool.props === undefined ? undefined : checkEngine(request, pool.props);
}

function unavailable(field: string, value: string): OrchError {
  return new OrchError('POOL_UNAVAILABLE', { details: { field, value } });
}

function unready({ id, state, retryAfterMs }: PoolFacts): OrchError {
  const why = state === 'draining' ? { message: `Pool ${id} is being drained and takes no new tasks.` } : {};
  return new OrchError('POOL_UNREADY', { ...why, retryAfterMs, details: { pool_id: id } });
}
