// SPDX-License-Identifier: MIT
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Workspace sources first, then the defaults of Vite: tests run without a build. */
const conditions = ['@llama-orch/source', 'module', 'node', 'development|production'];

/** Test files that run at a time. Projects take it from here: of the root's configuration they inherit none. */
const maxWorkers = Math.max(2, availableParallelism() - 1);

/** Processes that tests start from sources find them stripped of types and compiled by the first of them. */
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/node-compile') };

/**
 * The vitest configuration of one project.
 *
 * @param name Project name in reports, without the npm scope.
 * @param overrides Extra `test` options, for instance `setupFiles`.
 */
export function projectConfig(name: string, overrides: ViteUserConfig['test'] = {}): ViteUserConfig {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      include: ['src/**/*.{unit,int,pin,type}.test.ts'],
      passWithNoTests: true,
      // Far above what any of them takes on a busy machine: they are to end a test that hangs, not one that is slow.
      testTimeout: 600_000,
      hookTimeout: 300_000,
      maxWorkers,
      env,
      ...overrides,
    },
  });
}
