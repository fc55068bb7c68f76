// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { SeededRandom } from '@llama-orch/orchestrator-core/testkit';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { connectTo, isRunning, realClock, until } from '../__fixtures__/engine-processes.ts';
import { ListLogger } from '../__fixtures__/fake-engines.ts';
import { createExternalLauncher } from '../adapter-launchers.ts';
import { createManagedReplica } from '../create-managed-replica.ts';
import { takePort } from './take-port.ts';

const ENGINE_MAIN = fileURLToPath(new URL('../__fixtures__/fake-engine-main.ts', import.meta.url));

verifies(
  'ORCH-1401',
  'an external engine is attached to before and after it came back, and gets no signal',
  async () => {
    await using _leaks = watchLeaks();
    const random = new SeededRandom(process.pid);
    const { port, release } = await takePort(random);
    await using running = new AsyncDisposableStack();
    const start = () => {
      const child = spawn(process.execPath, [ENGINE_MAIN, '--stubborn', '--port', `${port}`], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      running.defer(async () => {
        const exited = once(child, 'exit');
        if (child.kill('SIGKILL')) await exited;
      });
      return child;
    };
    await using replica = disposable(
      createManagedReplica({
        id: 'p-0',
        launcher: createExternalLauncher(() => connectTo(`http://127.0.0.1:${port}`)),
        clock: realClock,
        random,
        logger: new ListLogger(),
        limits: { healthPauseMs: 10 },
        restarts: { firstDelayMs: 10, longestDelayMs: 50 },
      }),
    );
    const loaded = replica.load();
    await until(() => replica.view().state === 'backoff');
    const first = start();
    await loaded;
    first.kill('SIGKILL');
    await until(() => replica.view().state === 'backoff');
    const second = start();
    let said = '';
    second.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await until(() => replica.view().state === 'ready');
    await replica.close();
    expect(await isRunning(second.pid ?? 0)).toBe(true);
    expect(said).not.toContain('deaf');
    release();
  },
);

function disposable<T extends { close(): Promise<void> }>(value: T): T & AsyncDisposable {
  return Object.assign(value, { [Symbol.asyncDispose]: () => value.close() });
}
