// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { endlessRequest, never, runToEnd, startAdapter } from './__fixtures__/ready-adapter.ts';

verifies('ORCH-4240', 'closing while runs go on ends them and leaves nothing', async () => {
  await using _leaks = watchLeaks();
  const before = process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
  const adapter = await startAdapter({ slots: 2 });
  const started = Promise.withResolvers<undefined>();
  const runs = [1, 2].map(() => adapter.run(endlessRequest(), () => started.resolve(undefined), never));
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

verifies('ORCH-4241', 'a process with an adapter prints nothing, even when the engine complains', async () => {
  const script = new URL('./__fixtures__/silent-process.ts', import.meta.url).pathname;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    '--conditions=@llama-orch/source',
    '--disable-warning=ExperimentalWarning',
    script,
  ]);
  expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' });
});
