// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSpecs, type Requirement } from '../specs/read-specs.ts';
import type { Gate } from './gate.ts';

const KEYWORD = /\b(MUST|SHALL|SHOULD|MAY|REQUIRED|RECOMMENDED|OPTIONAL)\b/;
const RANGE_ROW = /^\|\s*`?([\w-]+\.md)`?\s*\|\s*(\d{4})-(\d{4})\s*\|/gm;

/** Checks format, unique ids, the id range of each file (`specs/README.md`) and the presence of an RFC 2119 keyword. */
export const lintSpecs: Gate = async (root) => {
  const { requirements, problems } = await readSpecs(root);
  const ranges = readRanges(await readFile(join(root, 'specs/README.md'), 'utf8'));
  return [
    ...problems,
    ...duplicates(requirements),
    ...requirements.flatMap((requirement) => lintRequirement(requirement, ranges)),
  ];
};

type Ranges = ReadonlyMap<string, readonly [number, number]>;

function readRanges(readme: string): Ranges {
  const rows = [...readme.matchAll(RANGE_ROW)];
  return new Map(rows.map(([, file = '', first, last]) => [`specs/${file}`, [Number(first), Number(last)]]));
}

function duplicates(requirements: readonly Requirement[]): string[] {
  const seen = new Map<string, Requirement>();
  return requirements.flatMap((requirement) => {
    const first = seen.get(requirement.id);
    seen.set(requirement.id, first ?? requirement);
    return first === undefined ? [] : [`${place(requirement)} was used before at ${first.file}:${first.line}`];
  });
}

function lintRequirement(requirement: Requirement, ranges: Ranges): string[] {
  const findings: string[] = [];
  const range = ranges.get(requirement.file);
  const number = Number(requirement.id.slice('ORCH-'.length));
  if (range === undefined) findings.push(`${requirement.file} has no id range in specs/README.md`);
  else if (number < range[0] || number > range[1]) {
    findings.push(`${place(requirement)} is outside the range ${range[0]}-${range[1]} of its file`);
  }
  if (!KEYWORD.test(requirement.text)) findings.push(`${place(requirement)} has no RFC 2119 keyword`);
  return findings;
}

function place({ file, line, id }: Requirement): string {
  return `${file}:${line}: ${id}`;
}
