// SPDX-License-Identifier: MIT
import { readYaml } from '../read-yaml.ts';

/** Where the HTTP contract lives. */
export const OPENAPI_SOURCE = 'contracts/openapi/openapi.yaml';

/** A JSON schema, as an object. */
export type SchemaObject = Readonly<Record<string, unknown>>;

/** A parameter of an operation, with references resolved. */
export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header' | 'cookie';
  readonly required?: boolean;
  readonly schema: SchemaObject;
}

/** One operation of the contract. */
export interface Operation {
  readonly path: string;
  readonly method: string;
  readonly operationId: string;
  readonly requirementIds: readonly string[];
  readonly parameters: readonly Parameter[];
}

/** The parts of the OpenAPI document that generators and gates read. */
export interface OpenapiContract {
  readonly document: Readonly<Record<string, unknown>>;
  readonly schemas: Readonly<Record<string, SchemaObject>>;
  readonly operations: readonly Operation[];
}

interface RawOperation extends Readonly<Record<string, unknown>> {
  readonly operationId?: string;
  readonly 'x-orch'?: readonly string[];
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[];
}

/** An OpenAPI 3.1 document, as far as it is read here. */
export interface OpenapiDocument extends Readonly<Record<string, unknown>> {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation | RawOperation['parameters']>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, SchemaObject>>;
    readonly parameters?: Readonly<Record<string, Parameter>>;
  };
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];

/** Reads the HTTP contract. */
export async function readOpenapiContract(root: string): Promise<OpenapiContract> {
  return contractOf((await readYaml(root, OPENAPI_SOURCE)) as OpenapiDocument);
}

/** Picks out of an OpenAPI document what generators and gates read. */
export function contractOf(document: OpenapiDocument): OpenapiContract {
  const shared = document.components.parameters ?? {};
  const resolve = (parameter: Parameter | { readonly $ref: string }): Parameter => {
    if (!('$ref' in parameter)) return parameter;
    const target = shared[parameter.$ref.split('/').at(-1) ?? ''];
    if (target === undefined) throw new Error(`${OPENAPI_SOURCE}: ${parameter.$ref} does not exist`);
    return target;
  };
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method] as RawOperation | undefined;
      if (operation === undefined) return [];
      const common = (item['parameters'] ?? []) as NonNullable<RawOperation['parameters']>;
      return [
        {
          path,
          method,
          operationId: operation.operationId ?? '',
          requirementIds: operation['x-orch'] ?? [],
          parameters: [...common, ...(operation.parameters ?? [])].map(resolve),
        },
      ];
    }),
  );
  return { document, schemas: document.components.schemas, operations };
}
