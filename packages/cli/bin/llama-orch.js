#!/usr/bin/env node
// SPDX-License-Identifier: MIT
import { fileURLToPath } from 'node:url';

if (import.meta.url.includes('/node_modules/')) {
  await import('../dist/main.js');
} else {
  // A checkout runs its sources, so that nothing needs a build and no build is ever stale. The option must be the process's
  // own: threads inherit it, and `serve` has some.
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const command = [process.execPath, '--conditions=@llama-orch/source', main, ...process.argv.slice(2)];
  process.execve(process.execPath, command, process.env);
}
