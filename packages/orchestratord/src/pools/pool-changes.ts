// SPDX-License-Identifier: MIT
import { isDeepStrictEqual } from 'node:util';
import type { Config, Pool } from '@llama-orch/config-schema';

/** What another configuration means for the pools there are. */
export interface PoolChanges {
  readonly added: readonly Pool[];
  readonly removed: readonly Pool[];
  /** Same engines, other rules. */
  readonly revised: readonly Pool[];
  /** Other engines. */
  readonly reloaded: readonly Pool[];
  readonly unchanged: readonly Pool[];
  /** Other sections that have changed. */
  readonly restartNeeded: readonly string[];
}

/** Keys of a pool that its engines do not notice. */
const RULES = [
  'model_refs',
  'max_tokens_out',
  'price',
  'watchdog',
  'pins',
  'load',
  'idle_unload_ms',
  'pinned',
  'group',
  'max_wait_ms',
  'footprint_bytes',
] as const satisfies readonly (keyof Pool)[];

/** Compares the sections in force with those of another configuration; ORCH-1455. */
export function poolChanges(inForce: readonly Pool[], before: Config, after: Config): PoolChanges {
  const old = new Map(inForce.map((pool) => [pool.id, pool]));
  const kindOf = (pool: Pool): 'added' | 'unchanged' | 'revised' | 'reloaded' => {
    const known = old.get(pool.id);
    if (known === undefined) return 'added';
    if (isDeepStrictEqual(known, pool)) return 'unchanged';
    return isDeepStrictEqual(withoutRules(known), withoutRules(pool)) ? 'revised' : 'reloaded';
  };
  const kinds = Object.groupBy(after.pools, kindOf);
  const ids = new Set(after.pools.map(({ id }) => id));
  return {
    added: kinds.added ?? [],
    removed: inForce.filter(({ id }) => !ids.has(id)),
    revised: kinds.revised ?? [],
    reloaded: kinds.reloaded ?? [],
    unchanged: kinds.unchanged ?? [],
    restartNeeded: sectionsThatDiffer(before, after),
  };
}

function withoutRules(pool: Pool): object {
  return Object.fromEntries(Object.entries(pool).filter(([key]) => !(RULES as readonly string[]).includes(key)));
}

function sectionsThatDiffer(before: Config, after: Config): readonly string[] {
  const names = Object.keys({ ...before, ...after }) as (keyof Config)[];
  return names.filter((name) => name !== 'pools' && !isDeepStrictEqual(before[name], after[name]));
}
