// SPDX-License-Identifier: MIT
import { chmod, mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { soundModel } from './__fixtures__/gguf-file.ts';
import { digestOf, startModelServer } from './__fixtures__/model-server.ts';
import { machineClock, openTestCatalog } from './__fixtures__/test-catalog.ts';
import type { CatalogEvent } from './catalog.ts';
import { openCatalog } from './open-catalog.ts';

const MEBIBYTE = 2 ** 20;
const hubPath = (name: string): string => `/org/repo/resolve/main/${name}.gguf`;
const reference = (name: string): string => `hf:org/repo/${name}.gguf`;

verifies('ORCH-1602', 'models are added, listed, shown and removed, and known again after a restart', async () => {
  await using server = await startModelServer();
  server.files.set(hubPath('a'), soundModel(1_000, 'a'));
  // All in one millisecond.
  await using test = await openTestCatalog(server, { clock: { ...machineClock, wallNowMs: () => 1_000 } });
  await writeFile(join(test.folder, 'own.gguf'), soundModel(2_000, 'own'));
  const a = await test.catalog.pull({ reference: reference('a'), metadata: { note: 'first' } });
  const own = await test.catalog.pull({ reference: 'own.gguf', isPinned: true });
  expect(own).toMatchObject({ reference: 'file:own.gguf', status: 'installed', facts: { name: 'own' } });
  const catalog = await test.reopen();
  expect(catalog.list()).toEqual([a, own]);
  expect(catalog.get(a.id)).toMatchObject({ metadata: { note: 'first' }, isPinned: false, state: 'Active' });
  expect(catalog.get('file:own.gguf')).toEqual(catalog.get('own.gguf'));
  await catalog.remove(a.id);
  await catalog.remove(own.id);
  expect(catalog.list()).toEqual([]);
  expect(await test.stored()).toEqual({ downloads: [], incoming: [] });
  // What people put there themselves is only forgotten.
  expect(await catalog.resolve('own.gguf')).toMatchObject({ path: join(test.folder, 'own.gguf') });
  expect(() => catalog.get('no-such-model')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  await expect(catalog.remove(a.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

verifies('ORCH-1602', 'a model that is used is not removed, and one that is pulled ends its pull', async () => {
  await using server = await startModelServer();
  server.files.set(hubPath('a'), soundModel(1_000));
  const used = new Set<string>([reference('a')]);
  await using test = await openTestCatalog(server, { usedBy: (model) => (used.has(model.reference) ? ['chat'] : []) });
  const { id } = await test.catalog.pull({ reference: reference('a') });
  await expect(test.catalog.remove(id)).rejects.toMatchObject({ code: 'TASK_CONFLICT', details: { pools: ['chat'] } });
  used.clear();
  await test.catalog.remove(id);
  const asked = Promise.withResolvers<void>();
  server.script = () => {
    asked.resolve();
    return true;
  };
  const pulling = test.catalog.add({ reference: reference('b') });
  await asked.promise;
  await test.catalog.remove(pulling.id);
  expect(test.catalog.list()).toEqual([]);
  expect(await test.stored()).toEqual({ downloads: [], incoming: [] });
});

verifies('ORCH-1602', 'two references to one content share a file until the last of them is removed', async () => {
  await using server = await startModelServer();
  for (const name of ['a', 'b']) server.files.set(hubPath(name), soundModel(1_000));
  await using test = await openTestCatalog(server);
  const [a, b] = [
    await test.catalog.pull({ reference: reference('a') }),
    await test.catalog.pull({ reference: reference('b') }),
  ];
  expect((await test.stored()).downloads).toHaveLength(1);
  await test.catalog.remove(a.id);
  expect((await test.stored()).downloads).toHaveLength(1);
  await test.catalog.remove(b.id);
  expect((await test.stored()).downloads).toHaveLength(0);
});

verifies('ORCH-1603', 'a retired model is not given out until it is active again', async () => {
  await using test = await openTestCatalog(undefined);
  await writeFile(join(test.folder, 'own.gguf'), soundModel(2_000));
  const { id } = await test.catalog.pull({ reference: 'own.gguf' });
  expect(test.catalog.setState(id, 'Retired')).toMatchObject({ state: 'Retired', status: 'installed' });
  const catalog = await test.reopen();
  await expect(catalog.resolve('own.gguf')).rejects.toMatchObject({ code: 'MODEL_DEPRECATED' });
  catalog.setState(id, 'Active');
  expect(await catalog.resolve('own.gguf')).toMatchObject({ id });
});

verifies('ORCH-1614', 'room is made by what was used longest ago; what is pinned or used stays', async () => {
  await using server = await startModelServer();
  const names = ['pinned', 'used', 'old', 'new', 'more'];
  for (const name of names) server.files.set(hubPath(name), soundModel(MEBIBYTE, name));
  await using test = await openTestCatalog(server, {
    budgetBytes: 4.5 * MEBIBYTE,
    clock: { ...machineClock, wallNowMs: () => 1_000 },
    usedBy: (model) => (model.reference === reference('used') ? ['chat'] : []),
  });
  const { catalog } = test;
  await catalog.pull({ reference: reference('pinned'), isPinned: true });
  for (const name of ['used', 'old', 'new']) await catalog.pull({ reference: reference(name) });
  for (const name of ['old', 'new']) await catalog.resolve(reference(name));
  const statuses = (): readonly string[] =>
    names.map((name) => catalog.list().find((model) => model.reference === reference(name))?.status ?? '');
  await catalog.pull({ reference: reference('more') });
  expect(statuses()).toEqual(['installed', 'installed', 'absent', 'installed', 'installed']);
  // What was removed comes again when it is asked for, and something else goes.
  expect(await catalog.resolve(reference('old'))).toMatchObject({ digest: digestOf(soundModel(MEBIBYTE, 'old')) });
  expect(statuses()).toEqual(['installed', 'installed', 'installed', expect.any(String), expect.any(String)]);
  expect((await test.stored()).downloads).toHaveLength(4);
});

verifies('ORCH-1614', 'where nothing may go the pull is refused before its first byte, with the sizes', async () => {
  await using server = await startModelServer();
  server.files.set(hubPath('a'), soundModel(MEBIBYTE));
  server.files.set(hubPath('b'), soundModel(4 * MEBIBYTE));
  await using test = await openTestCatalog(server, { budgetBytes: 3 * MEBIBYTE });
  await test.catalog.pull({ reference: reference('a') });
  await expect(test.catalog.pull({ reference: reference('b') })).rejects.toMatchObject({
    code: 'DISK_BUDGET_EXCEEDED',
    details: { needed_bytes: soundModel(4 * MEBIBYTE).length, budget_bytes: 3 * MEBIBYTE },
  });
  expect((await test.stored()).incoming).toEqual([]);
  expect(test.catalog.get(reference('a')).status).toBe('installed');
});

verifies('ORCH-1614', 'two pulls do not count on the same room', async () => {
  await using server = await startModelServer();
  for (const name of ['a', 'b']) server.files.set(hubPath(name), soundModel(2 * MEBIBYTE, name));
  await using test = await openTestCatalog(server, { budgetBytes: 3 * MEBIBYTE });
  const ends = await Promise.allSettled(
    ['a', 'b'].map((name) => test.catalog.pull({ reference: reference(name), isPinned: true })),
  );
  expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

verifies('ORCH-1632', 'a verification finds what has changed, and that is not loaded again', async () => {
  await using test = await openTestCatalog(undefined);
  const path = join(test.folder, 'own.gguf');
  const good = soundModel(2_000);
  await writeFile(path, good);
  const { catalog } = test;
  const { id } = await catalog.pull({ reference: 'own.gguf' });
  const events: CatalogEvent[] = [];
  catalog.watch((event) => events.push(event));
  expect(await catalog.verify(id)).toMatchObject({ outcome: 'match', model: { status: 'installed' } });
  await writeFile(path, soundModel(2_000, 'other'));
  expect(await catalog.verify(id)).toMatchObject({ outcome: 'mismatch', model: { status: 'damaged' } });
  await expect(catalog.resolve('own.gguf')).rejects.toMatchObject({ code: 'UNTRUSTED_ARTIFACT' });
  await expect(catalog.pull({ reference: 'own.gguf' })).rejects.toMatchObject({ code: 'UNTRUSTED_ARTIFACT' });
  await writeFile(path, good);
  expect(await catalog.verify(id)).toMatchObject({ outcome: 'match' });
  expect(await catalog.resolve('own.gguf')).toMatchObject({ digest: digestOf(good) });
  await rm(path);
  expect(await catalog.verify(id)).toMatchObject({ outcome: 'missing', model: { status: 'absent' } });
  expect(events.flatMap((event) => (event.kind === 'verified' ? [event.outcome] : []))).toEqual([
    'match',
    'mismatch',
    'match',
    'missing',
  ]);
});

verifies(['ORCH-1632', 'ORCH-1601'], 'a file that was exchanged is found out before it is loaded', async () => {
  await using server = await startModelServer();
  server.files.set(hubPath('a'), soundModel(1_000));
  await using test = await openTestCatalog(server);
  const { path } = await test.catalog
    .pull({ reference: reference('a') })
    .then(() => test.catalog.resolve(reference('a')));
  await chmod(path, 0o644);
  await writeFile(path, soundModel(1_000, 'evil'));
  await expect(test.catalog.resolve(reference('a'))).rejects.toMatchObject({ code: 'UNTRUSTED_ARTIFACT' });
  // A touch alone costs a reading, and nothing else.
  await writeFile(path, soundModel(1_000));
  await test.catalog.verify(test.catalog.get(reference('a')).id);
  await utimes(path, 1, 1);
  expect(await test.catalog.resolve(reference('a'))).toMatchObject({ path });
});

verifies('ORCH-1633', 'strict installs only what is signed and listed', async () => {
  await using test = await openTestCatalog(undefined, { trust: 'strict' });
  await writeFile(join(test.folder, 'own.gguf'), soundModel(2_000));
  await expect(test.catalog.pull({ reference: 'own.gguf' })).rejects.toMatchObject({ code: 'UNTRUSTED_ARTIFACT' });
  const catalog = await test.reopen({ trust: 'permissive' });
  const { warnings } = await catalog.pull({ reference: 'own.gguf' });
  expect(warnings).toEqual(['The model has no signature.', 'The model has no bill of materials.']);
});

verifies('ORCH-1615', 'offline, what is there is given out and nothing is asked for', async () => {
  await using server = await startModelServer();
  server.files.set(hubPath('a'), soundModel(1_000));
  await using test = await openTestCatalog(server);
  await test.catalog.pull({ reference: reference('a') });
  const asked = server.requests.length;
  const catalog = await test.reopen({ outbound: { isOffline: true } });
  expect(await catalog.resolve(reference('a'))).toHaveProperty('path');
  await expect(catalog.pull({ reference: reference('b') })).rejects.toMatchObject({
    code: 'FETCH_REFUSED',
    details: { reason: 'offline' },
  });
  expect(server.requests.length).toBe(asked);
});

verifies('ORCH-1602', 'a folder is held by one process, and what a crash left in it is swept', async () => {
  await using test = await openTestCatalog(undefined);
  await expect(openCatalog({ folder: test.folder, clock: machineClock })).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
  });
  await writeFile(join(test.folder, 'downloads', 'stray.gguf'), 'x');
  await mkdir(join(test.folder, '.catalog', 'incoming', 'stray'));
  await test.reopen();
  expect(await test.stored()).toEqual({ downloads: [], incoming: [] });
});

verifies('ORCH-1611', 'a crash right before the end of an installation costs nothing, and trusts nothing', async () => {
  await using server = await startModelServer();
  server.files.set(hubPath('a'), soundModel(1_000));
  await using test = await openTestCatalog(server);
  await test.catalog.pull({ reference: reference('a') });
  const { id, path } = await test.catalog.resolve(reference('a'));
  const crash = async (): Promise<void> => {
    await test.catalog.close();
    using index = new DatabaseSync(join(test.folder, '.catalog', 'index.sqlite'));
    index.prepare(`UPDATE models SET record = json_set(record, '$.status', 'pulling') WHERE id = ?`).run(id);
  };
  const isOffline = { outbound: { isOffline: true } };
  await crash();
  const whole = await test.reopen(isOffline);
  expect(whole.get(id).status).toBe('installed');
  await crash();
  await chmod(path, 0o644);
  await writeFile(path, soundModel(1_000, 'evil'));
  const catalog = await test.reopen(isOffline);
  await expect(catalog.resolve(reference('a'))).rejects.toMatchObject({ code: 'FETCH_REFUSED' });
});
