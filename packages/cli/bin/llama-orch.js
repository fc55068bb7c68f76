#!/usr/bin/env node
// SPDX-License-Identifier: MIT
import { registerHooks } from 'node:module';

if (import.meta.url.includes('/node_modules/')) {
  await import('../dist/main.js');
} else {
  // A checkout runs its sources, so that nothing needs a build and no build is ever stale.
  registerHooks({
    resolve: (name, context, next) =>
      next(name, { ...context, conditions: [...context.conditions, '@llama-orch/source'] }),
  });
  await import('../src/main.ts');
}
