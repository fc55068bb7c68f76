// SPDX-License-Identifier: MIT
import type { FileGenerator } from '../generated-file.ts';
import { generateApiSchema } from './api-schema.ts';
import { generateConfigSchema } from './config-schema.ts';
import { generateErrorTable } from './error-table.ts';
import { generateMetricTable } from './metric-table.ts';
import { generateOpenapiTypes } from './openapi-types.ts';
import { extractRequirements } from './requirements.ts';

/** Every generator, by the xtask command that runs it alone. */
export const GENERATORS = {
  'regen-openapi': both(generateOpenapiTypes, generateApiSchema),
  'regen-schema': generateConfigSchema,
  'regen-errors': generateErrorTable,
  'regen-metrics': generateMetricTable,
  'spec-extract': extractRequirements,
} as const satisfies Readonly<Record<string, FileGenerator>>;

function both(first: FileGenerator, second: FileGenerator): FileGenerator {
  return async (root) => [...(await first(root)), ...(await second(root))];
}
