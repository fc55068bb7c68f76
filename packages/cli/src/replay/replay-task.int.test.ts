// SPDX-License-Identifier: MIT
import { createClient } from '@llama-orch/client';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { spawnNode } from '../__fixtures__/spawn-node.ts';
import { makeStateFolder } from '../__fixtures__/state-folder.ts';
import { findFreePort } from '../service/look-at-port.ts';
import { startService } from '../service/start-service.ts';

const LIMIT_MS = 120_000;

verifies(
  'ORCH-1238',
  'on the real engine a replay is identical, also of a turn of a session and of one that drew its seed',
  async () => {
    using state = makeStateFolder();
    const port = await findFreePort('127.0.0.1');
    await using service = await startService({ port, env: state.env, readyTimeoutMs: LIMIT_MS });
    const client = createClient({ baseUrl: service.url });
    for (const content of ['a haiku about rain', 'and now about snow']) {
      const { task_id: taskId } = await client.submit({
        messages: [{ role: 'user', content }],
        session_id: 'talk',
        temperature: 1.1,
      });
      const { end } = await client.stream(taskId).result();
      await using replay = spawnNode('main.ts', ['replay', taskId], { LLORCH_URL: service.url });
      expect(await replay.exitCode, replay.written.stderr).toBe(0);
      expect(replay.written.stdout).toContain(`output sha256 ${end.receipt?.output_sha256 ?? 'none'}`);
    }
  },
);
