// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isConfig, type Config } from '@llama-orch/config-schema';
import type { SamplerProfile } from '@llama-orch/orchestrator-core';
import { readModelSources, type ModelSources } from '../catalog/model-sources.ts';
import { checkConfig } from './check-config.ts';
import { isModelName, opensModelFile } from './check-pools.ts';
import { ConfigError, type ConfigFault } from './config-fault.ts';
import { deepFreeze } from './deep-freeze.ts';
import { loadKeyFile, type KeyRing } from './key-file.ts';
import { parseYaml } from './parse-yaml.ts';
import { readSamplerProfiles } from './sampler-profiles.ts';
import { schemaFaults } from './schema-faults.ts';
import { stateDirectory } from './state-directory.ts';

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A configuration that can be used as it is, and the secrets it names. */
export interface LoadedConfig {
  /** Frozen at every depth; file paths in it are absolute. */
  readonly config: Config;
  /** The bearer token; undefined when calls need none. */
  readonly token: string | undefined;
  /** The key file, as an absolute path; undefined without one. */
  readonly keyFile: string | undefined;
  /** The keys it holds. */
  readonly keys: KeyRing | undefined;
  /** Engine keys by the name of their variable. */
  readonly engineKeys: Readonly<Record<string, string>>;
  /** The profile of tasks that name none comes first. */
  readonly samplerProfiles: readonly SamplerProfile[];
  /** Relative paths start here; absolute. */
  readonly folder: string;
  /** Absolute path of the models folder. */
  readonly modelsDirectory: string;
  /** Where models come from. */
  readonly modelSources: ModelSources;
  /** Absolute path of the directory of artifacts. */
  readonly artifactDirectory: string;
  /** Absolute path of the directory of tasks; unused where they are kept in memory. */
  readonly storeDirectory: string;
}

/** Where a configuration comes from. */
export interface ConfigSource {
  /** YAML file; default `LLORCH_CONFIG`, and without that the built-in defaults. */
  readonly file?: string;
  readonly env: Environment;
}

/**
 * Reads YAML and environment into one valid object.
 *
 * @throws ConfigError with every fault; ORCH-5000 to ORCH-5026.
 */
export function loadConfig({ file, env }: ConfigSource): LoadedConfig {
  const path = file ?? given(env, 'LLORCH_CONFIG');
  const raw = path === undefined ? {} : parseYaml(readText(path));
  return configOf(raw, { env, folder: path === undefined ? process.cwd() : dirname(resolve(path)) });
}

/**
 * The same for data that is already parsed.
 *
 * @param folder Relative model paths start here.
 * @throws ConfigError with every fault.
 */
export function configOf(raw: unknown, { env, folder }: { env: Environment; folder: string }): LoadedConfig {
  const merged = withEnvironment(structuredClone(raw), env);
  if (!isConfig(merged)) throw new ConfigError(schemaFaults(isConfig.errors ?? [], merged));
  const config = withPaths(merged, folder);
  const token = given(env, config.auth.token_env);
  const keyFile = config.auth.key_file === undefined ? undefined : resolve(folder, config.auth.key_file);
  const { keys, faults: keyFaults } = keysOf(keyFile, config);
  const faults = [...checkConfig(config, { env, token, hasKeyFile: keyFile !== undefined }), ...keyFaults];
  if (faults.length > 0) throw new ConfigError(faults);
  const engineKeys = config.pools.flatMap(({ api_key_env: name }) =>
    name === undefined ? [] : [[name, env[name] ?? '']],
  );
  return {
    config: deepFreeze(config),
    folder: resolve(folder),
    token,
    keyFile,
    keys,
    engineKeys: Object.fromEntries(engineKeys) as Record<string, string>,
    samplerProfiles: samplerProfiles(config, folder),
    modelsDirectory: modelsDirectory(config, { env, folder }),
    modelSources: readModelSources(env),
    artifactDirectory: artifactDirectory(config, { env, folder }),
    storeDirectory: storeDirectory(config, { env, folder }),
  };
}

/** The faults of a key file are told together with those of the configuration. */
function keysOf(
  keyFile: string | undefined,
  { pools }: Config,
): { readonly keys: KeyRing | undefined; readonly faults: readonly ConfigFault[] } {
  if (keyFile === undefined) return { keys: undefined, faults: [] };
  try {
    return {
      keys: loadKeyFile(
        keyFile,
        pools.map(({ id }) => id),
      ),
      faults: [],
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { keys: undefined, faults: error.faults };
  }
}

function samplerProfiles(config: Config, folder: string): readonly SamplerProfile[] {
  const { directory } = config.sampler_profiles;
  return readSamplerProfiles(config, directory === undefined ? undefined : resolve(folder, directory));
}

/** ORCH-5027: beside the store, or where this user's state is. */
function artifactDirectory(
  { artifacts, store }: Config,
  { env, folder }: { env: Environment; folder: string },
): string {
  if (artifacts.directory !== undefined) return resolve(folder, artifacts.directory);
  return join(storeDirectory({ store }, { env, folder }), 'artifacts');
}

function modelsDirectory({ catalog, store }: Config, { env, folder }: { env: Environment; folder: string }): string {
  if (catalog.folder !== undefined) return resolve(folder, catalog.folder);
  return join(storeDirectory({ store }, { env, folder }), 'models');
}

/** ORCH-1200: without a wish, where this user's state is. */
function storeDirectory(
  { store }: Pick<Config, 'store'>,
  { env, folder }: { env: Environment; folder: string },
): string {
  return store.directory === undefined ? stateDirectory(env) : resolve(folder, store.directory);
}

function readText(path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'not readable';
    throw new ConfigError([{ path, expected: 'a readable UTF-8 file', actual: code }]);
  }
}

/** ORCH-5004: variables win over the file; one set to nothing is not set. */
function withEnvironment(raw: unknown, env: Environment): unknown {
  const keyFile = given(env, 'LLORCH_KEY_FILE');
  const overrides = [
    ['auth', 'key_file', keyFile === undefined ? undefined : resolve(keyFile)],
    ['listen', 'host', given(env, 'LLORCH_LISTEN_HOST')],
    ['listen', 'port', numberOrText(given(env, 'LLORCH_LISTEN_PORT'))],
    ['log', 'level', given(env, 'LLORCH_LOG_LEVEL')],
    ['log', 'format', given(env, 'LLORCH_LOG_FORMAT')],
  ] as const;
  if (!isRecord(raw)) return raw;
  for (const [section, key, value] of overrides) {
    if (value === undefined) continue;
    const settings = (raw[section] ??= {});
    if (isRecord(settings)) settings[key] = value;
  }
  return raw;
}

function given(env: Environment, name: string): string | undefined {
  return env[name] === '' ? undefined : env[name];
}

function numberOrText(text: string | undefined): number | string | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** ORCH-5025: a path means the same wherever the service is started from. */
function withPaths(config: Config, folder: string): Config {
  const pools = config.pools.map((pool) => {
    const isFile = opensModelFile(pool) && pool.model !== undefined && !isModelName(pool.model);
    return isFile ? { ...pool, model: resolve(folder, pool.model) } : pool;
  });
  return { ...config, pools };
}
