// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { spawnNode, type SpawnedProcess } from '../__fixtures__/spawn-node.ts';
import { findFreePort } from '../service/look-at-port.ts';
import { findOrchestratord } from '../service/orchestratord.ts';

const LLORCH_CONFIG = join(import.meta.dirname, '../__fixtures__/mock-service.yaml');

const demo = (port: number, env: Record<string, string> = {}): SpawnedProcess =>
  spawnNode('demo-main.ts', [], { LLORCH_LISTEN_PORT: String(port), ...env });

verifies(
  ['ORCH-2650', 'ORCH-2652'],
  'the demo shows self-test, address, place, tokens and receipt of the embedded model, and ends when told',
  async () => {
    await using _leaks = watchLeaks();
    expect(findOrchestratord().main).toMatch(/src\/main\.ts$/);
    const port = await findFreePort('127.0.0.1');
    await using shown = demo(port, { LLORCH_START_ONCE: '1' });
    expect(await shown.exitCode, shown.written.stderr).toBe(0);
    const { stdout } = shown.written;
    for (const step of ['decode', 'cancel', 'metrics']) expect(stdout).toContain(`The self-test passed: ${step}.`);
    expect(stdout).toContain(`http://127.0.0.1:${port}`);
    expect(stdout).toMatch(/^Place {4}next in line, starts now$/m);
    expect(stdout.split(/^Place.*$/m)[1]?.split(/^Tokens/m)[0]).toMatch(/\blantern\b/);
    expect(stdout).toMatch(/^Receipt {2}seed \d+, strict/m);
    expect(stdout).toMatch(/node-llama-cpp .*sha256:[0-9a-f]{64}$/m);
  },
);

verifies(
  ['ORCH-2650', 'ORCH-2651'],
  'the demo serves on until Ctrl-C, its curl streams when pasted, and a second demo uses it',
  async () => {
    await using _leaks = watchLeaks();
    const port = await findFreePort('127.0.0.1');
    await using serving = demo(port, { LLORCH_CONFIG });
    const [, curl] = await serving.sees(/^Try +(curl .*)$/m);
    await serving.sees(/Serving until Ctrl-C/);
    const { stdout } = await promisify(execFile)('sh', ['-c', curl!]);
    expect(stdout).toMatch(/^event: started$[\s\S]*^event: token$[\s\S]*^event: end$/m);

    await using second = demo(port);
    expect(await second.exitCode).toBe(0);
    expect(second.written.stdout).toMatch(/already answers at http:[\s\S]*^Receipt/m);

    serving.kill('SIGINT');
    expect(await serving.exitCode).toBe(0);
  },
);

verifies('ORCH-2650', 'a demo whose service is killed says so and exits with 1', async () => {
  await using _leaks = watchLeaks();
  await using serving = demo(await findFreePort('127.0.0.1'), { LLORCH_CONFIG });
  await serving.sees(/Serving until Ctrl-C/);
  const children = await readFile(`/proc/${serving.pid}/task/${serving.pid}/children`, 'utf8');
  process.kill(Number(children), 'SIGKILL');
  expect(await serving.exitCode).toBe(1);
  expect(serving.written.stderr).toContain('The service ended unasked: killed by SIGKILL.');
});

verifies('ORCH-2651', 'a port held by another program is told and the next free one is taken', async () => {
  await using _leaks = watchLeaks();
  const held = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(held, 'listening');
  const { port } = held.address() as AddressInfo;
  await using shown = demo(port, { LLORCH_CONFIG, LLORCH_START_ONCE: '1' });
  expect(await shown.exitCode).toBe(0);
  expect(shown.written.stdout).toMatch(new RegExp(`Port ${port} is held by another program; taking \\d+`));
  held.close();
  await once(held, 'close');
});

verifies('ORCH-2652', 'a demo whose service does not start says why and exits with 1', async () => {
  await using shown = demo(await findFreePort('127.0.0.1'), { LLORCH_CONFIG: '/nowhere.yaml', LLORCH_START_ONCE: '1' });
  expect(await shown.exitCode).toBe(1);
  expect(shown.written.stderr).toContain('/nowhere.yaml');
});
