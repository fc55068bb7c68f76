// SPDX-License-Identifier: MIT
import { createProcessHost } from './cli-host.ts';
import { runDemo } from './demo/run-demo.ts';

const { env, argv } = process;

try {
  process.exitCode = await runDemo({
    host: createProcessHost(),
    port: Number(env.LLORCH_LISTEN_PORT || 8080),
    isOnce: argv.includes('--once') || env.LLORCH_START_ONCE === '1',
  });
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
