// SPDX-License-Identifier: MIT
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** How one place of a body is compared; paths are JSON paths from `$`. */
export interface MatchingRules {
  readonly body?: Readonly<Record<string, { readonly matchers: readonly { readonly match: 'type' | 'equality' }[] }>>;
}

/** One exchange that a consumer relies on, as far as Pact V3 files of this repository say it. */
export interface Interaction {
  readonly description: string;
  readonly providerStates: readonly { readonly name: string; readonly params?: Readonly<Record<string, string>> }[];
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly query?: Readonly<Record<string, readonly string[]>>;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  };
  readonly response: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly matchingRules?: MatchingRules;
  };
}

/** Every interaction of every consumer. */
export function readPacts(): readonly Interaction[] {
  const folder = fileURLToPath(new URL('../../../contracts/pacts/', import.meta.url));
  return globSync('*.json', { cwd: folder }).flatMap((file) => {
    const pact = JSON.parse(readFileSync(folder + file, 'utf8')) as { interactions: readonly Interaction[] };
    return pact.interactions;
  });
}
