// SPDX-License-Identifier: MIT
import { readdir } from 'node:fs/promises';
import { expect } from 'vitest';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { TEST_POOL, buildTask } from '@llama-orch/orchestrator-core/testkit';
import { openStore, temporaryDirectory } from './__fixtures__/test-store.ts';

const quiet = new AbortController().signal;

verifies(['ORCH-1202', 'ORCH-1204'], 'closing commits what was decided and leaves nothing running', async () => {
  await using _leaks = watchLeaks();
  await using directory = await temporaryDirectory();
  const backend = await openStore(directory.path);
  const waiting = backend.queue.claim('other' as typeof TEST_POOL, quiet);
  const admissions = Promise.all(Array.from({ length: 700 }, () => backend.queue.admit(buildTask())));
  await Promise.all([backend.close(), backend.close()]);
  expect((await admissions).every(({ outcome }) => outcome === 'accepted')).toBe(true);
  expect(await waiting).toBeUndefined();
  expect((await readdir(directory.path)).toSorted()).toEqual(['queue.ballast', 'queue.high-water', 'queue.sqlite']);
  const reopened = await openStore(directory.path);
  expect((await reopened.store.recover()).tasks).toHaveLength(700);
  await expect(reopened.store.recover()).rejects.toMatchObject({ code: 'INTERNAL' });
  await reopened.close();
});

verifies('ORCH-1205', 'a closed store refuses tasks and takes no harm from late progress', async () => {
  await using directory = await temporaryDirectory();
  const backend = await openStore(directory.path);
  await backend.queue.admit(buildTask());
  const lease = (await backend.queue.claim(TEST_POOL, quiet))!;
  await backend.close();
  const unavailable = { code: 'STORE_UNAVAILABLE' };
  backend.store.keepProgress(lease, { pieceCount: 1, sha256: 'a'.repeat(64) });
  await expect(backend.queue.admit(buildTask())).rejects.toMatchObject(unavailable);
  await expect(backend.queue.settle(lease, { outcome: 'completed' })).rejects.toMatchObject(unavailable);
  await expect(backend.store.keepAttempts(lease, [])).rejects.toMatchObject(unavailable);
  expect(backend.health.state).toBe('closed');
});
