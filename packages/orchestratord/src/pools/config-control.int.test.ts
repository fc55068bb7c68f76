// SPDX-License-Identifier: MIT
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { loadConfig } from '../config/load-config.ts';
import { startService } from '../service.ts';
import type { ConfigReload } from './config-control.ts';

const HELD = '[[mock start_ms=600000]]';

interface Reloadable extends AsyncDisposable {
  readonly url: string;
  /** Writes other pools into the file and has it read again. */
  reload(pools: readonly object[], sections?: object): Promise<ConfigReload>;
}

async function startReloadable(pools: readonly object[]): Promise<Reloadable> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'reload-'));
  const file = join(folder.path, 'config.yaml');
  const write = (now: readonly object[], sections: object = {}): Promise<void> =>
    writeFile(file, JSON.stringify({ listen: { port: 0 }, shutdown: { grace_ms: 0 }, pools: now, ...sections }));
  await write(pools);
  const readConfig = () => loadConfig({ file, env: { XDG_STATE_HOME: folder.path } });
  const service = await startService(readConfig(), { log: () => undefined }, { readConfig });
  await service.settled;
  return {
    url: service.url,
    async reload(now, sections) {
      await write(now, sections);
      return service.reloadConfig();
    },
    async [Symbol.asyncDispose]() {
      await service.stop('the test is over');
      await folder.remove();
    },
  };
}

async function call(service: Reloadable, path: string, body?: object): Promise<Record<string, unknown>> {
  const init = body && { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  return (await (await fetch(`${service.url}${path}`, init)).json()) as Record<string, unknown>;
}

const pool = (id: string, keys: object = {}): object => ({
  id,
  adapter: 'mock',
  slots: 1,
  options: { directives: true },
  ...keys,
});

verifies(['ORCH-1455', 'ORCH-5100'], 'only pools whose section has changed are touched', async () => {
  await using service = await startReloadable([pool('kept'), pool('ruled'), pool('other'), pool('gone')]);
  const job = await call(service, '/v1/tasks', { prompt: HELD, pool_id: 'kept' });
  const waiting = await call(service, '/v1/tasks', { prompt: HELD, pool_id: 'kept' });
  const { pools, restartNeeded } = await service.reload(
    [pool('kept'), pool('ruled', { max_tokens_out: 9 }), pool('other', { model: 'next' }), pool('new')],
    { queue: { interactive_tasks: 7 } },
  );
  expect(Object.fromEntries(pools.map(({ poolId, change }) => [poolId, change]))).toEqual({
    kept: 'unchanged',
    ruled: 'reloaded',
    other: 'reloaded',
    gone: 'removed',
    new: 'added',
  });
  expect(restartNeeded).toEqual(['queue']);
  expect((await call(service, `/v1/tasks/${String(job['task_id'])}`))['state']).toBe('running');
  expect((await call(service, `/v1/tasks/${String(waiting['task_id'])}`))['state']).toBe('queued');
  const { pools: capabilities } = await call(service, '/v1/capabilities');
  const byId = Object.groupBy(capabilities as { pool_id: string }[], ({ pool_id: id }) => id);
  expect(Object.keys(byId).toSorted()).toEqual(['kept', 'new', 'other', 'ruled']);
  expect(byId['ruled']).toMatchObject([{ max_tokens_out: 9 }]);
  expect(byId['other']).toMatchObject([{ model_id: 'next' }]);
  for (const [id, replica] of [
    ['kept', 'kept-0'],
    ['ruled', 'ruled-0'],
    ['other', 'other-0b'],
  ] as const) {
    const { replicas } = await call(service, `/v1/pools/${id}/health`);
    expect(replicas).toMatchObject([{ replica_id: replica, state: 'ready' }]);
  }
  expect((await service.reload([pool('kept'), pool('ruled'), pool('other'), pool('new')])).pools).toHaveLength(4);
});

verifies(
  ['ORCH-1455', 'ORCH-5100'],
  'a file that cannot be used changes nothing and is told fault by fault',
  async () => {
    await using service = await startReloadable([pool('kept')]);
    const refused = await service.reload([pool('kept', { slots: 0 })]).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'INVALID_PARAMS',
      details: { faults: [{ path: '$.pools[0].slots', expected: '>= 1', actual: '0' }] },
    });
    expect((await call(service, '/v1/pools/kept/health'))['ready']).toBe(true);
  },
);

verifies(['ORCH-1455', 'ORCH-1452'], 'a changed pool whose engines do not come up serves on as it was', async () => {
  await using service = await startReloadable([pool('kept')]);
  const { pools } = await service.reload([pool('kept', { options: { directives: true, fail_load: true } })]);
  expect(pools).toMatchObject([{ poolId: 'kept', change: 'failed', reason: expect.any(String) }]);
  expect((await call(service, '/v1/pools/kept/health'))['ready']).toBe(true);
  expect((await service.reload([pool('kept')])).pools).toMatchObject([{ change: 'unchanged' }]);
});
