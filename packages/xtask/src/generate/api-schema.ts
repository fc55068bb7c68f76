// SPDX-License-Identifier: MIT
import { originLine, typescriptFile, type FileGenerator, type GeneratedFile } from '../generated-file.ts';
import { OPENAPI_SOURCE, readOpenapiContract, type OpenapiContract, type Operation } from './openapi-contract.ts';
import { standaloneValidators } from './standalone-validators.ts';

const ORIGIN = { source: OPENAPI_SOURCE, command: 'regen-openapi' };
const HOME = 'contracts/api-schema/src/generated';
const DOCUMENT_ID = 'contract';

/** The OpenAPI document as a module, and compiled validators for every schema, query string and path. */
export const generateApiSchema: FileGenerator = async (root) => {
  const contract = await readOpenapiContract(root);
  const document = `
/** The OpenAPI document, as \`GET /openapi.json\` serves it. */
export const openapiDocument: Readonly<Record<string, unknown>> = ${JSON.stringify(contract.document)};
`;
  return [
    await typescriptFile(`${HOME}/openapi-document.ts`, ORIGIN, document),
    uncheckedFile(`${HOME}/schema-code.ts`, await schemaCode(root, contract)),
    uncheckedFile(`${HOME}/parameter-code.ts`, await parameterCode(root, contract)),
    await typescriptFile(`${HOME}/validators.ts`, ORIGIN, validatorsCode(contract)),
  ];
};

/** Compiled code is committed as it is: minified, unchecked, proven by the tests of its package. */
export function uncheckedFile(path: string, code: string, origin = ORIGIN): GeneratedFile {
  const head = `// SPDX-License-Identifier: MIT\n// ${originLine(origin)}\n// @ts-nocheck\n/* eslint-disable */\n`;
  return { path, content: `${head}${code.trimEnd()}\n` };
}

function schemaCode(root: string, { document, schemas }: OpenapiContract): Promise<string> {
  return standaloneValidators(root, {
    schemas: [{ ...document, $id: DOCUMENT_ID }],
    exports: Object.fromEntries(
      Object.keys(schemas).map((name) => [name, `${DOCUMENT_ID}#/components/schemas/${name}`]),
    ),
    vocabulary: [...Object.keys(document), 'example', 'discriminator', 'externalDocs', 'xml'],
  });
}

/** Parameters arrive as text, so these validators turn numbers and booleans into values in place. */
function parameterCode(root: string, contract: OpenapiContract): Promise<string> {
  const groups = parameterGroups(contract);
  return standaloneValidators(root, {
    schemas: [
      { ...contract.document, $id: DOCUMENT_ID },
      ...groups.map(({ name, schema }) => ({ ...schema, $id: name })),
    ],
    exports: Object.fromEntries(groups.map(({ name }) => [name, name])),
    options: { coerceTypes: true },
    vocabulary: [...Object.keys(contract.document), 'example', 'discriminator', 'externalDocs', 'xml'],
  });
}

const PLACES = [
  { place: 'query', suffix: 'Query' },
  { place: 'path', suffix: 'Path' },
] as const;

interface ParameterGroup {
  readonly name: string;
  readonly operationId: string;
  readonly place: 'query' | 'path';
  readonly schema: Readonly<Record<string, unknown>>;
}

/** Every operation has both groups, so that an unknown query parameter of any route is refused. */
function parameterGroups({ operations }: OpenapiContract): ParameterGroup[] {
  return operations.flatMap((operation) =>
    PLACES.map(({ place, suffix }) => ({
      name: `${operation.operationId}${suffix}`,
      operationId: operation.operationId,
      place,
      schema: groupSchema(operation, place),
    })),
  );
}

function groupSchema({ parameters }: Operation, place: 'query' | 'path'): Readonly<Record<string, unknown>> {
  const chosen = parameters.filter((parameter) => parameter.in === place);
  return {
    type: 'object',
    additionalProperties: false,
    required: chosen.filter(({ required }) => required === true).map(({ name }) => name),
    properties: Object.fromEntries(chosen.map(({ name, schema }) => [name, absoluteReferences(schema)])),
  };
}

function absoluteReferences(schema: unknown): unknown {
  const text = JSON.stringify(schema).replaceAll('"$ref":"#/', `"$ref":"${DOCUMENT_ID}#/`);
  return JSON.parse(text);
}

function validatorsCode(contract: OpenapiContract): string {
  const groups = parameterGroups(contract);
  const types = groups.map(
    ({ name, operationId, place }) =>
      `readonly ${name}: Validator<Given<operations['${operationId}']['parameters']['${place}']>>;`,
  );
  return `
import type { components, operations } from '@llama-orch/api-types';
import type { Validator } from '../validator.ts';
import * as parameterCode from './parameter-code.ts';
import * as schemaCode from './schema-code.ts';

type Schemas = components['schemas'];
/** The parameters of an operation; an empty object where it takes none. */
type Given<T> = [NonNullable<T>] extends [never] ? Readonly<Record<never, never>> : NonNullable<T>;

/** One validator for each schema of the contract, by schema name. */
export const schemaValidators = schemaCode as unknown as { readonly [Name in keyof Schemas]: Validator<Schemas[Name]> };

/** Validators of each operation's query (\`<operationId>Query\`) and path (\`<operationId>Path\`) parameters. */
export interface ParameterValidators { ${types.join('\n')} }

/** Validators of query and path parameters; they turn numbers and booleans into values in place. */
export const parameterValidators = parameterCode as unknown as ParameterValidators;
`;
}
