// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { watchKeyFile } from '../runtime/watch-key-file.ts';
import type { ConfigError } from './config-fault.ts';
import { loadKeyFile } from './key-file.ts';
import { configOf } from './load-config.ts';

const DIGEST = createHash('sha256').update('canary-key-0123456789').digest('hex');
const OTHER = createHash('sha256').update('another-key-0123456789').digest('hex');

async function withFile<T>(text: string, use: (file: string, folder: string) => Promise<T> | T): Promise<T> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'keys-'));
  const file = join(folder.path, 'keys.yaml');
  await writeFile(file, text);
  return await use(file, folder.path);
}

function faultsOf(file: string): readonly string[] {
  try {
    loadKeyFile(file, ['haiku']);
    return [];
  } catch (error) {
    return (error as ConfigError).faults.map(({ path, expected, actual }) => `${path}|${expected}|${actual}`);
  }
}

verifies('ORCH-2065', 'a key file, YAML or JSON, becomes keys with their limits', async () => {
  const yaml = `
keys:
  - { id: alice, sha256: ${DIGEST}, label: the editor, requests_per_minute: 120, queued_tasks: 4, pools: [haiku],
      budget: { tokens: 1000, period_ms: 86400000 } }
  - { id: night, sha256: ${OTHER}, operator: true, weight: 3, priorities: [batch], running_tasks: 1 }
`;
  const expected = {
    isolates: true,
    entries: [
      { id: 'alice', sha256: DIGEST, isOperator: false },
      { id: 'night', sha256: OTHER, isOperator: true },
    ],
    specs: [
      {
        id: 'alice',
        weight: 1,
        priorities: ['interactive', 'batch'],
        requestsPerMinute: 120,
        queuedTasks: 4,
        pools: ['haiku'],
        budget: { tokens: 1000, periodMs: 86_400_000 },
      },
      { id: 'night', weight: 3, priorities: ['batch'], runningTasks: 1 },
    ],
  };
  await withFile(yaml, (file) => expect(loadKeyFile(file, ['haiku'])).toEqual(expected));
  const json = JSON.stringify({ isolate: false, keys: [{ id: 'a', sha256: DIGEST }] });
  await withFile(json, (file) => expect(loadKeyFile(file, ['haiku'])).toMatchObject({ isolates: false }));
});

verifies(
  'ORCH-2065',
  'every fault names the file, the path, what is expected and what was found, and no secret',
  async () => {
    const yaml = `
keys:
  - { id: Alice, sha256: canary-key-0123456789 }
  - { id: bob, sha256: ${DIGEST}, queued_tasks: -1, key: canary-key-0123456789 }
`;
    await withFile(yaml, (file) => {
      const faults = faultsOf(file).join('\n');
      expect(faults).toContain(`${file} $.keys[0].id|`);
      expect(faults).toContain(`${file} $.keys[0].sha256|`);
      expect(faults).toContain(`${file} $.keys[1].queued_tasks|>= 0|-1`);
      expect(faults).toContain(`${file} $.keys[1].key|no such key|one`);
      expect(faults).not.toContain('canary');
    });
    const twice = `
keys:
  - { id: a, sha256: ${DIGEST} }
  - { id: a, sha256: ${DIGEST}, pools: [other] }
`;
    await withFile(twice, (file) => {
      expect(faultsOf(file)).toEqual([
        `${file} $.keys[1].id|an id no key before it has|a`,
        `${file} $.keys[1].sha256|a digest no key before it has|one that was there`,
        `${file} $.keys[1].pools[0]|one of haiku|other`,
      ]);
      expect(faultsOf(`${file}.gone`)).toEqual([`${file}.gone $|a readable UTF-8 file|ENOENT`]);
    });
  },
);

verifies(
  ['ORCH-2065', 'ORCH-5023'],
  'a key file opens other addresses, and a bad one keeps the service from starting',
  async () => {
    const raw = (file: string) => ({ listen: { host: '0.0.0.0' }, auth: { key_file: file } });
    const source = (folder: string) => ({ env: {}, folder });
    await withFile(`keys: [{ id: a, sha256: ${DIGEST} }]`, (file, folder) => {
      const loaded = configOf(raw('keys.yaml'), source(folder));
      expect([loaded.keyFile, loaded.keys?.entries.length, loaded.token]).toEqual([file, 1, undefined]);
      const named = configOf({}, { env: { LLORCH_KEY_FILE: file }, folder: tmpdir() });
      expect(named.keyFile).toBe(file);
      expect(() => configOf({ listen: { host: '0.0.0.0' } }, source(folder))).toThrow('auth.key_file');
    });
    await withFile('keys: []', (_file, folder) => {
      expect(() => configOf(raw('keys.yaml'), source(folder))).toThrow('$.keys: expected');
    });
  },
);

verifies('ORCH-2065', 'a changed file is read again, and one that cannot be used changes nothing', async () => {
  await withFile(`keys: [{ id: a, sha256: ${DIGEST} }]`, async (file) => {
    const told: string[] = [];
    // A look between the emptying and the writing of the file finds one that cannot be used.
    let wake = (_event: 'changed' | 'refused'): void => undefined;
    const next = (awaited: 'changed' | 'refused'): Promise<void> =>
      new Promise((resolve) => (wake = (event) => event === awaited && resolve()));
    const watch = watchKeyFile({
      file,
      keys: loadKeyFile(file, ['haiku']),
      poolIds: () => ['haiku'],
      intervalMs: 5,
      onChange(keys) {
        told.push(keys.entries.map(({ id }) => id).join());
        wake('changed');
      },
      logger: { log: (level) => level === 'error' && wake('refused') },
    });
    let read = next('changed');
    await writeFile(file, `keys: [{ id: a, sha256: ${DIGEST} }, { id: b, sha256: ${OTHER} }]`);
    await read;
    read = next('refused');
    await writeFile(file, 'keys: what?');
    await read;
    watch.stop();
    expect(told).toEqual(['a,b']);
    expect(watch.keys()?.entries).toHaveLength(2);
  });
});
