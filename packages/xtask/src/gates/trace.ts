// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryFiles } from '../repository-files.ts';
import { readSpecs, type Requirement } from '../specs/read-specs.ts';
import type { Gate } from './gate.ts';

const ANY_ID = /ORCH-\d{4}/g;
/** The ids in the first argument of a call: `verifies('ORCH-…'`, `verifies(['ORCH-…', 'ORCH-…']`. */
const CITED_FIRST = /\(\s*\[?\s*((?:'ORCH-\d{4}'\s*,?\s*)+)/g;
/** The ids in a table of checks: `{ id: 'ORCH-…', … }`. */
const CITED_IN_TABLE = /\bids?:\s*\[?\s*((?:'ORCH-\d{4}'\s*,?\s*)+)/g;
const FEATURE_TAG = /@(ORCH-\d{4})\b/g;

const SCANNED = /\.(ts|tsx|js|mjs|sh|yaml|yml|json|feature|md)$/;
const SKIPPED = /(^|\/)(generated|__fixtures__|node_modules|\.nx)\/|(^|\/)CHANGELOG\.md$|^specs\/|^package-lock\.json$/;
const TEST_CODE = /\.test\.ts$|\/src\/testkit\/.*\.ts$|^test-harness\/.*\.ts$/;

/** One place that names a requirement. */
export interface Mention {
  readonly id: string;
  readonly path: string;
  /** True in a test that proves it; false in a comment, contract or page. */
  readonly proves: boolean;
}

/** Fails on ids that no spec knows, on active requirements no test cites, and on deferred ones a test already proves. */
export const traceRequirements: Gate = async (root) => {
  const { requirements } = await readSpecs(root);
  return judgeMentions(requirements, await readMentions(root));
};

/** Every mention of a requirement outside `specs/`. */
export async function readMentions(root: string): Promise<readonly Mention[]> {
  const paths = (await repositoryFiles(root)).filter((path) => SCANNED.test(path) && !SKIPPED.test(path));
  const mentions = await Promise.all(
    paths.map(async (path) => mentionsIn(path, await readFile(join(root, path), 'utf8'))),
  );
  return mentions.flat();
}

/** The mentions in one file. */
export function mentionsIn(path: string, text: string): Mention[] {
  const proven = new Set(provenIds(path, text));
  const named = new Set(text.match(ANY_ID));
  return [...named].map((id) => ({ id, path, proves: proven.has(id) }));
}

function provenIds(path: string, text: string): string[] {
  if (path.endsWith('.feature')) return [...text.matchAll(FEATURE_TAG)].map(([, id = '']) => id);
  if (!TEST_CODE.test(path)) return [];
  return [...text.matchAll(CITED_FIRST), ...text.matchAll(CITED_IN_TABLE)].flatMap(
    ([, ids = '']) => ids.match(ANY_ID) ?? [],
  );
}

/** Compares mentions with requirements; one line per breach. */
export function judgeMentions(requirements: readonly Requirement[], mentions: readonly Mention[]): string[] {
  const known = new Map(requirements.map((requirement) => [requirement.id, requirement]));
  const proofs = new Map(mentions.filter(({ proves }) => proves).map(({ id, path }) => [id, path]));
  const unknown = mentions.filter(({ id }) => !known.has(id)).map(({ id, path }) => `${path}: ${id} is not in specs/`);
  const uncited = requirements
    .filter(({ id, status }) => status !== 'deferred' && !proofs.has(id))
    .map(({ id, title, file, line }) => `${file}:${line}: ${id} "${title}" is active and no test cites it`);
  const early = requirements
    .filter(({ id, status }) => status === 'deferred' && proofs.has(id))
    .map(
      ({ id, file, line }) =>
        `${file}:${line}: ${id} is deferred, but ${proofs.get(id) ?? ''} proves it; make it active`,
    );
  return [...unknown, ...uncited, ...early];
}
