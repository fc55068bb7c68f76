// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';

/** One requirement of `specs/`, as extracted into `specs/requirements.json`. */
export interface Requirement {
  /** `ORCH-` and four digits. */
  readonly id: string;
  readonly title: string;
  readonly status: 'active' | 'deferred' | 'known-failure';
  /** Why it is deferred, or the link of the known failure. */
  readonly reason?: string;
  /** Spec file, relative to the repository root. */
  readonly file: string;
}

const source = new URL('../../../specs/requirements.json', import.meta.url);
let byId: ReadonlyMap<string, Requirement> | undefined;

/**
 * Looks a requirement up.
 *
 * @throws Error when the id is unknown; the message names the command that extracts new ones.
 */
export function requirementOf(id: string): Requirement {
  byId ??= readRequirements();
  const requirement = byId.get(id);
  if (requirement === undefined) {
    throw new Error(`${id} is not in specs/requirements.json; after editing specs/ run: npm run xtask spec-extract`);
  }
  return requirement;
}

function readRequirements(): ReadonlyMap<string, Requirement> {
  const { requirements } = JSON.parse(readFileSync(source, 'utf8')) as { requirements: Requirement[] };
  return new Map(requirements.map((requirement) => [requirement.id, requirement]));
}
