// SPDX-License-Identifier: MIT
import { quickpickle } from 'quickpickle';
import { mergeConfig } from 'vitest/config';
import { projectConfig } from '../../vitest.shared.ts';

const tests = projectConfig('harness-bdd', {
  include: ['features/**/*.feature', 'src/**/*.{unit,int}.test.ts'],
  setupFiles: ['src/world.ts', 'src/steps/index.ts'],
});

export default mergeConfig(tests, { plugins: [quickpickle({ stepTimeout: 240_000 })] });
