// SPDX-License-Identifier: MIT
import type { FileGenerator } from '../generated-file.ts';
import { generateErrorTable } from './error-table.ts';
import { generateMetricTable } from './metric-table.ts';

/** Every generator, by the xtask command that runs it alone. */
export const GENERATORS = {
  'regen-errors': generateErrorTable,
  'regen-metrics': generateMetricTable,
} as const satisfies Readonly<Record<string, FileGenerator>>;
