// SPDX-License-Identifier: MIT
// Loaded into a service under test by `--import`, with `--expose-gc`: at each SIGUSR2 it collects garbage and writes what is left.
import { renameSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const file = process.env['CHAOS_MEMORY_FILE'];
const { gc } = globalThis;
if (isMainThread && file !== undefined && gc !== undefined) {
  process.on('SIGUSR2', () => {
    gc();
    gc();
    writeFileSync(`${file}.new`, String(process.memoryUsage.rss()));
    renameSync(`${file}.new`, file);
  });
}
