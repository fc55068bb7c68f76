// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { EngineError } from './engine-error.ts';
import { toGbnfSchema } from './to-gbnf-schema.ts';

function refusedField(schema: Parameters<typeof toGbnfSchema>[0]): unknown {
  try {
    toGbnfSchema(schema, '$.schema');
  } catch (error) {
    if (error instanceof EngineError) return error.fault.details?.['field'];
    throw error;
  }
  return undefined;
}

verifies('ORCH-4217', 'a schema in the subset is passed on without its annotations', () => {
  const schema = {
    title: 'A haiku',
    type: 'object',
    required: ['word'],
    properties: {
      word: { type: 'string', description: 'the word', minLength: 1 },
      lines: { type: 'array', items: { $ref: '#/$defs/line' }, minItems: 3, maxItems: 3 },
      mood: { anyOf: [{ enum: ['calm', 'wild'] }, { type: 'null' }] },
    },
    additionalProperties: false,
    $defs: { line: { type: ['string', 'null'] } },
  };
  expect(toGbnfSchema(schema, '$.schema')).toEqual({
    type: 'object',
    properties: {
      word: { type: 'string', minLength: 1 },
      lines: { type: 'array', items: { $ref: '#/$defs/line' }, minItems: 3, maxItems: 3 },
      mood: { oneOf: [{ enum: ['calm', 'wild'] }, { type: 'null' }] },
    },
    additionalProperties: false,
    $defs: { line: { type: ['string', 'null'] } },
  });
});

verifies('ORCH-4217', 'a keyword that cannot be kept is refused with its path', () => {
  expect(refusedField({ type: 'string', pattern: 'a+' })).toBe('$.schema.pattern');
  expect(refusedField({ type: 'object', properties: { age: { type: 'integer', minimum: 3 } } })).toBe(
    '$.schema.properties.age.minimum',
  );
  expect(refusedField({ type: 'array', items: { not: {} } })).toBe('$.schema.items.type');
  expect(refusedField({ oneOf: [{ type: 'null' }, { type: 'strange' }] })).toBe('$.schema.oneOf[1].type');
  expect(refusedField({ type: 'object', properties: {}, required: ['word'] })).toBe('$.schema.required');
  expect(refusedField(false)).toBe('$.schema');
});

verifies('ORCH-4217', 'a schema that nests without end is refused', () => {
  let schema: Parameters<typeof toGbnfSchema>[0] = { type: 'string' };
  for (let level = 0; level < 40; level += 1) schema = { type: 'array', items: schema };
  expect(refusedField(schema)).toMatch(/^\$\.schema(\.items)+$/);
});
