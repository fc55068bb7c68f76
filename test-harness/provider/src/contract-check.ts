// SPDX-License-Identifier: MIT
import { openapiDocument, schemaValidators, type Validator } from '@llama-orch/api-schema';

/** Statuses that any operation may answer, as they concern the connection and not the operation. */
const EVERYWHERE = new Set([405, 408, 415, 431]);

interface Content {
  readonly schema: { readonly $ref?: string };
  readonly 'x-sse-frames'?: Readonly<Record<string, { readonly $ref: string }>>;
}
interface ResponseObject {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content?: Readonly<Record<string, Content>>;
}
interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, ResponseObject>>;
}

/** Every operation of the contract by its id. */
export function operationsOfContract(): ReadonlyMap<string, Operation> {
  const paths = openapiDocument['paths'] as Record<string, Record<string, Operation>>;
  const operations = Object.values(paths).flatMap((item) => Object.values(item));
  return new Map(
    operations
      .filter(({ operationId }) => (operationId as string | undefined) !== undefined)
      .map((one) => [one.operationId, one]),
  );
}

/** What is wrong with an answer, measured by the contract; nothing when it fits. Reads the body. */
export async function faultsOfAnswer(operationId: string, answer: Response): Promise<readonly string[]> {
  const text = await answer.text();
  const documented = operationsOfContract().get(operationId)?.responses[String(answer.status)];
  if (documented === undefined) return EVERYWHERE.has(answer.status) ? [] : [`${answer.status} is not in the contract`];
  const response = resolve(documented);
  const missing = Object.entries(response.headers ?? {})
    .filter(([name, { $ref }]) => isRequired($ref) && answer.headers.get(name) === null)
    .map(([name]) => name);
  return [...missing.map((name) => `the header ${name} is missing`), ...faultsOfBody(response, answer, text)];
}

/** A header that applies to some answers only says so in the contract by not being required. */
function isRequired(ref: string): boolean {
  const { headers } = openapiDocument['components'] as { headers: Record<string, { readonly required?: boolean }> };
  return headers[ref.split('/').at(-1) ?? '']?.required === true;
}

function faultsOfBody({ content = {} }: ResponseObject, answer: Response, text: string): readonly string[] {
  const mediaType = answer.headers.get('content-type')?.split(';')[0];
  if (mediaType === undefined)
    return Object.keys(content).length === 0 && text === '' ? [] : ['there is no content type'];
  const entry = content[mediaType];
  if (entry === undefined) return [`${mediaType} is not in the contract`];
  if (entry['x-sse-frames'] !== undefined) return faultsOfFrames(entry['x-sse-frames'], text);
  return entry.schema.$ref === undefined ? [] : faultsOfValue(entry.schema.$ref, JSON.parse(text));
}

function faultsOfFrames(schemas: NonNullable<Content['x-sse-frames']>, text: string): readonly string[] {
  const frames = [...text.matchAll(/^event: (.*)\ndata: (.*)$/gm)];
  return frames.flatMap(([, event = '', data = '']) => {
    const schema = schemas[event];
    return schema === undefined
      ? [`the frame ${event} is not in the contract`]
      : faultsOfValue(schema.$ref, JSON.parse(data));
  });
}

function faultsOfValue(ref: string, value: unknown): readonly string[] {
  const name = ref.split('/').at(-1) ?? '';
  const validator = (schemaValidators as unknown as Record<string, Validator<unknown> | undefined>)[name];
  if (validator === undefined) return [`there is no schema ${name}`];
  return validator(value)
    ? []
    : (validator.errors ?? []).map((error) => `${name}${error.instancePath} ${error.message ?? ''}`);
}

function resolve(response: ResponseObject): ResponseObject {
  if (response.$ref === undefined) return response;
  const components = openapiDocument['components'] as { responses: Record<string, ResponseObject> };
  return components.responses[response.$ref.split('/').at(-1) ?? ''] ?? {};
}
