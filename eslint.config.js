// SPDX-License-Identifier: MIT
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import { testBoundaries, boundaries } from './tools/lint/boundaries.js';
import { coreWorldBans, importBans } from './tools/lint/bans.js';

const sources = ['contracts/**/*.ts', 'packages/**/*.ts', 'tools/**/*.ts', 'test-harness/**/*.ts'];
const tests = ['**/*.test.ts', '**/*.bench.ts', '**/__fixtures__/**/*.ts'];

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/out-tsc/**',
      '**/generated/**',
      '**/__fixtures__/**',
      '**/files/**',
      '.nx/**',
      'reports/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: sources,
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': ['error', boundaries],
      'no-restricted-imports': 'off',
      '@typescript-eslint/no-restricted-imports': ['error', importBans()],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-empty-object-type': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      // Slow, and about enums and nominal classes, which this code does not have.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportAllDeclaration',
          message: 'Name what a module exports: a wildcard hides what became public.',
        },
      ],
      'prefer-const': 'error',
      eqeqeq: ['error', 'always'],
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 50 }],
      'max-params': ['error', { max: 3 }],
    },
  },
  { files: ['packages/orchestrator-core/src/**/*.ts'], ignores: tests, rules: coreWorldBans },
  {
    files: ['packages/orchestratord/src/**/*.ts'],
    ignores: [...tests, 'packages/orchestratord/src/compose.ts', 'packages/orchestratord/src/compose/*.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', importBans({ adapters: true })] },
  },
  {
    files: [...tests, 'test-harness/**/*.ts', '**/src/testkit/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': 'off',
      'max-lines': ['error', { max: 500 }],
    },
  },
  {
    files: tests,
    rules: {
      '@nx/enforce-module-boundaries': ['error', testBoundaries],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      'max-lines-per-function': 'off',
    },
  },
  {
    files: ['**/*.config.ts', 'vitest.shared.ts'],
    extends: [tseslint.configs.base, tseslint.configs.disableTypeChecked],
    rules: { 'no-restricted-exports': 'off', '@nx/enforce-module-boundaries': 'off' },
  },
);
