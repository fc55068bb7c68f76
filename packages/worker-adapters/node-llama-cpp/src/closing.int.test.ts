// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { watchEngineThreads } from './__fixtures__/engine-threads.ts';
import { endlessRequest, never, runToEnd, startAdapter } from './__fixtures__/ready-adapter.ts';

verifies('ORCH-4240', 'closing while runs go on ends them and leaves nothing', async () => {
  await using _leaks = watchLeaks();
  const before = process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
  const adapter = await startAdapter({ slots: 2 });
  const started = Promise.withResolvers<undefined>();
  const runs = [1, 2].map(() => adapter.run(endlessRequest(), { onTokens: () => started.resolve(undefined) }, never));
  const ends = Promise.allSettled(runs);
  await started.promise;
  await adapter.close();
  for (const end of await ends) expect(end).toMatchObject({ status: 'rejected', reason: { code: 'WORKER_RESET' } });
  await adapter.close();
  const after = process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
  expect(after).toBe(before);
});

verifies('ORCH-4240', 'closing one adapter leaves another at work', async () => {
  await using survivor = await startAdapter();
  const expected = (await runToEnd(survivor)).text;
  const other = await startAdapter();
  const running = runToEnd(survivor);
  await other.close();
  expect((await running).text).toBe(expected);
  expect((await runToEnd(survivor)).text).toBe(expected);
});

verifies('ORCH-4242', 'an engine whose thread ends is failed for good', async () => {
  using threads = watchEngineThreads();
  await using adapter = await startAdapter();
  await threads.endAll();
  expect(await adapter.probe(never)).toMatchObject({ state: 'failed', error: { code: 'WORKER_RESET' } });
  await expect(runToEnd(adapter)).rejects.toMatchObject({ code: 'WORKER_RESET' });
});

verifies('ORCH-4243', 'a process that exits in the middle of a generation exits as it wants to', async () => {
  await expect(runScript('exiting-process.ts')).rejects.toMatchObject({ code: 7, stdout: '', stderr: '' });
});

verifies('ORCH-4241', 'a process with an adapter prints nothing, even when the engine complains', async () => {
  expect(await runScript('silent-process.ts')).toEqual({ stdout: '', stderr: '' });
});

function runScript(name: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const path = new URL(`./__fixtures__/${name}`, import.meta.url).pathname;
  return promisify(execFile)(process.execPath, ['--conditions=@llama-orch/source', path]);
}
