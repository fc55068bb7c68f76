// SPDX-License-Identifier: MIT
import { mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@llama-orch/test-kit';
import { describe, expect } from 'vitest';
import { ConfigError } from './config-fault.ts';
import { loadConfig } from './load-config.ts';
import { keepSamplerProfiles } from './profile-lock.ts';
import { readSamplerProfiles } from './sampler-profiles.ts';

const HOT = {
  temperature: 1.2,
  top_p: 1,
  top_k: 0,
  min_p: 0,
  repeat_penalty: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
};
const NONE = { sampler_profiles: { default: 'default-1' }, pools: [] };

/** A folder with these files. */
async function folderOf(files: Readonly<Record<string, string>>): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'profiles-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text);
  return { path: folder.path, [Symbol.asyncDispose]: () => folder.remove() };
}

/** What is wrong with a folder that must be refused, without its path. */
async function faultsOf(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  await using folder = await folderOf(files);
  try {
    readSamplerProfiles(NONE, folder.path);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.replaceAll(`${folder.path}/`, '').split('\n');
  }
  throw new Error('The folder was not refused.');
}

verifies('ORCH-1320', 'a profile is a file, YAML or JSON, that gives its version and every value', async () => {
  await using folder = await folderOf({
    'b.yaml': `version: cold-1\n${Object.entries({ ...HOT, temperature: 0 })
      .map(([key, value]) => `${key}: ${value}`)
      .join('\n')}\n`,
    'a.json': JSON.stringify({ version: 'hot-1', ...HOT }),
    'notes.txt': 'not a profile',
  });
  const profiles = readSamplerProfiles(NONE, folder.path);
  expect(profiles.map(({ version }) => version)).toEqual(['default-1', 'plain-1', 'hot-1', 'cold-1']);
  expect(profiles[2]?.sampling).toMatchObject({ temperature: 1.2, topK: 0, stop: [] });
  expect(new Set(profiles.map(({ digest }) => digest)).size).toBe(4);
  expect(profiles[0]?.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
});

verifies('ORCH-1320', 'what is not a whole profile is refused, naming the file and the value', async () => {
  const { top_p: _left, ...partial } = HOT;
  expect(await faultsOf({ 'a.json': JSON.stringify({ version: 'a', ...partial }) })).toEqual([
    'a.json $.top_p: expected a value, found nothing',
  ]);
  expect(await faultsOf({ 'a.json': JSON.stringify({ version: 'a', ...HOT, mirostat: 1, temperature: 9 }) })).toEqual([
    'a.json $.mirostat: expected no such key, found one',
    'a.json $.temperature: expected <= 5, found 9',
  ]);
  expect((await faultsOf({ 'a.json': JSON.stringify({ version: 'default-1', ...HOT }) }))[0]).toMatch(
    'a.json $.version',
  );
  expect(
    await faultsOf({
      'a.json': JSON.stringify({ version: 'x', ...HOT }),
      'b.json': JSON.stringify({ version: 'x', ...HOT }),
    }),
  ).toEqual(['b.json $.version: expected another version, found x']);
  expect((await faultsOf({ 'a.yaml': 'version: [' }))[0]).toMatch(/^a.yaml line 1/);
});

verifies('ORCH-1320', 'the configuration names the folder and the profile of tasks that name none', async () => {
  await using folder = await folderOf({});
  await mkdir(join(folder.path, 'profiles'));
  await writeFile(join(folder.path, 'profiles/hot.json'), JSON.stringify({ version: 'hot-1', ...HOT }));
  const file = join(folder.path, 'config.yaml');
  await writeFile(file, 'sampler_profiles: { directory: profiles, default: hot-1 }\n');
  expect(loadConfig({ file, env: {} }).samplerProfiles.map(({ version }) => version)).toEqual([
    'hot-1',
    'default-1',
    'plain-1',
  ]);
  await writeFile(file, 'sampler_profiles: { directory: none }\n');
  expect(() => loadConfig({ file, env: {} })).toThrow(/^\$\.sampler_profiles\.directory: .*ENOENT/);
  await writeFile(file, 'sampler_profiles: { default: none }\n');
  expect(() => loadConfig({ file, env: {} })).toThrow(
    '$.sampler_profiles.default: expected one of default-1, plain-1, found none',
  );
});

describe('beside the tasks', () => {
  const [profile] = readSamplerProfiles(NONE, undefined);
  const hot = { version: 'hot-1', digest: `sha256:${'1'.repeat(64)}`, sampling: profile!.sampling };

  verifies('ORCH-1320', 'a version keeps its content for ever, also after it was gone for a while', async () => {
    await using folder = await folderOf({});
    keepSamplerProfiles(folder.path, [profile!, hot]);
    keepSamplerProfiles(folder.path, [profile!, hot]);
    keepSamplerProfiles(folder.path, [profile!]);
    expect(() => keepSamplerProfiles(folder.path, [{ ...hot, digest: `sha256:${'2'.repeat(64)}` }])).toThrow(
      /\$\.sampler_profiles hot-1: expected the content that this version had before \(sha256:1+\), found another/,
    );
    keepSamplerProfiles(folder.path, [{ ...hot, version: 'hot-2', digest: `sha256:${'2'.repeat(64)}` }]);
    const kept = JSON.parse(await readFile(join(folder.path, 'sampler-profiles.json'), 'utf8')) as object;
    expect(Object.keys(kept)).toEqual(['default-1', 'hot-1', 'hot-2']);
  });

  verifies('ORCH-1320', 'a file that is not what it should be stops the start', async () => {
    await using folder = await folderOf({ 'sampler-profiles.json': '{' });
    expect(() => keepSamplerProfiles(folder.path, [hot])).toThrow(ConfigError);
  });
});
