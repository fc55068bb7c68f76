// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import {
  isSamplerProfile,
  type Config,
  type Pool,
  type SamplerProfile as ProfileFile,
} from '@llama-orch/config-schema';
import { canonicalJson, type SamplerProfile } from '@llama-orch/orchestrator-core';
import { ConfigError, type ConfigFault } from './config-fault.ts';
import { parseYaml } from './parse-yaml.ts';
import { schemaFaults } from './schema-faults.ts';

const DEFAULT_PROFILE: ProfileFile = {
  version: 'default-1',
  temperature: 0.8,
  top_p: 0.95,
  top_k: 40,
  min_p: 0.05,
  repeat_penalty: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
};
/** What every engine has a field for. */
const PLAIN_PROFILE: ProfileFile = { ...DEFAULT_PROFILE, version: 'plain-1', top_k: 0, min_p: 0 };
/** The profiles that are always there. A change of their values would be a new version. */
const BUILT_IN_PROFILES = [DEFAULT_PROFILE, PLAIN_PROFILE];
/** Adapters of engines that lack settings which {@link DEFAULT_PROFILE} needs. */
const PLAIN_ADAPTERS: ReadonlySet<Pool['adapter']> = new Set(['openai-http', 'tgi', 'triton']);

/** The profile of tasks that name none in this pool; undefined where it is that of the service. ORCH-1322 */
export function poolProfileVersion({ adapter, sampler_profile: own }: Pool): string | undefined {
  return own ?? (PLAIN_ADAPTERS.has(adapter) ? PLAIN_PROFILE.version : undefined);
}

const EXTENSIONS = new Set(['.yaml', '.yml', '.json']);
const MAX_FILE_BYTES = 65_536;
const MAX_FILES = 64;
const PATH = '$.sampler_profiles';

/**
 * The profile of tasks that name none, then the others: the built-in ones and those of the folder; ORCH-1320.
 *
 * @param directory Absolute path of the folder; undefined for none.
 * @throws ConfigError naming the file and the value.
 */
export function readSamplerProfiles(
  { sampler_profiles: { default: first }, pools }: Pick<Config, 'sampler_profiles' | 'pools'>,
  directory: string | undefined,
): readonly SamplerProfile[] {
  const files = directory === undefined ? [] : readFolder(directory);
  const profiles = [...BUILT_IN_PROFILES, ...files].map(toProfile);
  const names = [
    { path: `${PATH}.default`, version: first },
    ...pools.map(({ sampler_profile: version = first }, place) => ({
      path: `$.pools[${place}].sampler_profile`,
      version,
    })),
  ];
  const expected = `one of ${profiles.map(({ version }) => version).join(', ')}`;
  const wrong = names.find((name) => !profiles.some(({ version }) => version === name.version));
  if (wrong !== undefined) throw new ConfigError([{ path: wrong.path, expected, actual: wrong.version }]);
  return profiles.toSorted((a, b) => Number(b.version === first) - Number(a.version === first));
}

function readFolder(directory: string): readonly ProfileFile[] {
  const names = namesIn(directory);
  if (names.length > MAX_FILES) {
    const expected = `at most ${MAX_FILES} profiles`;
    throw new ConfigError([{ path: `${PATH}.directory`, expected, actual: String(names.length) }]);
  }
  const profiles = new Map<string, ProfileFile>();
  for (const name of names) {
    const file = join(directory, name);
    const profile = readProfile(file);
    if (profiles.has(profile.version)) {
      throw new ConfigError([{ path: `${file} $.version`, expected: 'another version', actual: profile.version }]);
    }
    profiles.set(profile.version, profile);
  }
  return [...profiles.values()];
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => EXTENSIONS.has(extname(name)))
      .toSorted();
  } catch (error) {
    const actual = `${directory} (${(error as NodeJS.ErrnoException).code ?? 'not readable'})`;
    throw new ConfigError([{ path: `${PATH}.directory`, expected: 'a folder that can be read', actual }]);
  }
}

function readProfile(file: string): ProfileFile {
  const profile = parseFile(file);
  if (isSamplerProfile(profile)) return profile;
  throw faultsIn(file, schemaFaults(isSamplerProfile.errors ?? [], profile));
}

function parseFile(file: string): unknown {
  const text = readText(file);
  try {
    return parseYaml(text);
  } catch (error) {
    throw error instanceof ConfigError ? faultsIn(file, error.faults) : error;
  }
}

function readText(file: string): string {
  const expected = `a readable UTF-8 file of at most ${MAX_FILE_BYTES} bytes`;
  try {
    const bytes = readFileSync(file);
    if (bytes.length <= MAX_FILE_BYTES) return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const actual = (error as NodeJS.ErrnoException).code ?? 'not readable';
    throw faultsIn(file, [{ path: '$', expected, actual }]);
  }
  throw faultsIn(file, [{ path: '$', expected, actual: 'more' }]);
}

function faultsIn(file: string, faults: readonly ConfigFault[]): ConfigError {
  return new ConfigError(faults.map(({ path, expected, actual }) => ({ path: `${file} ${path}`, expected, actual })));
}

function toProfile(file: ProfileFile): SamplerProfile {
  return {
    version: file.version,
    digest: `sha256:${createHash('sha256').update(canonicalJson(file)).digest('hex')}`,
    sampling: {
      temperature: file.temperature,
      topP: file.top_p,
      topK: file.top_k,
      minP: file.min_p,
      repeatPenalty: file.repeat_penalty,
      presencePenalty: file.presence_penalty,
      frequencyPenalty: file.frequency_penalty,
      stop: [],
    },
  };
}
