// SPDX-License-Identifier: MIT
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ConfigError } from './config-fault.ts';
import { configOf } from './load-config.ts';
import { provisioningOf } from './provisioning.ts';

const MANAGED = { id: 'a', adapter: 'llamacpp-http', model: 'builtin:haiku-tiny', engine: {} };
const EXTERNAL = { id: 'a', adapter: 'llamacpp-http', base_url: 'http://localhost:1' };
const MOCK = { id: 'a', adapter: 'mock' };

/** The fault lines of these pools; none when they can be used. */
function faultsOf(pools: readonly object[], sections: object = {}): readonly string[] {
  try {
    configOf({ pools, ...sections }, { env: {}, folder: '/' });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n');
  }
}

verifies('ORCH-5030', 'who starts an engine follows from the other keys, and has to fit the adapter', () => {
  const { config } = configOf(
    { pools: [MANAGED, { ...EXTERNAL, id: 'b' }, { ...MOCK, id: 'c' }] },
    { env: {}, folder: '/' },
  );
  expect(config.pools.map(provisioningOf)).toEqual(['managed', 'external', 'embedded']);
  expect(config.pools[0]?.engine).toMatchObject({ stop_grace_ms: 3_000, log: { max_bytes: 16_777_216, max_files: 3 } });
  expect(faultsOf([{ ...MOCK, provisioning: 'managed' }])).toHaveLength(1);
  expect(faultsOf([{ ...MOCK, engine: {} }])[0]).toMatch('$.pools[0].engine: expected no such key');
  expect(faultsOf([{ ...EXTERNAL, provisioning: 'embedded' }])[0]).toMatch('$.pools[0].provisioning');
  expect(faultsOf([{ ...EXTERNAL, provisioning: 'managed' }]).join()).toMatch('$.pools[0].base_url');
  expect(faultsOf([{ ...EXTERNAL, provisioning: 'external', engine: {} }]).join()).toMatch('$.pools[0].engine');
  expect(faultsOf([{ ...MANAGED, base_url: 'http://localhost:1' }]).join()).toMatch('$.pools[0].base_url');
});

verifies('ORCH-5031', 'an engine that is started has a model, found from the configuration file', async () => {
  const { model: _, ...nameless } = MANAGED;
  expect(faultsOf([nameless])).toEqual([
    '$.pools[0].model: expected the model to start the engine with, found nothing',
  ]);
  expect(faultsOf([{ ...nameless, engine: { args: ['--port', '{port}'] } }])).toEqual([]);
  expect(faultsOf([{ ...MANAGED, model: 'none.gguf' }])[0]).toMatch('$.pools[0].model: expected a file');
  await using folder = await mkdtempDisposable(join(tmpdir(), 'config-'));
  await writeFile(join(folder.path, 'm.gguf'), '');
  const { config } = configOf({ pools: [{ ...MANAGED, model: 'm.gguf' }] }, { env: {}, folder: folder.path });
  expect(config.pools[0]?.model).toBe(join(folder.path, 'm.gguf'));
});

verifies('ORCH-5032', 'keys that contradict each other are faults at their path', () => {
  const external = { ...EXTERNAL, devices: ['nvidia:0'], load: 'on_demand', pinned: true, footprint_bytes: 1 };
  expect(faultsOf([external]).map((fault) => fault.split(': ')[0])).toEqual([
    '$.pools[0].devices',
    '$.pools[0].footprint_bytes',
    '$.pools[0].pinned',
    '$.pools[0].load',
  ]);
  expect(faultsOf([{ ...MOCK, idle_unload_ms: 5 }])).toEqual([
    '$.pools[0].idle_unload_ms: expected load: on_demand, found 5',
  ]);
  expect(faultsOf([{ ...MOCK, load: 'on_demand', idle_unload_ms: 5, pinned: true }])).toEqual([
    '$.pools[0].idle_unload_ms: expected a pool that is not pinned, found 5',
  ]);
  expect(faultsOf([{ ...MOCK, idle_unload_ms: 0 }])).toEqual([]);
  expect(faultsOf([{ ...MOCK, group: 'g' }])).toEqual(['$.pools[0].group: expected a group of swap.groups, found g']);
  expect(faultsOf([MOCK], { swap: { groups: [{ id: 'g' }, { id: 'g' }] } })).toEqual([
    '$.swap.groups[1].id: expected an id no group before it has, found g',
  ]);
  expect(faultsOf([{ ...MANAGED, replicas: 2, engine: { port: 9 } }])).toEqual([
    '$.pools[0].engine.port: expected one replica, found 2 replicas',
  ]);
  expect(faultsOf([{ ...MOCK, pins: { sampler_profile_version: 'other' } }])).toEqual([
    '$.pools[0].pins.sampler_profile_version: expected the default profile default-1, found other',
  ]);
});

verifies('ORCH-5033', 'cards hold what stays loaded, or it is a fault', () => {
  const first = { ...MOCK, devices: ['nvidia:0'] };
  const second = { ...first, id: 'b' };
  const rivals =
    '$.pools[1].devices: expected cards of its own, load: on_demand, or a group whose pools are loaded together, ' +
    'found cards of pool a';
  expect(faultsOf([first, second])).toEqual([rivals]);
  expect(faultsOf([first, { ...second, load: 'on_demand' }])).toEqual([]);
  expect(faultsOf([first, { ...second, load: 'on_demand', pinned: true }])).toEqual([rivals]);
  expect(faultsOf([first, { ...second, devices: ['nvidia:1'] }])).toEqual([]);
  const grouped = [first, second].map((pool) => ({ ...pool, group: 'g' }));
  expect(faultsOf(grouped, { swap: { groups: [{ id: 'g', together: true }] } })).toEqual([]);
  expect(faultsOf(grouped, { swap: { groups: [{ id: 'g' }] } })).toEqual([rivals]);
  expect(faultsOf([{ ...first, replicas: 2 }])[0]).toMatch('$.pools[0].replicas: expected at most 1 on nvidia:0');
  expect(faultsOf([{ ...first, replicas: 2, devices: ['nvidia:0', 'nvidia:1'] }])).toEqual([]);
  expect(faultsOf([{ ...first, split: true }])).toEqual([
    '$.pools[0].split: expected devices of two or more cards, found 1',
  ]);
  expect(faultsOf([{ ...MOCK, require_gpu: true }], { devices: { provider: 'none' } })).toEqual([
    '$.pools[0].require_gpu: expected a provider of devices, found devices.provider none',
  ]);
});
