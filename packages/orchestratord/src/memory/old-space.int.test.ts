// SPDX-License-Identifier: MIT
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';

const MODULE = fileURLToPath(new URL('old-space.ts', import.meta.url));
const PROGRAM = `import(${JSON.stringify(MODULE)}).then((m) => console.log(m.ownOldSpaceLimitBytes() / 2 ** 20))`;

function limitMiB(...flags: readonly string[]): number {
  const { stdout } = spawnSync(process.execPath, [...flags, '-e', PROGRAM], { encoding: 'utf8', env: {} });
  return Number(stdout);
}

/** Reads its memory with no descriptor left. */
const EXHAUSTED = `import(${JSON.stringify(MODULE)}).then(({ readMemory }) => {
  const { openSync, closeSync } = process.getBuiltinModule('fs');
  const before = readMemory().residentBytes;
  const open = [];
  try { for (;;) open.push(openSync('/dev/null')); } catch {}
  const { residentBytes } = readMemory();
  for (const descriptor of open) closeSync(descriptor);
  console.log(open.length, residentBytes === before);
})`;

verifies(['ORCH-1345', 'ORCH-1344'], 'memory is read with no descriptor left', () => {
  const limited = ['-c', 'ulimit -n 64; exec "$@"', 'sh', process.execPath, '-e', EXHAUSTED];
  const { stdout, stderr } = spawnSync('sh', limited, { encoding: 'utf8', env: {} });
  expect(stdout, stderr).toMatch(/^[1-9]\d* true\n$/);
});

verifies('ORCH-1344', 'the limit of the heap is what the flags of Node say', () => {
  expect(limitMiB('--max-old-space-size=128')).toBe(128);
  expect(limitMiB('--max-old-space-size=128', '--max-semi-space-size=8')).toBe(128);
  expect(limitMiB('--max-old-space-size=1024', '--max-semi-space-size=16')).toBe(1_024);
});
