// SPDX-License-Identifier: MIT
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { readErrorRows, type ErrorRow } from '../generate/error-table.ts';
import { readOpenapiContract, type OpenapiContract } from '../generate/openapi-contract.ts';
import type { Gate } from './gate.ts';

const ERROR_KEYS = ['code', 'http', 'meaning', 'phases', 'retriable'].join();
const PHASES = new Set(['admission', 'queued', 'running', 'request']);

/** Checks `contracts/errors.yaml` and the OpenAPI document: ids, examples that validate, one vocabulary of errors. */
export const lintContracts: Gate = async (root) => {
  const [rows, contract] = [await readErrorRows(root), await readOpenapiContract(root)];
  return [
    ...lintErrorRows(rows),
    ...lintOperations(contract),
    ...lintErrorCodes(rows, contract),
    ...lintExamples(contract),
  ];
};

/** Shape, order of keys aside, of each row, and unique codes. */
export function lintErrorRows(rows: readonly ErrorRow[]): string[] {
  const codes = rows.map(({ code }) => code);
  return rows.flatMap((row, i) => {
    const checks: readonly (readonly [boolean, string])[] = [
      [Object.keys(row).sort().join() === ERROR_KEYS, `the keys are not ${ERROR_KEYS}`],
      [/^[A-Z]+(_[A-Z]+)*$/.test(row.code), 'the code is not in upper snake case'],
      [codes.indexOf(row.code) === i, 'is there twice'],
      [row.http >= 400 && row.http <= 599, `${row.http} is no error status`],
      [row.phases.length > 0 && row.phases.every((phase) => PHASES.has(phase)), 'has an unknown phase'],
      [/^\S.*\.$/.test(row.meaning), 'the meaning is not a sentence'],
    ];
    return checks.filter(([holds]) => !holds).map(([, finding]) => `errors.yaml: ${row.code}: ${finding}`);
  });
}

/** Every operation has a unique id and cites its requirements. */
export function lintOperations({ operations }: OpenapiContract): string[] {
  const ids = operations.map(({ operationId }) => operationId);
  return operations.flatMap(({ method, path, operationId, requirementIds }, i) => [
    ...(operationId === '' || ids.indexOf(operationId) !== i
      ? [`openapi.yaml: ${method} ${path}: no unique operationId`]
      : []),
    ...(requirementIds.length === 0 ? [`openapi.yaml: ${method} ${path}: x-orch cites no requirement`] : []),
  ]);
}

/** The enumeration of the document and the error table are the same list. */
export function lintErrorCodes(rows: readonly ErrorRow[], { schemas }: OpenapiContract): string[] {
  const declared = new Set((schemas['ErrorCode']?.['enum'] ?? []) as readonly string[]);
  const codes = new Set(rows.map(({ code }) => code));
  return [
    ...[...codes.difference(declared)].map((code) => `openapi.yaml: ErrorCode lacks ${code} of errors.yaml`),
    ...[...declared.difference(codes)].map((code) => `openapi.yaml: ErrorCode has ${code}, errors.yaml has not`),
  ];
}

/** Every example of a body or parameter is valid against the schema it stands beside. */
export function lintExamples({ document }: OpenapiContract): string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ ...document, $id: 'contract' });
  return collectExamples(document, '').flatMap(({ pointer, schemaPointer, value }) => {
    const validate = ajv.compile({ $ref: `contract#${encodeURI(schemaPointer)}` });
    if (validate(value)) return [];
    return [`openapi.yaml: example at ${pointer}: ${ajv.errorsText(validate.errors, { dataVar: '' })}`];
  });
}

interface Example {
  readonly pointer: string;
  readonly schemaPointer: string;
  readonly value: unknown;
}

/** An object with `schema` beside `example` or `examples` is a media type, a parameter or a header. */
function collectExamples(node: unknown, pointer: string): Example[] {
  if (typeof node !== 'object' || node === null) return [];
  const deeper = Object.entries(node).flatMap(([key, child]) => collectExamples(child, `${pointer}/${escapeKey(key)}`));
  if (!('schema' in node)) return deeper;
  const schemaPointer = `${pointer}/schema`;
  const { example, examples = {} } = node as {
    example?: unknown;
    examples?: Readonly<Record<string, { value?: unknown }>>;
  };
  const named = Object.entries(examples)
    .filter(([, entry]) => 'value' in entry)
    .map(([name, { value }]) => ({ pointer: `${pointer}/examples/${escapeKey(name)}`, schemaPointer, value }));
  const single = example === undefined ? [] : [{ pointer: `${pointer}/example`, schemaPointer, value: example }];
  return [...deeper, ...single, ...named];
}

function escapeKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
