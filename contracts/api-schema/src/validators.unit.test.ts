// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect, test } from 'vitest';
import { openapiDocument, parameterValidators, schemaValidators } from './index.ts';

const { TaskRequest } = schemaValidators;

verifies('ORCH-9011', 'a valid body passes, and a broken one names the place and the limit', () => {
  expect(TaskRequest({ prompt: 'hi' })).toBe(true);
  expect(TaskRequest({ prompt: 'hi', messages: [{ role: 'nobody', content: '' }] })).toBe(false);
  expect(TaskRequest.errors?.[0]).toMatchObject({ instancePath: '/messages/0/role', keyword: 'enum' });
  expect(TaskRequest({ prompt: 'hi', max_tokens: 0 })).toBe(false);
  expect(TaskRequest.errors?.[0]).toMatchObject({ instancePath: '/max_tokens', params: { limit: 1 } });
});

verifies('ORCH-9011', 'a body is not turned into what it should have been', () => {
  expect(TaskRequest({ prompt: 'hi', max_tokens: '8' })).toBe(false);
  expect(TaskRequest({ prompt: 'hi', colour: 'red' })).toBe(false);
  expect(TaskRequest.errors?.[0]).toMatchObject({ params: { additionalProperty: 'colour' } });
});

verifies('ORCH-9011', 'parameters arrive as text and leave as values', () => {
  const query = { limit: '5', state: 'running' };
  expect(parameterValidators.listTasksQuery(query)).toBe(true);
  expect(query).toEqual({ limit: 5, state: 'running' });
  expect(parameterValidators.listTasksQuery({ limit: '0' })).toBe(false);
  expect(parameterValidators.listTasksQuery({ colour: 'red' })).toBe(false);
});

verifies('ORCH-9011', 'validators run where code may not be made from text', () => {
  const names = Object.keys((openapiDocument['components'] as { readonly schemas: object }).schemas);
  const schemas = Object.entries(schemaValidators);
  expect(schemas.map(([name]) => name).sort()).toEqual([...names].sort());
  for (const [, validator] of schemas) expect(String(validator)).not.toMatch(/\brequire\(|new Function|\beval\(/);
});

test('every operation has a validator for its query and its path', () => {
  const paths = openapiDocument['paths'] as Readonly<
    Record<string, Readonly<Record<string, { operationId?: string }>>>
  >;
  const operations = Object.values(paths).flatMap((item) =>
    Object.values(item).flatMap(({ operationId }) => operationId ?? []),
  );
  const expected = operations.flatMap((id) => [`${id}Path`, `${id}Query`]);
  expect(Object.keys(parameterValidators).sort()).toEqual(expected.sort());
});
