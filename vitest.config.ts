// SPDX-License-Identifier: MIT
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const SHORT = /\.(unit|pin|type)\.test\.ts$/;

/** What starts processes runs first, so that short files fill the workers to the end. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { long = [], short = [] } = Object.groupBy(await super.sort(files), ({ moduleId }) =>
      SHORT.test(moduleId) ? 'short' : 'long',
    );
    return [...long, ...short];
  }
}

export default defineConfig({
  test: {
    projects: [
      'contracts/*/vitest.config.ts',
      'packages/*/vitest.config.ts',
      'packages/{worker-adapters,queue-backends}/*/vitest.config.ts',
      'test-harness/*/vitest.config.ts',
      'tools/*/vitest.config.ts',
    ],
    sequence: { sequencer: LongFirst },
    passWithNoTests: true,
  },
});
