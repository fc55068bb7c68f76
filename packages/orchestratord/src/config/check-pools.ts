// SPDX-License-Identifier: MIT
import { statSync } from 'node:fs';
import type { Config, Pool, SwapGroup } from '@llama-orch/config-schema';
import type { ConfigFault } from './config-fault.ts';
import { isCatalogModel, isReadableModel } from '../catalog/catalog-model.ts';
import { engineCommand } from './engine-command.ts';
import type { Environment } from './load-config.ts';
import { provisioningOf } from './provisioning.ts';

/** Models that come with the service. */
const BUILT_IN_MODELS: readonly string[] = ['builtin:haiku-tiny'];

/** Keys that say how engines are loaded, and mean nothing where others start them. */
const LOADING_KEYS = ['devices', 'group', 'idle_unload_ms', 'footprint_bytes'] as const;
const LOADING_FLAGS = ['pinned', 'split', 'require_gpu'] as const;

interface PoolContext {
  /** As in `$.pools[0]`. */
  readonly path: string;
  readonly index: number;
  readonly config: Config;
  readonly env: Environment;
}

/** What a schema cannot say of pools and their groups; ORCH-5030 to ORCH-5033. */
export function checkPools(config: Config, env: Environment): readonly ConfigFault[] {
  return [
    ...config.pools.flatMap((pool, index) => checkPool(pool, { path: `$.pools[${index}]`, index, config, env })),
    ...config.swap.groups.flatMap((group, index) => checkGroup(group, index, config)),
  ];
}

function checkPool(pool: Pool, context: PoolContext): readonly ConfigFault[] {
  const { path, index, config, env } = context;
  const faults: ConfigFault[] = [];
  if (config.pools.findIndex(({ id }) => id === pool.id) < index) {
    faults.push({ path: `${path}.id`, expected: 'an id no pool before it has', actual: pool.id });
  }
  if (pool.api_key_env !== undefined && (env[pool.api_key_env] ?? '') === '') {
    faults.push({ path: `${path}.api_key_env`, expected: 'a variable that is set', actual: pool.api_key_env });
  }
  return [...faults, ...checkModel(pool, path), ...checkLoading(pool, context), ...checkDevices(pool, context)];
}

/** Whether `model` is a file of this machine that an engine of ours has to open. */
export function opensModelFile(pool: Pool): boolean {
  return pool.adapter === 'node-llama-cpp' || (pool.adapter === 'llamacpp-http' && provisioningOf(pool) === 'managed');
}

function checkModel(pool: Pool, path: string): readonly ConfigFault[] {
  const { model } = pool;
  if (model === undefined) {
    // ORCH-5031: an engine that is started without a model would take whatever it finds
    const needsModel = provisioningOf(pool) === 'managed' && engineCommand(pool)?.args.some(hasModel) === true;
    return needsModel
      ? [{ path: `${path}.model`, expected: 'the model to start the engine with', actual: 'nothing' }]
      : [];
  }
  if (!opensModelFile(pool) || isModelFile(model)) return [];
  return [{ path: `${path}.model`, expected: 'a file, a built-in model or a reference to the catalog', actual: model }];
}

function hasModel(argument: string): boolean {
  return argument.includes('{model}');
}

/** Whether a model is named by a scheme, as those are that come with the service, and not by its path. */
export function isModelName(model: string): boolean {
  return /^[a-z][a-z0-9]+:/.test(model);
}

/** Whether a model is there, or can be fetched: one that comes with the service, a reference to the catalog, or a file. */
export function isModelFile(model: string): boolean {
  if (model.startsWith('builtin:')) return BUILT_IN_MODELS.includes(model);
  if (isCatalogModel(model)) return isReadableModel(model);
  return statSync(model, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** ORCH-5032: keys that contradict each other have no answer that would not surprise somebody. */
function checkLoading(pool: Pool, { path, config }: PoolContext): readonly ConfigFault[] {
  const faults: ConfigFault[] = [];
  if (provisioningOf(pool) === 'external') {
    const expected = 'no such key for an engine that others start';
    const given = [
      ...LOADING_KEYS.filter((key) => pool[key] !== undefined),
      ...LOADING_FLAGS.filter((key) => pool[key]),
      ...(pool.load === 'on_demand' ? ['load'] : []),
    ];
    for (const key of given) faults.push({ path: `${path}.${key}`, expected, actual: 'one' });
  }
  if (pool.idle_unload_ms !== undefined && pool.idle_unload_ms > 0) {
    const actual = String(pool.idle_unload_ms);
    if (pool.load === 'always') faults.push({ path: `${path}.idle_unload_ms`, expected: 'load: on_demand', actual });
    if (pool.pinned) faults.push({ path: `${path}.idle_unload_ms`, expected: 'a pool that is not pinned', actual });
  }
  if (pool.group !== undefined && !config.swap.groups.some(({ id }) => id === pool.group)) {
    faults.push({ path: `${path}.group`, expected: 'a group of swap.groups', actual: pool.group });
  }
  if (provisioningOf(pool) === 'managed' && engineCommand(pool) === undefined) {
    faults.push({ path: `${path}.engine.command`, expected: 'the program of the engine', actual: 'nothing' });
  }
  if (pool.engine?.port !== undefined && (pool.replicas ?? 1) > 1) {
    faults.push({ path: `${path}.engine.port`, expected: 'one replica', actual: `${pool.replicas} replicas` });
  }
  const { sampler_profile_version: profile } = pool.pins ?? {};
  if (profile !== undefined && profile !== config.sampler_profiles.default) {
    const expected = `the default profile ${config.sampler_profiles.default}`;
    faults.push({ path: `${path}.pins.sampler_profile_version`, expected, actual: profile });
  }
  return faults;
}

/** ORCH-5033 */
function checkDevices(pool: Pool, { path, index, config }: PoolContext): readonly ConfigFault[] {
  const { devices = [], replicas = 1 } = pool;
  const faults: ConfigFault[] = [];
  if (pool.split && devices.length < 2) {
    faults.push({ path: `${path}.split`, expected: 'devices of two or more cards', actual: `${devices.length}` });
  }
  if (pool.require_gpu && config.devices.provider === 'none') {
    faults.push({ path: `${path}.require_gpu`, expected: 'a provider of devices', actual: 'devices.provider none' });
  }
  const places = pool.split ? 1 : devices.length;
  if (devices.length > 0 && replicas > places && !mayShare(pool, pool, config)) {
    const expected = `at most ${places} on ${devices.join(', ')}, or a group whose pools are loaded together`;
    faults.push({ path: `${path}.replicas`, expected, actual: String(replicas) });
  }
  const rival = config.pools
    .slice(0, index)
    .find((other) => devices.some((id) => other.devices?.includes(id)) && !mayShare(other, pool, config));
  if (rival !== undefined && staysLoaded(rival) && staysLoaded(pool)) {
    const expected = 'cards of its own, load: on_demand, or a group whose pools are loaded together';
    faults.push({ path: `${path}.devices`, expected, actual: `cards of pool ${rival.id}` });
  }
  return faults;
}

function staysLoaded(pool: Pool): boolean {
  return pool.pinned || pool.load === 'always';
}

function mayShare(one: Pool, other: Pool, { swap }: Config): boolean {
  return one.group === other.group && swap.groups.some(({ id, together }) => id === one.group && together);
}

function checkGroup(group: SwapGroup, index: number, { swap }: Config): readonly ConfigFault[] {
  if (swap.groups.findIndex(({ id }) => id === group.id) === index) return [];
  return [{ path: `$.swap.groups[${index}].id`, expected: 'an id no group before it has', actual: group.id }];
}
