// SPDX-License-Identifier: MIT
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';

verifies('ORCH-2400', 'only compose.ts and its folder import adapters and make a queue', () => {
  const files = globSync('**/*.ts', { cwd: import.meta.dirname }).filter(
    (file) => !/\.test\.ts$|__fixtures__/.test(file),
  );
  const naming = files.filter((file) => {
    const source = readFileSync(join(import.meta.dirname, file), 'utf8');
    return /@llama-orch\/(adapter-|tiny-model)|createMemoryTaskQueue|createOrchestrator/.test(source);
  });
  expect(files.length).toBeGreaterThan(30);
  expect(naming).toContain('compose.ts');
  expect(naming.filter((file) => file !== 'compose.ts' && !file.startsWith('compose/'))).toEqual([]);
});
