// SPDX-License-Identifier: MIT
import { markdownFile, typescriptFile, type FileGenerator } from '../generated-file.ts';
import { readYaml } from '../read-yaml.ts';

const SOURCE = 'contracts/errors.yaml';
const ORIGIN = { source: SOURCE, command: 'regen-errors' };

/** One row of `contracts/errors.yaml`. */
export interface ErrorRow {
  readonly code: string;
  readonly phases: readonly string[];
  readonly http: number;
  readonly retriable: boolean;
  readonly meaning: string;
}

/** Reads the error vocabulary in the order of the contract. */
export async function readErrorRows(root: string): Promise<readonly ErrorRow[]> {
  const { errors } = (await readYaml(root, SOURCE)) as { errors: readonly ErrorRow[] };
  return errors;
}

/** `contracts/errors.yaml` as a typed table and as a documentation page. */
export const generateErrorTable: FileGenerator = async (root) => {
  const rows = await readErrorRows(root);
  return [
    await typescriptFile('contracts/api-types/src/generated/errors.ts', ORIGIN, errorTableCode(rows)),
    await markdownFile('docs/errors.md', ORIGIN, errorTablePage(rows)),
  ];
};

function errorTableCode(rows: readonly ErrorRow[]): string {
  const phases = [...new Set(rows.flatMap((row) => row.phases))].sort();
  const entries = rows.map(({ code, ...entry }) => `${code}: ${JSON.stringify(entry)},`);
  return `
/** The closed vocabulary of error codes. */
export type ErrorCode = ${rows.map(({ code }) => `'${code}'`).join(' | ')};

/** What the contract says about one error code. */
export interface ErrorRow {
  /** When it can happen. */
  readonly phases: readonly (${phases.map((phase) => `'${phase}'`).join(' | ')})[];
  /** HTTP status of the problem body. */
  readonly http: number;
  /** Whether the same request may succeed later without a change. */
  readonly retriable: boolean;
  /** One line for people. */
  readonly meaning: string;
}

/** Every error code with its phases, status and meaning. */
export const ERROR_TABLE: Readonly<Record<ErrorCode, ErrorRow>> = { ${entries.join('\n')} };
`;
}

function errorTablePage(rows: readonly ErrorRow[]): string {
  const lines = rows.map(
    (row) =>
      `| \`${row.code}\` | ${row.http} | ${row.phases.join(', ')} | ${row.retriable ? 'yes' : 'no'} | ${row.meaning} |`,
  );
  return `# Error codes

Every problem body and every terminal \`error\` frame carries one of these codes. The list is closed.

| Code | HTTP | When | Retriable | Meaning |
| --- | --- | --- | --- | --- |
${lines.join('\n')}
`;
}
