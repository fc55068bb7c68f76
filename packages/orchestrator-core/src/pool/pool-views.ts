// SPDX-License-Identifier: MIT
import type { PoolView, SamplerProfile } from '../orchestrator-api.ts';
import type { TaskQueue } from '../queue/task-queue.ts';
import type { PoolId } from '../task/ids.ts';
import { viewPool } from './pool-view.ts';
import type { Pool } from './pool.ts';

/** What pools are shown from. */
export interface PoolViewsOptions {
  readonly pools: ReadonlyMap<PoolId, Pool>;
  readonly queue: TaskQueue;
  readonly samplerProfiles: readonly SamplerProfile[];
  /** True once nothing new is taken by any of them. */
  readonly isClosed: () => boolean;
}

/** Pools as operators may see them. */
export class PoolViews {
  readonly #options: PoolViewsOptions;

  constructor(options: PoolViewsOptions) {
    this.#options = options;
  }

  /** All of them. */
  list(): Promise<readonly PoolView[]> {
    return Promise.all(Array.from(this.#options.pools.values(), (pool) => this.#view(pool)));
  }

  /** One of them; undefined when there is none of this id. */
  async get(id: PoolId): Promise<PoolView | undefined> {
    const pool = this.#options.pools.get(id);
    return pool === undefined ? undefined : this.#view(pool);
  }

  async #view(pool: Pool): Promise<PoolView> {
    const { queue, samplerProfiles, isClosed } = this.#options;
    return viewPool(pool, { snapshot: await queue.snapshot(pool.id), draining: isClosed(), samplerProfiles });
  }
}
