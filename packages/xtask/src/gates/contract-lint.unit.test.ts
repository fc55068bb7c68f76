// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect, test } from 'vitest';
import type { ErrorRow } from '../generate/error-table.ts';
import { contractOf } from '../generate/openapi-contract.ts';
import { requirementId } from '../testing/repository.ts';
import { lintErrorCodes, lintErrorRows, lintExamples, lintOperations } from './contract-lint.ts';

const row: ErrorRow = {
  code: 'NOT_FOUND',
  phases: ['request'],
  http: 404,
  retriable: false,
  meaning: 'It is not there.',
};

test('a row in order has no findings', () => {
  expect(lintErrorRows([row])).toEqual([]);
});

verifies('ORCH-9103', 'each breach in an error row is a finding', () => {
  const broken: readonly ErrorRow[] = [
    { ...row, code: 'NotFound' },
    { ...row, http: 200 },
    { ...row, phases: ['later'] },
    { ...row, phases: [] },
    { ...row, meaning: 'It is not there' },
    { ...row, 'of a kind': null } as ErrorRow,
  ];
  for (const breach of broken) expect(lintErrorRows([breach])).toHaveLength(1);
  expect(lintErrorRows([row, row])).toEqual(['errors.yaml: NOT_FOUND: is there twice']);
});

verifies('ORCH-9103', 'an operation without id or requirement is a finding', () => {
  const cited = { operationId: 'a', 'x-orch': [requirementId(2000)] };
  const paths = { '/a': { get: cited }, '/b': { get: cited }, '/c': { post: { operationId: 'c' } } };
  expect(lintOperations(contractOf({ paths, components: { schemas: {} } }))).toEqual([
    'openapi.yaml: get /b: no unique operationId',
    'openapi.yaml: post /c: x-orch cites no requirement',
  ]);
});

verifies('ORCH-9103', 'document and error table share one list of codes', () => {
  const schemas = { ErrorCode: { enum: ['NOT_FOUND', 'GONE'] } };
  const contract = contractOf({ paths: {}, components: { schemas } });
  expect(lintErrorCodes([row, { ...row, code: 'NEW' }], contract)).toEqual([
    'openapi.yaml: ErrorCode lacks NEW of errors.yaml',
    'openapi.yaml: ErrorCode has GONE, errors.yaml has not',
  ]);
});

verifies('ORCH-9103', 'an example that its schema refuses is a finding', () => {
  const content = (value: unknown): object => ({
    'application/json': { schema: { $ref: '#/components/schemas/Count' }, examples: { one: { value } } },
  });
  const documentWith = (value: unknown) =>
    contractOf({
      paths: { '/v1/{id}': { get: { operationId: 'a', responses: { 200: { content: content(value) } } } } },
      components: { schemas: { Count: { type: 'integer' } } },
    });
  expect(lintExamples(documentWith(1))).toEqual([]);
  expect(lintExamples(documentWith('x'))).toEqual([
    'openapi.yaml: example at /paths/~1v1~1{id}/get/responses/200/content/application~1json/examples/one:  must be integer',
  ]);
});
