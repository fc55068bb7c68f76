// SPDX-License-Identifier: MIT
import { findLlamaServer, verifies } from '@llama-orch/test-kit';
import { tinyModelPath } from '@llama-orch/tiny-model';
import { expect, test } from 'vitest';
import { connectTo, engineRig, isRunning, until, type EngineRig } from '../__fixtures__/engine-processes.ts';
import { TASK } from '../__fixtures__/fake-engines.ts';

const BINARY = findLlamaServer();
const KILL_COUNT = 5;
const never = new AbortController().signal;

if (BINARY === undefined) {
  test.skip('a managed llama-server (left out: no llama-server in LLAMA_SERVER or on PATH)');
} else {
  liveTests(BINARY);
}

function liveTests(binary: string): void {
  const serverRig = (model: string): Promise<EngineRig> =>
    engineRig({
      launcher: {
        command: binary,
        args: [...'-t 1 -np {slots} -c {ctx_total} --host 127.0.0.1 --port {port} -m'.split(' '), '{model}'],
        values: { model },
        connect: ({ baseUrl }) => connectTo(baseUrl),
      },
      replica: { capacity: { slots: 1, ctxMaxTokens: 512 }, devices: [] },
    });

  verifies(
    ['ORCH-1402', 'ORCH-1406', 'ORCH-1413'],
    'a llama-server is started, killed again and again, and stopped',
    async () => {
      await using rig = await serverRig(tinyModelPath);
      await rig.replica.load();
      for (let count = 0; count < KILL_COUNT; count += 1) {
        const pid = rig.pid();
        const run = rig.replica.adapter.run(
          { ...TASK, maxTokens: 256 },
          { onTokens: () => process.kill(pid, 'SIGKILL') },
          never,
        );
        await expect(run).rejects.toMatchObject({ code: 'WORKER_RESET' });
        await until(() => rig.pid() !== pid && rig.replica.view().state === 'ready');
        expect(await isRunning(pid)).toBe(false);
      }
      await expect(rig.replica.adapter.run(TASK, { onTokens: () => undefined }, never)).resolves.toMatchObject({
        tokensOut: 8,
      });
      const last = rig.pid();
      await rig.replica.unload();
      expect(await isRunning(last)).toBe(false);
    },
  );

  verifies('ORCH-1403', 'a llama-server that cannot load its model says so', async () => {
    await using rig = await serverRig('/nowhere/model.gguf');
    await expect(rig.replica.load({ attemptCount: 1 })).rejects.toMatchObject({ details: { reason: 'load_failed' } });
    expect(rig.replica.view().logTail.join('\n')).toContain('/nowhere/model.gguf');
  });
}
