// SPDX-License-Identifier: MIT
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { FakeClock } from '@llama-orch/orchestrator-core/testkit';
import { GroupCommit } from './group-commit.ts';
import { RECORD, type StoreCall } from './protocol.ts';
import { decodeRecords } from './record-text.ts';
import { StoreCallError } from './store-client.ts';
import type { StoreHealth } from './store-health.ts';

/** A thread whose answers the test gives. */
class HandClient {
  /** Records in each commit asked for so far. */
  readonly commits: number[] = [];
  readonly calls: { readonly call: StoreCall; readonly answer: PromiseWithResolvers<unknown> }[] = [];
  readonly gone = Promise.withResolvers<undefined>();
  readonly whenGone = this.gone.promise;

  readonly call = (call: StoreCall): Promise<never> => {
    const answer = Promise.withResolvers<unknown>();
    this.calls.push({ call, answer });
    if (call.kind === 'commit') this.commits.push(call.recordCount);
    return answer.promise as Promise<never>;
  };

  async acknowledge(spaceLow = false): Promise<void> {
    this.calls.at(-1)!.answer.resolve(spaceLow ? 'space-low' : undefined);
    await turn();
  }

  async fail(full: boolean): Promise<void> {
    this.calls.at(-1)!.answer.reject(new StoreCallError({ full, cause: 'no room' }));
    await turn();
  }
}

function setUp() {
  const [client, clock, healths] = [new HandClient(), new FakeClock(), [] as StoreHealth[]];
  const onHealth = (health: StoreHealth): void => void healths.push(health);
  const commits = new GroupCommit({ client, clock, spaceLow: false, lostRecordCount: 0, onHealth, gathers: true });
  const append = (count: number, text = 'id'): void => {
    for (let i = 0; i < count; i++) commits.append([RECORD.claim, text, i]);
  };
  return { client, clock, healths, commits, append };
}

verifies('ORCH-1204', 'records of one turn are one batch, and one batch is in flight', async () => {
  const { client, commits, append } = setUp();
  append(3);
  expect(client.commits).toEqual([]);
  await turn();
  append(2);
  await turn();
  append(1);
  await turn();
  expect(client.commits).toEqual([3]);
  const committed = commits.committed!;
  await client.acknowledge();
  expect(client.commits).toEqual([3, 3]);
  await client.acknowledge();
  await committed;
  expect([commits.committed, commits.pendingCount]).toEqual([undefined, 0]);
});

verifies('ORCH-1204', 'a batch holds at most 512 records and 1 MiB', async () => {
  const { client, append } = setUp();
  append(1_030);
  append(3, 'x'.repeat(400_000));
  append(1, 'x'.repeat(2 << 20));
  await turn();
  while (client.commits.reduce((sum, count) => sum + count) < 1_034) await client.acknowledge();
  expect(client.commits).toEqual([512, 512, 8, 1, 1]);
});

verifies('ORCH-1204', 'of records with the same key the newest of a batch is written', async () => {
  const { client, commits } = setUp();
  for (let count = 0; count < 5; count++) commits.appendLatest('key', [RECORD.claim, 'id', count]);
  await turn();
  commits.appendLatest('key', [RECORD.claim, 'id', 5]);
  await client.acknowledge();
  const batches = client.calls.map(({ call }) => (call.kind === 'commit' ? decodeRecords(call.records) : []));
  expect(batches).toEqual([
    [RECORD.claim, 'id', 4],
    [RECORD.claim, 'id', 5],
  ]);
});

verifies('ORCH-1204', 'what can wait shares the commit of what cannot, or waits as long as it may', async () => {
  const { client, clock, commits, append } = setUp();
  const patient = (patienceMs: number): void => commits.append([RECORD.claim, 'id', 0], patienceMs);
  patient(20);
  await turn();
  expect(client.commits).toEqual([1]); // after a quiet moment nothing waits
  await client.acknowledge();
  patient(20);
  patient(10);
  await turn();
  append(1);
  await turn();
  expect(client.commits).toEqual([1, 3]);
  patient(20);
  await client.acknowledge();
  patient(10);
  await clock.advance(9);
  expect(client.commits).toEqual([1, 3]);
  await clock.advance(1);
  expect(client.commits).toEqual([1, 3, 2]);
  patient(20);
  await client.acknowledge();
  commits.hurry();
  await turn();
  expect(client.commits).toEqual([1, 3, 2, 1]);
  await client.acknowledge();
  patient(20);
  const closed = commits.close();
  await turn();
  await client.acknowledge();
  await closed;
});

verifies('ORCH-1204', 'a full batch waits for nothing', async () => {
  const { client, commits, append } = setUp();
  append(1);
  await turn();
  await client.acknowledge();
  for (let count = 0; count < 513; count++) commits.append([RECORD.claim, 'id', count], 20);
  await turn();
  expect(client.commits).toEqual([1, 512]);
});

verifies('ORCH-1205', 'more than 4,096 waiting records refuse a submit until they are fewer', async () => {
  const { client, commits, append } = setUp();
  append(4_096);
  commits.demandRoom();
  append(1);
  const refusal = { code: 'STORE_UNAVAILABLE', retriable: true, retryAfterMs: 1_000 };
  expect(() => commits.demandRoom()).toThrow(expect.objectContaining(refusal));
  await turn();
  await client.acknowledge();
  commits.demandRoom();
});

verifies('ORCH-1212', 'a write that fails is told to submits and tried again', async () => {
  const { client, clock, healths, commits, append } = setUp();
  append(2);
  const [answered, committed] = [commits.answered!, commits.committed!];
  const refused = expect(answered).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retriable: true });
  await turn();
  await client.fail(true);
  await refused;
  expect(healths.at(-1)).toMatchObject({ state: 'full', cause: 'no room' });
  expect(() => commits.demandRoom()).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }));
  append(1);
  await turn();
  expect(client.commits).toEqual([2]);
  await clock.advance(500);
  expect(client.commits).toEqual([2, 3]);
  await client.acknowledge();
  await committed;
  expect(healths.at(-1)!.state).toBe('ok');
  expect(healths.at(-1)).not.toHaveProperty('cause');
});

verifies('ORCH-1212', 'while the ballast is used up submits are refused and everything else goes on', async () => {
  const { client, clock, healths, commits, append } = setUp();
  append(1);
  await turn();
  await client.acknowledge(true);
  expect(healths.at(-1)!.state).toBe('full');
  expect(() => commits.demandRoom()).toThrow('The disk of the store is full.');
  append(1);
  await turn();
  expect(client.commits).toEqual([1, 1]);
  await client.acknowledge(true);
  await clock.advance(500);
  expect(client.calls.at(-1)!.call.kind).toBe('regain');
  client.calls.at(-1)!.answer.resolve(false);
  await turn();
  await clock.advance(500);
  client.calls.at(-1)!.answer.resolve(true);
  await turn();
  commits.demandRoom();
});

verifies('ORCH-1205', 'a thread that ends takes nothing more', async () => {
  const { client, commits, healths, append } = setUp();
  append(1);
  const committed = expect(commits.committed).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await turn();
  client.gone.resolve(undefined);
  await committed;
  expect(healths.at(-1)).toMatchObject({ state: 'closed', cause: 'The thread of the store has ended.' });
  append(1);
  await expect(commits.committed).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(() => commits.demandRoom()).toThrow('The store is closed.');
});

verifies('ORCH-1214', 'a quiet second is used to tidy up, and slices give way to records', async () => {
  const { client, clock, append } = setUp();
  append(1);
  await turn();
  await client.acknowledge();
  await clock.advance(1_000);
  const tidied = (): number => client.calls.filter(({ call }) => call.kind === 'maintain').length;
  expect(tidied()).toBe(1);
  client.calls.at(-1)!.answer.resolve({ more: true, staleCount: 0 });
  await turn();
  expect(tidied()).toBe(2);
  append(1);
  client.calls.at(-1)!.answer.resolve({ more: true, staleCount: 0 });
  await turn();
  expect(tidied()).toBe(2);
});

verifies('ORCH-1219', 'under load the tables are brought up to date after 64 commits or 1,024 records', async () => {
  const { client, append } = setUp();
  const kinds = (): string => client.calls.map(({ call }) => call.kind.charAt(0)).join('');
  for (let commit = 0; commit < 65; commit++) {
    append(1);
    await turn();
    await client.acknowledge();
  }
  expect(kinds()).toBe(`${'c'.repeat(64)}mc`);
  append(1_025);
  await turn();
  await client.acknowledge();
  await client.acknowledge();
  expect(kinds()).toBe(`${'c'.repeat(64)}mcccmc`);
});

verifies(
  'ORCH-1219',
  'the tables are brought up to date before the journal holds more than some large prompts',
  async () => {
    const { client, append } = setUp();
    for (let commit = 0; commit < 4; commit++) {
      append(1, 'x'.repeat(1 << 20));
      await turn();
      await client.acknowledge();
    }
    expect(client.calls.map(({ call }) => call.kind)).toEqual(['commit', 'commit', 'commit', 'commit', 'maintain']);
  },
);
