// SPDX-License-Identifier: MIT
import type { FileGenerator } from '../generated-file.ts';
import { generateErrorTable } from './error-table.ts';
import { generateMetricTable } from './metric-table.ts';
import { extractRequirements } from './requirements.ts';

/** Every generator, by the xtask command that runs it alone. */
export const GENERATORS = {
  'regen-errors': generateErrorTable,
  'regen-metrics': generateMetricTable,
  'spec-extract': extractRequirements,
} as const satisfies Readonly<Record<string, FileGenerator>>;
