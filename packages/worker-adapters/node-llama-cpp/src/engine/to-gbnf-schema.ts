// SPDX-License-Identifier: MIT
import type { JsonObject, JsonValue } from '@llama-orch/worker-adapter-api';
import type { GbnfJsonBasicSchema } from 'node-llama-cpp';
import { invalidParams } from './engine-error.ts';

type Schema = Readonly<Record<string, unknown>>;

const SCALARS: readonly unknown[] = ['string', 'number', 'integer', 'boolean', 'null'];
const ANNOTATIONS = new Set([
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  '$schema',
  '$id',
  '$comment',
]);
const DEEPEST_LEVEL = 32;
const ANY_VALUE: Schema = {
  oneOf: [
    { type: 'object', additionalProperties: true },
    { type: 'array' },
    { type: SCALARS.filter((x) => x !== 'integer') },
  ],
};

/**
 * A JSON Schema in the subset node-llama-cpp turns into a grammar. It would ignore any other keyword, and the output would
 * not keep the schema; so everything outside the subset is refused.
 *
 * @param path JSON path of the schema, for error messages.
 * @throws EngineError INVALID_PARAMS with the path of the keyword.
 */
export function toGbnfSchema(schema: JsonValue, path: string): GbnfJsonBasicSchema {
  // node-llama-cpp's types describe schemas known at compile time; any one of them stands for all.
  return convert(schema, path, 0) as unknown as GbnfJsonBasicSchema;
}

function convert(schema: JsonValue | undefined, path: string, level: number): Schema {
  if (level > DEEPEST_LEVEL) throw invalidParams(path, 'The schema is too deep.', { limit: DEEPEST_LEVEL });
  if (schema === true) return ANY_VALUE;
  if (!isObject(schema)) throw invalidParams(path, 'A schema must be an object or true.');
  const { $defs, ...rest } = Object.fromEntries(
    Object.entries(schema).filter(([keyword]) => !ANNOTATIONS.has(keyword)),
  );
  const converted = convertKeywords(rest, path, level);
  if ($defs === undefined) return converted;
  return { ...converted, $defs: convertEach($defs, `${path}.$defs`, level) };
}

function convertKeywords(schema: JsonObject, path: string, level: number): Schema {
  if (Object.keys(schema).length === 0) return ANY_VALUE;
  if ('$ref' in schema) return only(schema, ['$ref'], path);
  if ('const' in schema) return only(schema, ['const', 'type'], path);
  if ('enum' in schema) return only(schema, ['enum', 'type'], path);
  for (const keyword of ['oneOf', 'anyOf'] as const) {
    if (keyword in schema) {
      only(schema, [keyword], path);
      return { oneOf: convertList(schema[keyword], `${path}.${keyword}`, level) };
    }
  }
  return convertType(schema, path, level);
}

function convertType(schema: JsonObject, path: string, level: number): Schema {
  const { type } = schema;
  if (Array.isArray(type) && !type.every((name) => SCALARS.includes(name))) {
    return { oneOf: type.map((name: JsonValue) => convertType({ ...schema, type: name }, path, level)) };
  }
  if (type === 'object') return convertObject(schema, path, level);
  if (type === 'array') return convertArray(schema, path, level);
  if (type === 'string') return only(schema, ['type', 'minLength', 'maxLength', 'format'], path);
  if (Array.isArray(type) || SCALARS.includes(type)) return only(schema, ['type'], path);
  throw invalidParams(`${path}.type`, 'The schema names no known type.');
}

function convertObject(schema: JsonObject, path: string, level: number): Schema {
  only(schema, ['type', 'properties', 'required', 'additionalProperties', 'minProperties', 'maxProperties'], path);
  const { properties, required, additionalProperties, ...bounds } = schema;
  const converted = properties === undefined ? {} : convertEach(properties, `${path}.properties`, level);
  if (Array.isArray(required) && !required.every((name) => typeof name === 'string' && name in converted)) {
    throw invalidParams(`${path}.required`, 'Every required property must be described.');
  }
  const open = additionalProperties ?? properties === undefined;
  return {
    ...bounds,
    properties: converted,
    additionalProperties: typeof open === 'boolean' ? open : convert(open, `${path}.additionalProperties`, level + 1),
  };
}

function convertArray(schema: JsonObject, path: string, level: number): Schema {
  only(schema, ['type', 'items', 'prefixItems', 'minItems', 'maxItems'], path);
  const { items, prefixItems, ...bounds } = schema;
  return {
    ...bounds,
    ...(items !== undefined && { items: convert(items, `${path}.items`, level + 1) }),
    ...(prefixItems !== undefined && { prefixItems: convertList(prefixItems, `${path}.prefixItems`, level) }),
  };
}

function convertEach(schemas: JsonValue, path: string, level: number): Schema {
  if (!isObject(schemas)) throw invalidParams(path, 'Must be an object of schemas.');
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, convert(schema, `${path}.${name}`, level + 1)]),
  );
}

function convertList(schemas: JsonValue | undefined, path: string, level: number): readonly Schema[] {
  if (!Array.isArray(schemas)) throw invalidParams(path, 'Must be an array of schemas.');
  return schemas.map((schema: JsonValue, index) => convert(schema, `${path}[${index}]`, level + 1));
}

/** The schema itself, once it is known to hold nothing but these keywords. */
function only(schema: JsonObject, keywords: readonly string[], path: string): JsonObject {
  for (const keyword of Object.keys(schema)) {
    // ORCH-4217: what the engine would ignore is refused.
    if (!keywords.includes(keyword)) {
      throw invalidParams(`${path}.${keyword}`, 'This engine cannot keep this keyword of JSON Schema.');
    }
  }
  return schema;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
