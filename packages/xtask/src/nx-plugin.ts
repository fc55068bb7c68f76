// SPDX-License-Identifier: MIT
import { dirname } from 'node:path';
import type { CreateNodes, TargetConfiguration } from '@nx/devkit';

/** Test kinds by file suffix; each is its own cached target in every project that has a vitest config. */
const TEST_KINDS = ['unit', 'int', 'pin', 'type'] as const;

/**
 * Nx plugin that infers `test` (all kinds) and one target per test kind for each folder with a `vitest.config.ts`.
 * The config is not loaded: reading the graph stays fast.
 */
export const createNodesV2: CreateNodes = [
  '*/**/vitest.config.ts',
  (configFiles) => configFiles.map((file) => [file, { projects: { [dirname(file)]: { targets: testTargets() } } }]),
];

function testTargets(): Record<string, TargetConfiguration> {
  const targets: Record<string, TargetConfiguration> = { test: vitestTarget('vitest run') };
  for (const kind of TEST_KINDS) targets[kind] = vitestTarget(`vitest run .${kind}.test`);
  return targets;
}

function vitestTarget(command: string): TargetConfiguration {
  return {
    command,
    options: { cwd: '{projectRoot}' },
    cache: true,
    inputs: ['default', '^default', { externalDependencies: ['vitest', 'vite'] }],
  };
}
