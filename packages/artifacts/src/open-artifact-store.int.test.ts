// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { mkdir, mkdtempDisposable, readFile, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { filesIn, fileOf, leaveTrace, openTestStore, readAll, testOptions } from './__fixtures__/test-store.ts';
import type { ArtifactJob } from './artifact.ts';
import type { ArtifactId } from './artifact-id.ts';
import { openArtifactStore } from './open-artifact-store.ts';

const UNKNOWN = `sha256:${'0'.repeat(64)}` as ArtifactId;

verifies('ORCH-1330', 'what is stored can be found, read and listed, also after a restart', async () => {
  await using _leaks = watchLeaks();
  await using folder = await mkdtempDisposable(join(tmpdir(), 'artifacts-'));
  const options = testOptions(join(folder.path, 'deep/artifacts'));
  const first = await openArtifactStore(options);
  const plan = await first.put({ kind: 'plan', content: { steps: ['a'] }, tags: ['b', 'a', 'b'] });
  const diff = await first.put({ kind: 'diff', content: '- a\n+ b\n', parent: plan.artifact.id });
  await first.close();
  await first.close();
  const second = await openArtifactStore(options);
  expect(plan).toMatchObject({ isNew: true, artifact: { kind: 'plan', tags: ['a', 'b'], sizeBytes: 15 } });
  expect(await second.find(plan.artifact.id)).toEqual(plan.artifact);
  expect(await second.find(UNKNOWN)).toBeUndefined();
  expect(await second.read(UNKNOWN)).toBeUndefined();
  expect(await readAll(second, plan.artifact.id)).toBe('{"steps":["a"]}');
  expect(await readAll(second, diff.artifact.id)).toBe('"- a\\n+ b\\n"');
  expect((await second.list({ limit: 9 })).artifacts).toEqual([diff.artifact, plan.artifact]);
  await second.close();
  await expect(second.find(plan.artifact.id)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
});

verifies('ORCH-1330', 'a list is filtered and comes page by page', async () => {
  await using test = await openTestStore();
  const { store } = test;
  const root = await store.put({ kind: 'plan', content: 'root', tags: ['x'] });
  const put = (content: string): ReturnType<typeof store.put> =>
    store.put({ kind: 'summary', content, tags: [content], parent: root.artifact.id });
  const children = [await put('c0'), await put('c1'), await put('c2')].map(({ artifact }) => artifact);
  const trace = await leaveTrace(store, { jobId: 'j', taskId: 't' }, 'trace');
  const newest = await store.list({ limit: 2, parent: root.artifact.id });
  expect(newest.artifacts).toEqual([children[2], children[1]]);
  const rest = await store.list({ limit: 2, parent: root.artifact.id, cursor: newest.nextCursor! });
  expect(rest).toEqual({ artifacts: [children[0]] });
  expect((await store.list({ limit: 9, tag: 'c1' })).artifacts).toEqual([children[1]]);
  expect((await store.list({ limit: 9, kind: 'plan', tag: 'x' })).artifacts).toEqual([root.artifact]);
  expect((await store.list({ limit: 9, taskId: 't' })).artifacts).toEqual([trace]);
  expect((await store.list({ limit: 9, kind: 'diff' })).artifacts).toEqual([]);
});

verifies('ORCH-1330', 'equal content sent in parallel is one artifact with all tags and one file', async () => {
  await using test = await openTestStore();
  const puts = Array.from({ length: 50 }, (_, i) =>
    test.store.put({ kind: i === 0 ? 'plan' : 'diff', content: { a: 1, b: 2 }, tags: [`t${i % 5}`] }),
  );
  const stored = await Promise.all(puts);
  expect(new Set(stored.map(({ artifact }) => artifact.id)).size).toBe(1);
  expect(stored.filter(({ isNew }) => isNew)).toHaveLength(1);
  const { id } = stored[0]!.artifact;
  expect(await test.store.find(id)).toMatchObject({ kind: 'plan', tags: ['t0', 't1', 't2', 't3', 't4'] });
  expect(await test.files()).toEqual([fileOf(id)]);
});

verifies('ORCH-1331', 'a job has at most one artifact', async () => {
  await using test = await openTestStore();
  const job = { jobId: 'job-1', taskId: 'task-1' };
  const [one, other] = await Promise.all([
    leaveTrace(test.store, job, { attempt: 1 }),
    leaveTrace(test.store, job, { attempt: 2 }),
  ]);
  expect(other).toEqual(one);
  expect(await leaveTrace(test.store, job, { attempt: 3 })).toEqual(one);
  expect(await readAll(test.store, one.id)).toBe('{"attempt":1}');
  expect(await test.store.missingJobs([0, 1, 2].map((i) => ({ jobId: `job-${i}`, taskId: `task-${i}` })))).toEqual([
    'job-0',
    'job-2',
  ]);
});

verifies('ORCH-1331', 'a trace that cannot be made or stored keeps no other from being stored', async () => {
  await using test = await openTestStore();
  const job = (name: string): ArtifactJob => ({ jobId: name, taskId: name });
  const broken = () => {
    throw new TypeError('broken');
  };
  const left = [
    test.store.leaveTrace({ ...job('broken'), content: broken }),
    test.store.leaveTrace({ ...job('half'), content: () => ({ '\ud800b': 1, a: '\\ud800' }) }),
  ];
  expect(left[1]).toBe(left[0]);
  await Promise.all([expect(left[0]).rejects.toThrow('broken'), test.store.flush()]);
  expect(await test.store.missingJobs([job('broken'), job('half')])).toEqual(['broken']);
  const [trace] = (await test.store.list({ limit: 9 })).artifacts;
  expect(await readAll(test.store, trace!.id)).toBe(JSON.stringify({ a: '\\ud800', '\ufffdb': 1 }));
});

/** Changes the index of a store that is closed. */
function rewrite(directory: string, sql: string): void {
  const database = new DatabaseSync(join(directory, 'index.sqlite'));
  database.exec(sql);
  database.close();
}

verifies(
  ['ORCH-1331', 'ORCH-1332'],
  'a small artifact of a job is no file, and is verified and repaired all the same',
  async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'artifacts-'));
    const directory = join(folder.path, 'artifacts');
    const damagedIds: string[] = [];
    const options = { ...testOptions(directory), onDamaged: (id: string) => void damagedIds.push(id) };
    let store = await openArtifactStore(options);
    const { id } = await leaveTrace(store, { jobId: 'small', taskId: 't' }, { b: 1, a: 2 });
    const large = await leaveTrace(store, { jobId: 'large', taskId: 't' }, 'x'.repeat(70_000));
    expect(await filesIn(directory)).toEqual([fileOf(large.id)]);
    expect(await readAll(store, id)).toBe('{"a":2,"b":1}');
    await store.close();
    rewrite(directory, "UPDATE content SET body = CAST('something else' AS BLOB)");
    store = await openArtifactStore(options);
    await expect(readAll(store, id)).rejects.toMatchObject({ code: 'UNTRUSTED_ARTIFACT' });
    expect(damagedIds).toEqual([id]);
    expect(await store.put({ kind: 'plan', content: { a: 2, b: 1 } })).toMatchObject({
      isNew: false,
      artifact: { id },
    });
    expect(await readAll(store, id)).toBe('{"a":2,"b":1}');
    await store.close();
    expect(await filesIn(directory)).toEqual([fileOf(large.id)]);
  },
);

verifies('ORCH-1330', 'an index of an older version goes on', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'artifacts-'));
  const directory = join(folder.path, 'artifacts');
  let store = await openArtifactStore(testOptions(directory));
  const { id } = (await store.put({ kind: 'plan', content: 'kept' })).artifact;
  await store.close();
  rewrite(directory, 'DROP TABLE content; PRAGMA user_version = 1');
  store = await openArtifactStore(testOptions(directory));
  const trace = await leaveTrace(store, { jobId: 'j', taskId: 't' }, 'new');
  expect(await readAll(store, id)).toBe('"kept"');
  await store.close();
  rewrite(
    directory,
    `CREATE TABLE old(artifact_id TEXT PRIMARY KEY REFERENCES artifact(id) ON DELETE CASCADE, body BLOB NOT NULL) STRICT;
     INSERT INTO old SELECT id, body FROM content JOIN artifact ON seq = artifact_seq;
     DROP TABLE content; ALTER TABLE old RENAME TO content; PRAGMA user_version = 2`,
  );
  store = await openArtifactStore(testOptions(directory));
  expect(await readAll(store, trace.id)).toBe('"new"');
  await store.close();
});

verifies('ORCH-1333', 'what is refused leaves neither file nor row', async () => {
  await using test = await openTestStore({ maxBytes: 100 });
  const { store } = test;
  const cases = [
    [{ content: 'x'.repeat(99) }, 'PAYLOAD_TOO_LARGE', '$.content'],
    [{ content: 'x', expectedId: UNKNOWN }, 'UNTRUSTED_ARTIFACT', '$.artifact_id'],
    [{ content: 'x', parent: UNKNOWN }, 'NOT_FOUND', '$.parent'],
    [{ content: '\ud800' }, 'INVALID_PARAMS', '$.content'],
  ] as const;
  const good = store.put({ kind: 'plan', content: 'x'.repeat(98) });
  for (const [draft, code, field] of cases) {
    const refused = store.put({ kind: 'plan', ...draft });
    await expect(refused).rejects.toMatchObject({ code, details: { field } });
  }
  const { artifact } = await good;
  expect((await store.list({ limit: 9 })).artifacts).toEqual([artifact]);
  expect(await test.files()).toEqual([fileOf(artifact.id)]);
  expect(
    (
      await store.put({
        kind: 'plan',
        content: 'y',
        expectedId: (await store.put({ kind: 'plan', content: 'y' })).artifact.id,
      })
    ).isNew,
  ).toBe(false);
});

verifies('ORCH-1333', 'a write that fails half way leaves neither file nor row', async () => {
  await using test = await openTestStore();
  await rm(join(test.directory, 'objects'), { recursive: true });
  await expect(test.store.put({ kind: 'plan', content: 'x' })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(await test.files()).toEqual([]);
  expect((await test.store.list({ limit: 9 })).artifacts).toEqual([]);
});

verifies('ORCH-1333', 'a process killed while it writes leaves whole artifacts only', async () => {
  for (let round = 0; round < 3; round += 1) {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'artifacts-'));
    const main = join(import.meta.dirname, '__fixtures__/endless-uploads.ts');
    const child = spawn(process.execPath, ['--conditions=@llama-orch/source', main, folder.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const told: ArtifactId[] = [];
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      told.push(line as ArtifactId);
      if (told.length === 5 + round) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const store = await openArtifactStore(testOptions(folder.path));
    const { artifacts } = await store.list({ limit: 1_000 });
    expect(artifacts.map(({ id }) => id)).toEqual(expect.arrayContaining(told));
    expect(await filesIn(folder.path)).toEqual(artifacts.map(({ id }) => fileOf(id)).sort());
    for (const { id } of artifacts)
      expect(await readAll(store, id)).toHaveLength(artifacts.find((a) => a.id === id)!.sizeBytes);
    await store.close();
  }
});

verifies('ORCH-1333', 'what a killed process left half done is gone after the next start', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'artifacts-'));
  const before = await openArtifactStore(testOptions(folder.path));
  const { artifact } = await before.put({ kind: 'plan', content: 'kept' });
  await before.close();
  await writeFile(join(folder.path, 'incoming/half'), 'ha');
  await mkdir(join(folder.path, 'objects/00'));
  await writeFile(join(folder.path, fileOf(UNKNOWN)), 'without a row');
  const after = await openArtifactStore(testOptions(folder.path));
  expect(await filesIn(folder.path)).toEqual([fileOf(artifact.id)]);
  await after.close();
});

verifies('ORCH-1332', 'a content that was changed on the disk is never read to its end, and told', async () => {
  await using test = await openTestStore();
  const large = 'z'.repeat(700_000);
  for (const content of ['small', large]) {
    const { artifact } = await test.store.put({ kind: 'plan', content });
    const path = join(test.directory, fileOf(artifact.id));
    const whole = await readFile(path);
    const flipped = Buffer.from(whole);
    flipped[whole.length >> 1]! ^= 0x40;
    for (const damage of [
      () => writeFile(path, flipped),
      () => truncate(path, whole.length - 1),
      () => writeFile(path, `${whole.toString()}x`),
      () => rm(path),
      () => symlink('/etc/hostname', path),
      () => rm(path).then(() => mkdir(path)),
    ]) {
      await damage();
      await expect(readAll(test.store, artifact.id)).rejects.toMatchObject({ code: 'UNTRUSTED_ARTIFACT' });
      expect(test.damaged.at(-1)).toBe(artifact.id);
    }
    await rm(path, { recursive: true });
    expect(await test.store.put({ kind: 'plan', content })).toEqual({ artifact, isNew: false });
    expect(await readAll(test.store, artifact.id)).toBe(JSON.stringify(content));
  }
  expect(test.damaged).toHaveLength(12);
});

verifies('ORCH-1335', 'a link in the place of a folder is not followed', async () => {
  await using test = await openTestStore();
  await using outside = await mkdtempDisposable(join(tmpdir(), 'outside-'));
  const { artifact } = await test.store.put({ kind: 'plan', content: 'x' });
  const folder = join(test.directory, fileOf(artifact.id).slice(0, 'objects/00'.length));
  await rename(folder, join(outside.path, 'moved'));
  await symlink(join(outside.path, 'moved'), folder);
  await expect(readAll(test.store, artifact.id)).rejects.toMatchObject({ code: 'UNTRUSTED_ARTIFACT' });
  await expect(test.store.put({ kind: 'plan', content: 'x' })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(await filesIn(outside.path)).toHaveLength(1);
  test.advance(5_000);
  await expect(test.store.collect()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(await filesIn(outside.path)).toHaveLength(1);
});

verifies('ORCH-1335', 'a directory that is a link, or not a directory, or held, is refused', async () => {
  await using test = await openTestStore();
  await using folder = await mkdtempDisposable(join(tmpdir(), 'artifacts-'));
  const at = (name: string): string => join(folder.path, name);
  await symlink(test.directory, at('link'));
  await mkdir(at('linked-index'));
  await writeFile(at('target'), '');
  await symlink(at('target'), at('linked-index/index.sqlite'));
  await writeFile(at('file'), '');
  for (const directory of [test.directory, at('link'), at('linked-index'), at('file')]) {
    await expect(openArtifactStore(testOptions(directory)), directory).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
  }
  expect((await stat(at('target'))).size).toBe(0);
});

verifies('ORCH-1335', 'what is stored is for its owner alone', async () => {
  await using test = await openTestStore();
  const { artifact } = await test.store.put({ kind: 'plan', content: 'x' });
  for (const path of ['', 'objects', 'incoming']) {
    expect((await stat(join(test.directory, path))).mode & 0o077, path).toBe(0);
  }
  expect((await stat(join(test.directory, fileOf(artifact.id)))).mode & 0o077).toBe(0);
});
