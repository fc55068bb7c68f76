// SPDX-License-Identifier: MIT
// Loaded into a service under test by `--import`: writes, at each SIGUSR2, how late its event loop was since the last one.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const file = process.env['BENCH_LOOP_DELAY_FILE'];
if (isMainThread && file !== undefined) {
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  process.on('SIGUSR2', () => {
    writeFileSync(file, String(loop.percentile(99) / 1e6));
    loop.reset();
  });
}
