// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import { isKeyFile, type Key } from '@llama-orch/config-schema';
import type { KeyId, KeySpec, PoolId } from '@llama-orch/orchestrator-core';
import { ConfigError, type ConfigFault } from './config-fault.ts';
import { deepFreeze } from './deep-freeze.ts';
import { parseYaml } from './parse-yaml.ts';
import { schemaFaults } from './schema-faults.ts';

/** A key as callers are known by it. */
export interface KeyEntry {
  readonly id: KeyId;
  /** SHA-256 of the key in hex. */
  readonly sha256: string;
  /** Whether it sees what other keys do. */
  readonly isOperator: boolean;
}

/** The keys that may call; plain keys are nowhere in it. */
export interface KeyRing {
  /** Whether a key sees its own tasks and sessions only. */
  readonly isolates: boolean;
  readonly entries: readonly KeyEntry[];
  /** Their limits, for the core. */
  readonly specs: readonly KeySpec[];
}

/**
 * Reads a key file, YAML or JSON; ORCH-2065.
 *
 * @throws ConfigError with every fault, each naming the file.
 */
export function loadKeyFile(file: string, poolIds: readonly string[]): KeyRing {
  try {
    return keyRingOf(parseYaml(readText(file)), poolIds);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(error.faults.map((fault) => ({ ...fault, path: `${file} ${fault.path}` })));
  }
}

function keyRingOf(raw: unknown, poolIds: readonly string[]): KeyRing {
  if (!isKeyFile(raw)) throw new ConfigError(schemaFaults(isKeyFile.errors ?? [], raw));
  const faults = raw.keys.flatMap((key, index) => checkKey(key, { index, keys: raw.keys, poolIds }));
  if (faults.length > 0) throw new ConfigError(faults);
  return deepFreeze({
    isolates: raw.isolate,
    entries: raw.keys.map(({ id, sha256, operator }) => ({ id: id as KeyId, sha256, isOperator: operator })),
    specs: raw.keys.map(specOf),
  });
}

function checkKey(
  key: Key,
  {
    index,
    keys,
    poolIds,
  }: { readonly index: number; readonly keys: readonly Key[]; readonly poolIds: readonly string[] },
): ConfigFault[] {
  const path = `$.keys[${index}]`;
  const faults: ConfigFault[] = [];
  if (keys.findIndex(({ id }) => id === key.id) < index) {
    faults.push({ path: `${path}.id`, expected: 'an id no key before it has', actual: key.id });
  }
  if (keys.findIndex(({ sha256 }) => sha256 === key.sha256) < index) {
    faults.push({ path: `${path}.sha256`, expected: 'a digest no key before it has', actual: 'one that was there' });
  }
  for (const [place, pool] of (key.pools ?? []).entries()) {
    if (poolIds.includes(pool)) continue;
    faults.push({ path: `${path}.pools[${place}]`, expected: `one of ${poolIds.join(', ')}`, actual: pool });
  }
  return faults;
}

function specOf({ id, weight, priorities, pools, budget, ...limits }: Key): KeySpec {
  const { requests_per_minute: requestsPerMinute, burst, queued_tasks: queuedTasks } = limits;
  const { running_tasks: runningTasks } = limits;
  return {
    id: id as KeyId,
    weight,
    priorities,
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    ...(burst === undefined ? {} : { burst }),
    ...(queuedTasks === undefined ? {} : { queuedTasks }),
    ...(runningTasks === undefined ? {} : { runningTasks }),
    ...(pools === undefined ? {} : { pools: pools as PoolId[] }),
    ...(budget === undefined ? {} : { budget: budgetOf(budget) }),
  };
}

function budgetOf(budget: NonNullable<Key['budget']>): NonNullable<KeySpec['budget']> {
  const { tokens, time_ms: timeMs, cost_micros: costMicros, period_ms: periodMs } = budget;
  return {
    ...(tokens === undefined ? {} : { tokens }),
    ...(timeMs === undefined ? {} : { timeMs }),
    ...(costMicros === undefined ? {} : { costMicros }),
    ...(periodMs === undefined ? {} : { periodMs }),
  };
}

function readText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'not readable';
    throw new ConfigError([{ path: '$', expected: 'a readable UTF-8 file', actual: code }]);
  }
}
