// SPDX-License-Identifier: MIT
import { dirname } from 'node:path';
import type { CreateNodes, TargetConfiguration } from '@nx/devkit';
import { COMMAND_SUMMARIES } from './command-summaries.ts';

/** The project whose commands are targets. */
const XTASK = 'packages/xtask';

/** Test kinds by file suffix; each is its own cached target in every project that has a vitest config. */
const TEST_KINDS = ['unit', 'int', 'pin', 'type'] as const;

/**
 * Nx plugin that infers `test` (all kinds) and one target per test kind for each folder with a `vitest.config.ts`, and
 * one target per xtask command. No config is loaded: reading the graph stays fast.
 */
export const createNodesV2: CreateNodes = [
  '*/**/vitest.config.ts',
  (configFiles) =>
    configFiles.map((file) => [file, { projects: { [dirname(file)]: { targets: targetsOf(dirname(file)) } } }]),
];

function targetsOf(folder: string): Record<string, TargetConfiguration> {
  return folder === XTASK ? { ...commandTargets(), ...testTargets() } : testTargets();
}

function commandTargets(): Record<string, TargetConfiguration> {
  const names = Object.keys(COMMAND_SUMMARIES);
  return Object.fromEntries(names.map((name) => [name, { command: `node ${XTASK}/src/main.ts ${name}` }]));
}

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
