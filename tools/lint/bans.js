// SPDX-License-Identifier: MIT
const testKit = { group: ['@llama-orch/test-kit'], message: 'Only *.test.ts files may use the test kit.' };
const testkits = { group: ['@llama-orch/*/testkit'], message: 'Test kits are for tests.' };
const concreteAdapters = {
  regex: '^@llama-orch/(adapter-(?!kit$)|queue-)',
  message: 'Concrete adapters and queue backends are named in compose.ts and compose/ only.',
};

/** Options of `no-restricted-imports`; `adapters` also bans concrete adapters. */
export function importBans({ adapters = false, patterns = [] } = {}) {
  return { patterns: [testKit, testkits, ...(adapters ? [concreteAdapters] : []), ...patterns] };
}

const door = 'Time, randomness and ids come in through the ports (Clock, Random, IdSource).';
const noIo = { group: ['node:*'], message: 'The core does no I/O; take a port instead.' };

/** Rules for orchestrator-core: no wall clock, no randomness, no timers, no I/O. */
export const coreWorldBans = {
  '@typescript-eslint/no-restricted-imports': ['error', importBans({ patterns: [noIo] })],
  'no-restricted-globals': [
    'error',
    ...['setTimeout', 'setInterval', 'setImmediate', 'performance', 'crypto', 'process', 'fetch', 'console'].map(
      (name) => ({
        name,
        message: door,
      }),
    ),
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: door },
    { object: 'Math', property: 'random', message: door },
    { object: 'AbortSignal', property: 'timeout', message: door },
    { object: 'globalThis', property: 'setTimeout', message: door },
  ],
  'no-restricted-syntax': [
    'error',
    { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: door },
    { selector: 'ExportAllDeclaration', message: 'Name what a module exports: a wildcard hides what became public.' },
  ],
};
