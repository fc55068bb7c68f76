// SPDX-License-Identifier: MIT
import { lintContracts } from './contract-lint.ts';
import type { Gate } from './gate.ts';
import { checkLinks } from './links.ts';
import { lintMetrics } from './metrics-lint.ts';
import { lintSpecs } from './spec-lint.ts';
import { checkTour } from './tour.ts';
import { traceRequirements } from './trace.ts';

/** Every gate, by the xtask command that runs it alone. */
export const GATES = {
  'spec-lint': lintSpecs,
  'contract-lint': lintContracts,
  'metrics-lint': lintMetrics,
  trace: traceRequirements,
  links: checkLinks,
  tour: checkTour,
} as const satisfies Readonly<Record<string, Gate>>;
