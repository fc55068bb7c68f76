// SPDX-License-Identifier: MIT
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { SamplerProfile } from '@llama-orch/orchestrator-core';
import { ConfigError } from './config-fault.ts';

/** Digests of every profile that receipts may name, by version. */
type SeenProfiles = Readonly<Record<string, string | undefined>>;

const FILE = 'sampler-profiles.json';

/**
 * Remembers beside the tasks what each version of a sampler profile means, for as long as the directory lives; ORCH-1320.
 *
 * @param directory The directory of tasks, which this process holds.
 * @throws ConfigError when a version has another content than before, or the file cannot be used.
 */
export function keepSamplerProfiles(directory: string, profiles: readonly SamplerProfile[]): void {
  const file = join(directory, FILE);
  const seen = readSeen(file);
  const faults = profiles.flatMap(({ version, digest }) => {
    const before = seen[version];
    if (before === undefined || before === digest) return [];
    const expected = `the content that this version had before (${before})`;
    return [
      {
        path: `$.sampler_profiles ${version}`,
        expected,
        actual: `another one (${digest ?? 'none'}); give it a new version`,
      },
    ];
  });
  if (faults.length > 0) throw new ConfigError(faults);
  const now = { ...seen, ...Object.fromEntries(profiles.map(({ version, digest }) => [version, digest])) };
  if (Object.keys(now).length > Object.keys(seen).length) replace(file, `${JSON.stringify(now, undefined, 2)}\n`);
}

function readSeen(file: string): SeenProfiles {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw unusable(file, error);
  }
  try {
    return JSON.parse(text) as SeenProfiles;
  } catch (error) {
    throw unusable(file, error);
  }
}

/** Old or new content, whenever the power fails. */
function replace(file: string, text: string): void {
  const next = `${file}.next`;
  try {
    const handle = openSync(next, 'w', 0o600);
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(next, file);
  } catch (error) {
    throw unusable(file, error);
  }
}

function unusable(file: string, error: unknown): ConfigError {
  const actual = error instanceof Error ? error.message : 'another';
  return new ConfigError([{ path: file, expected: 'the file of known sampler profiles', actual }]);
}
