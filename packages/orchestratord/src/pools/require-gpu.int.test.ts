// SPDX-License-Identifier: MIT
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { loadConfig } from '../config/load-config.ts';
import { startService } from '../service.ts';

/** No machine has so many. */
const MISSING = 'nvidia:97';

verifies(
  'ORCH-1424',
  'a pool whose device is missing is not loaded on the CPU, and its health says what is missing',
  async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'require-gpu-'));
    const file = join(folder.path, 'config.yaml');
    const pool = { adapter: 'mock', slots: 1, devices: [MISSING], require_gpu: true };
    await writeFile(
      file,
      JSON.stringify({
        listen: { port: 0 },
        pools: [
          { ...pool, id: 'large' },
          { id: 'small', adapter: 'mock' },
        ],
      }),
    );
    const service = await startService(loadConfig({ file, env: { XDG_STATE_HOME: folder.path } }), {
      log: () => undefined,
    });
    try {
      await service.settled;
      const load = await fetch(`${service.url}/v1/pools/large/load`, { method: 'POST' });
      expect([load.status, await load.json()]).toMatchObject([503, { code: 'POOL_UNREADY' }]);
      const health: unknown = await (await fetch(`${service.url}/v1/pools/large/health`)).json();
      const missing = expect.stringMatching(`^Device ${MISSING} is not there; `) as string;
      expect(health).toMatchObject({ ready: false, last_error: missing, replicas: [{ engine_state: 'stopped' }] });
    } finally {
      await service.stop('the test is over');
    }
  },
);
