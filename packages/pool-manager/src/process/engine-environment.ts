// SPDX-License-Identifier: MIT

/** What programs need to run at all; none of it is a secret of ours. */
const ALWAYS = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'SystemRoot',
  'TEMP',
];

/** What an engine's environment is made from. */
export interface EnvironmentParts {
  /** Ours. */
  readonly own: Readonly<Record<string, string | undefined>>;
  /** Names that the operator lets through. */
  readonly inherit: readonly string[];
  /** Values that the operator sets. */
  readonly set: Readonly<Record<string, string>>;
  /** The mask of its devices, which nothing overrides. */
  readonly mask: Readonly<Record<string, string>>;
}

/** An environment that holds what is named and no more, so that our tokens and keys never reach an engine. */
export function engineEnvironment({ own, inherit, set, mask }: EnvironmentParts): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of [...ALWAYS, ...inherit]) {
    const value = own[name];
    if (value !== undefined) environment[name] = value;
  }
  return { ...environment, ...set, ...mask };
}
