// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { fileOf, leaveTrace, openTestStore, readAll } from './__fixtures__/test-store.ts';

verifies('ORCH-1334', 'what is old goes, unless a tag, a child or a kept task needs it', async () => {
  await using test = await openTestStore();
  const { store } = test;
  const id = async (draft: Parameters<typeof store.put>[0]): Promise<string> => (await store.put(draft)).artifact.id;
  const loose = await id({ kind: 'summary', content: 'loose' });
  const tagged = await id({ kind: 'summary', content: 'tagged', tags: ['keep'] });
  const parent = (await store.put({ kind: 'plan', content: 'parent' })).artifact.id;
  const child = await id({ kind: 'diff', content: 'child', parent });
  const trace = (await leaveTrace(store, { jobId: 'j', taskId: 't' }, 'trace')).id;
  test.keptTasks.add('t');
  const left = async (): Promise<readonly string[]> => (await store.list({ limit: 9 })).artifacts.map((a) => a.id);
  expect(await store.collect()).toBe(0);
  test.advance(1_001);
  const young = await id({ kind: 'summary', content: 'young' });
  expect(await store.collect()).toBe(2);
  expect(await left()).toEqual([young, trace, parent, tagged]);
  expect(loose).not.toBe(child);
  test.keptTasks.clear();
  expect(await store.collect()).toBe(2);
  expect(await left()).toEqual([young, tagged]);
  expect(await test.files()).toHaveLength(2);
});

verifies('ORCH-1334', 'above the total size the oldest go first', async () => {
  await using test = await openTestStore({ maxTotalBytes: 1_000 });
  const { store } = test;
  const put = (name: string): ReturnType<typeof store.put> => store.put({ kind: 'plan', content: name.repeat(298) });
  for (const name of ['a', 'b', 'c']) await put(name);
  expect(await store.collect()).toBe(0);
  const { artifact } = await put('d');
  const { artifacts } = await store.list({ limit: 9 });
  expect(artifacts.map(({ sizeBytes }) => sizeBytes)).toEqual([300, 300, 300]);
  expect(artifacts[0]).toEqual(artifact);
  expect(await readAll(store, artifacts[2]!.id)).toBe(JSON.stringify('b'.repeat(298)));
});

verifies(
  'ORCH-1334',
  'when all the room is needed an upload is refused, and a job still leaves its artifact',
  async () => {
    await using test = await openTestStore({ maxTotalBytes: 300 });
    const { store } = test;
    await store.put({ kind: 'plan', content: 'a'.repeat(290), tags: ['keep'] });
    await expect(store.put({ kind: 'plan', content: 'b'.repeat(290) })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      details: { limit: 300, unit: 'bytes' },
    });
    expect((await store.list({ limit: 9 })).artifacts).toHaveLength(1);
    const job = { jobId: 'j', taskId: 't' };
    expect(await leaveTrace(store, job, 'c'.repeat(290))).toMatchObject({ sizeBytes: 292 });
  },
);

verifies('ORCH-1334', 'an artifact that is being read stays until its reader has left', async () => {
  await using test = await openTestStore();
  const content = 'r'.repeat(900_000);
  const { artifact } = await test.store.put({ kind: 'transcript', content });
  test.advance(5_000);
  const [one, other] = [await test.store.read(artifact.id), await test.store.read(artifact.id)];
  expect((await one!.chunks.next()).value).toHaveLength(256 * 1024);
  expect(await test.store.collect()).toBe(0);
  await one![Symbol.asyncDispose]();
  await one![Symbol.asyncDispose]();
  expect(await test.store.collect()).toBe(0);
  expect(Buffer.concat(await Array.fromAsync(other!.chunks)).toString()).toBe(JSON.stringify(content));
  expect(await test.files()).toEqual([fileOf(artifact.id)]);
  await other![Symbol.asyncDispose]();
  expect(await test.store.collect()).toBe(1);
  expect(await test.files()).toEqual([]);
});

verifies('ORCH-1334', 'many are collected in slices, past those that are kept', async () => {
  await using test = await openTestStore();
  const jobs = Array.from({ length: 450 }, (_, i) => ({ jobId: `j${i}`, taskId: `t${i}` }));
  const stored = jobs.map((job) => test.store.leaveTrace({ ...job, content: () => job.jobId }));
  await test.store.flush();
  expect(await Promise.all(stored)).toHaveLength(450);
  for (const { taskId } of jobs.slice(0, 220)) test.keptTasks.add(taskId);
  test.advance(5_000);
  expect(await test.store.collect()).toBe(230);
  expect((await test.store.list({ limit: 500 })).artifacts).toHaveLength(220);
});
