// SPDX-License-Identifier: MIT
import { EXIT_CODE } from './runtime/exit-code.ts';
import { run } from './run.ts';

const asked = Promise.withResolvers<string>();
let signalCount = 0;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    // ORCH-2303: who asks twice does not want to wait
    if (++signalCount > 1) process.exit(EXIT_CODE.interrupted);
    asked.resolve(signal);
  });
}

const { argv, env, stdout, stderr } = process;
const onReload = (listener: () => void): void => void process.on('SIGHUP', listener);
process.exitCode = await run({ args: argv.slice(2), env, stdout, stderr, stopSignal: asked.promise, onReload });
