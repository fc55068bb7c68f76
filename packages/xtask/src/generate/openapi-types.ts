// SPDX-License-Identifier: MIT
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { typescriptFile, type FileGenerator } from '../generated-file.ts';
import { OPENAPI_SOURCE, readOpenapiContract } from './openapi-contract.ts';

const ORIGIN = { source: OPENAPI_SOURCE, command: 'regen-openapi' };
const HOME = 'contracts/api-types/src';
/** Names that the error table owns. */
const TAKEN = new Set(['ErrorCode']);

/** The HTTP contract as TypeScript types, and the public index of `@llama-orch/api-types`. */
export const generateOpenapiTypes: FileGenerator = async (root) => {
  const { document, schemas } = await readOpenapiContract(root);
  const names = Object.keys(schemas).filter((name) => !TAKEN.has(name));
  return [
    await typescriptFile(`${HOME}/generated/openapi.ts`, ORIGIN, await openapiTypes(document, names)),
    await typescriptFile(`${HOME}/index.ts`, ORIGIN, indexCode(names)),
  ];
};

/** Types of a whole document, with one exported alias for each of the named schemas. */
export async function openapiTypes(
  document: Readonly<Record<string, unknown>>,
  names: readonly string[],
  options: { readonly defaultNonNullable: boolean } = { defaultNonNullable: false },
): Promise<string> {
  const ast = await openapiTS(document as unknown as OpenAPI3, {
    ...options,
    immutable: true,
    alphabetize: false,
    silent: true,
  });
  const aliases = names.map((name) => `export type ${name} = components['schemas']['${name}'];`);
  return `${astToString(ast)}\n${aliases.join('\n')}\n`;
}

function indexCode(names: readonly string[]): string {
  const exported = ['components', 'operations', 'paths', ...names].sort();
  return `export { ERROR_TABLE, type ErrorCode, type ErrorRow } from './generated/errors.ts';
export { METRIC_TABLE, type MetricLabels, type MetricName, type MetricRow } from './generated/metrics.ts';
export type { ${exported.join(', ')} } from './generated/openapi.ts';
`;
}
