// SPDX-License-Identifier: MIT
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One requirement as written in a spec file. */
export interface Requirement {
  readonly id: string;
  readonly title: string;
  readonly status: 'active' | 'deferred' | 'known-failure';
  /** Why it is deferred, or the link of the known failure. */
  readonly reason?: string;
  /** Spec file, relative to the repository root. */
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** What was read from `specs/`, and what could not be read. */
export interface Specs {
  readonly requirements: readonly Requirement[];
  /** One line per breach of the spec format, with file and line. */
  readonly problems: readonly string[];
}

const HEADING = /^### (ORCH-\d{4}) (\S.*)$/;
const STATUS = /^Status: (?:(active)|(deferred|known-failure) \((.+)\))$/;

/** Reads every requirement of `specs/*.md`, in the order of files and lines. */
export async function readSpecs(root: string): Promise<Specs> {
  const names = (await readdir(join(root, 'specs')))
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .sort();
  const parsed = await Promise.all(
    names.map(async (name) => parseSpec(`specs/${name}`, await readFile(join(root, 'specs', name), 'utf8'))),
  );
  return {
    requirements: parsed.flatMap(({ requirements }) => requirements),
    problems: parsed.flatMap(({ problems }) => problems),
  };
}

/** Parses one spec file; every `###` heading must be a requirement with a status as its first paragraph. */
export function parseSpec(file: string, markdown: string): Specs {
  const requirements: Requirement[] = [];
  const problems: string[] = [];
  for (const section of splitSections(markdown)) {
    const where = `${file}:${section.line}`;
    const heading = HEADING.exec(section.heading);
    if (heading === null) {
      problems.push(`${where}: "${section.heading}" is not "### ORCH-#### Title"`);
      continue;
    }
    const [statusLine = '', ...body] = section.body.split(/\n\s*\n/);
    const status = STATUS.exec(statusLine.replaceAll('\n', ' '));
    if (status === null) {
      problems.push(`${where}: the first paragraph is not "Status: active | deferred (reason) | known-failure (link)"`);
      continue;
    }
    const [, active, other, reason] = status;
    requirements.push({
      id: heading[1] ?? '',
      title: heading[2] ?? '',
      status: active === undefined ? (other as 'deferred' | 'known-failure') : 'active',
      ...(reason === undefined ? {} : { reason }),
      file,
      line: section.line,
      text: body.join('\n\n').trim(),
    });
  }
  return { requirements, problems };
}

interface Section {
  readonly heading: string;
  readonly line: number;
  readonly body: string;
}

function splitSections(markdown: string): Section[] {
  const lines = markdown.split('\n');
  const headings = lines.flatMap((line, index) => (/^#{1,3} /.test(line) ? [index] : []));
  return headings
    .map((start, i) => ({
      heading: lines[start] ?? '',
      line: start + 1,
      body: lines
        .slice(start + 1, headings[i + 1])
        .join('\n')
        .trim(),
    }))
    .filter(({ heading }) => heading.startsWith('### '));
}
