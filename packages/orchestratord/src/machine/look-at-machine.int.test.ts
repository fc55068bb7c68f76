// SPDX-License-Identifier: MIT
import { chmod, mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { formatMachine, lookAtMachine } from './look-at-machine.ts';

const CARD = {
  id: 'nvidia:0',
  vendor: 'nvidia',
  name: 'Card',
  totalBytes: 8,
  freeBytes: 5,
  driver: '550.54',
  utilizationRatio: 0.5,
} as const;

verifies('ORCH-1456', 'cards, drivers and engines on PATH are found; a broken driver is told', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'machine-'));
  const [first, second] = [join(folder.path, 'first'), join(folder.path, 'second')];
  await mkdir(join(first, 'tritonserver'), { recursive: true });
  await mkdir(second);
  await writeFile(join(first, 'vllm'), '');
  await writeFile(join(second, 'llama-server'), '');
  await chmod(join(second, 'llama-server'), 0o755);
  const env = { PATH: [first, second].join(delimiter) };
  const view = await lookAtMachine({ devices: { read: async () => [CARD] }, env });
  expect(view.engines).toEqual([{ name: 'llama-server', path: join(second, 'llama-server') }]);
  expect(JSON.parse(formatMachine(view))).toEqual({
    devices: [
      { id: 'nvidia:0', name: 'Card', total_bytes: 8, free_bytes: 5, driver: '550.54', utilization_ratio: 0.5 },
    ],
    engines: view.engines,
  });
  const broken = { read: () => Promise.reject(new Error('The driver does not answer.')) };
  expect(await lookAtMachine({ devices: broken, env: {} })).toEqual({
    devices: [],
    devicesFault: 'The driver does not answer.',
    engines: [],
  });
});
