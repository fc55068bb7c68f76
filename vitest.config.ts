// SPDX-License-Identifier: MIT
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      'contracts/*/vitest.config.ts',
      'packages/*/vitest.config.ts',
      'packages/{worker-adapters,queue-backends}/*/vitest.config.ts',
      'test-harness/*/vitest.config.ts',
      'tools/*/vitest.config.ts',
    ],
    passWithNoTests: true,
  },
});
