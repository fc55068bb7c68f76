// SPDX-License-Identifier: MIT
import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Workspace sources first, then the defaults of Vite: tests run without a build. */
const conditions = ['@llama-orch/source', 'module', 'node', 'development|production'];

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
      testTimeout: 120_000,
      hookTimeout: 120_000,
      ...overrides,
    },
  });
}
