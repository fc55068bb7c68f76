// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { TaskRequest } from '../task/task.ts';
import { checkEngine, invalid } from './check-engine.ts';
import { servesModel, type PoolFacts } from './pool-facts.ts';

/** A test that pools pass, fail, or cannot be put to before their engine is known. */
interface Demand {
  readonly field: string;
  readonly value: string;
  readonly fits: (pool: PoolFacts) => boolean | undefined;
}

/**
 * The first pool, in order of preference, that serves the request.
 * Answers POOL_UNAVAILABLE when none ever could, POOL_UNREADY when one could but is not ready, INVALID_PARAMS when the
 * request goes beyond what the fitting pools allow. A pin is never widened.
 */
export function choosePool(request: TaskRequest, pools: readonly PoolFacts[]): PoolFacts | OrchError {
  let candidates = pools;
  for (const demand of demandsOf(request)) {
    const fitting = candidates.filter((pool) => demand.fits(pool) !== false);
    if (fitting.every((pool) => demand.fits(pool) === undefined)) {
      return fitting[0] === undefined ? unavailable(demand) : unready(fitting[0]);
    }
    candidates = fitting.filter((pool) => demand.fits(pool) === true);
  }
  const first = candidates[0];
  if (first === undefined) return unavailable({ field: '$.pool_id', value: '' });
  // ORCH-1450: a pool that is drained takes nothing, but what is not pinned to it may go to another.
  const serving = candidates.filter((pool) => pool.state !== 'failed' && pool.state !== 'draining');
  if (serving.length === 0) return unready(first);
  let refusal: OrchError | undefined;
  for (const pool of serving) {
    const problem = checkLimits(request, pool);
    if (problem === undefined) return pool;
    refusal ??= problem;
  }
  return refusal ?? unready(first);
}

function demandsOf(request: TaskRequest): readonly Demand[] {
  const { poolId, modelRef, engine, input } = request;
  const demands: Demand[] = [];
  if (poolId !== undefined) {
    demands.push({ field: '$.pool_id', value: poolId, fits: (pool) => pool.id === poolId });
  }
  if (modelRef !== undefined) {
    const fits = (pool: PoolFacts): boolean | undefined => servesModel(pool, modelRef) || known(pool, false);
    demands.push({ field: '$.model_ref', value: modelRef, fits });
  }
  if (engine !== undefined) {
    const fits = (pool: PoolFacts): boolean | undefined => known(pool, pool.props?.engine === engine);
    demands.push({ field: '$.engine', value: engine, fits });
  }
  const fits = (pool: PoolFacts): boolean => pool.props?.workloads.includes(input.workload) ?? true;
  demands.push({ field: '$.workload', value: input.workload, fits });
  return demands;
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

function unavailable(demand: Pick<Demand, 'field' | 'value'>): OrchError {
  return new OrchError('POOL_UNAVAILABLE', { details: { field: demand.field, value: demand.value } });
}

function unready({ id, state, retryAfterMs }: PoolFacts): OrchError {
  const why = state === 'draining' ? { message: `Pool ${id} is being drained and takes no new tasks.` } : {};
  return new OrchError('POOL_UNREADY', { ...why, retryAfterMs, details: { pool_id: id } });
}
