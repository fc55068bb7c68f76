// SPDX-License-Identifier: MIT
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { spawnNode } from '../__fixtures__/spawn-node.ts';
import { findFreePort } from '../service/look-at-port.ts';

const mockConfig = join(import.meta.dirname, '../__fixtures__/mock-service.yaml');

async function configFile(yaml: string): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'llama-orch-cli-'));
  const path = join(folder, 'config.yaml');
  await writeFile(path, yaml);
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** Another program that holds a port. */
async function holdPort(): Promise<AsyncDisposable & { readonly port: number }> {
  const server: Server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

verifies('ORCH-2630', 'a valid configuration passes the check', async () => {
  await using command = spawnNode('main.ts', ['check', mockConfig]);
  expect(await command.exitCode).toBe(0);
  expect(command.written.stdout).toContain('is valid');
});

verifies('ORCH-2630', 'every fault is told with path, expected and found, and exits with 78', async () => {
  await using config = await configFile(
    'listen: { port: high }\npools: [{ id: a, adapter: mock }, { id: a, adapter: mock }]\n',
  );
  await using command = spawnNode('main.ts', ['check', config.path]);
  expect(await command.exitCode).toBe(78);
  expect(command.written.stdout).toMatch(/\$\.listen\.port: expected .*integer.*, found .*high/);
  await using crossField = await configFile('pools: [{ id: a, adapter: mock }, { id: a, adapter: mock }]\n');
  await using second = spawnNode('main.ts', ['check', crossField.path, '--json']);
  expect(await second.exitCode).toBe(78);
  const { valid, problems } = JSON.parse(second.written.stdout) as { valid: boolean; problems: { path: string }[] };
  expect([valid, problems[0]?.path]).toEqual([false, '$.pools[1].id']);
});

verifies('ORCH-2630', 'a file that is not there is a fault of the configuration', async () => {
  await using command = spawnNode('main.ts', ['check', '/nowhere/config.yaml']);
  expect(await command.exitCode).toBe(78);
  expect(command.written.stdout).toContain('/nowhere/config.yaml');
});

verifies(
  'ORCH-2631',
  'without a service doctor starts one, looks at its engine and leaves nothing running',
  async () => {
    await using _leaks = watchLeaks();
    const url = `http://127.0.0.1:${await findFreePort('127.0.0.1')}`;
    await using command = spawnNode('main.ts', ['doctor', '--url', url, '--config', mockConfig]);
    expect(await command.exitCode, command.written.stdout).toBe(0);
    expect(command.written.stdout).toMatch(/ok {4}port +\d+ is free/);
    expect(command.written.stdout).toMatch(/ok {4}engine +mock .* with mock-words/);
  },
);

verifies('ORCH-2631', 'doctor names a port that is held and an engine that does not load', async () => {
  await using held = await holdPort();
  await using config = await configFile('pools: [{ id: a, adapter: mock, options: { fail_load: true } }]\n');
  const url = `http://127.0.0.1:${held.port}`;
  await using command = spawnNode('main.ts', ['doctor', '--url', url, '--config', config.path]);
  expect(await command.exitCode).toBe(1);
  expect(command.written.stdout).toMatch(/FAIL {2}port +\d+ is held by another program/);
  expect(command.written.stdout).toMatch(/FAIL {2}engine/);
});

verifies('ORCH-2632', 'serve is the service: its readiness, its graceful end, its exit code', async () => {
  const port = await findFreePort('127.0.0.1');
  await using served = spawnNode('main.ts', ['serve', '--config', mockConfig], {
    LLORCH_LISTEN_PORT: String(port),
    LLORCH_LOG_LEVEL: 'info',
  });
  await served.sees(/listens on/);
  await using ask = spawnNode('main.ts', ['capabilities', '--url', `http://127.0.0.1:${port}`]);
  expect(await ask.exitCode).toBe(0);
  served.kill('SIGINT');
  expect(await served.exitCode).toBe(0);

  await using config = await configFile('listen: { port: high }\n');
  await using refused = spawnNode('main.ts', ['serve', '--config', config.path]);
  expect(await refused.exitCode).toBe(78);
});
