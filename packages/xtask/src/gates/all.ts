// SPDX-License-Identifier: MIT
import type { Gate } from './gate.ts';
import { lintSpecs } from './spec-lint.ts';
import { traceRequirements } from './trace.ts';

/** Every gate, by the xtask command that runs it alone. */
export const GATES = {
  'spec-lint': lintSpecs,
  trace: traceRequirements,
} as const satisfies Readonly<Record<string, Gate>>;
