// SPDX-License-Identifier: MIT

/** One fault of a configuration. */
export interface ConfigFault {
  /** As in `$.pools[0].slots`, or the name of an environment variable. */
  readonly path: string;
  readonly expected: string;
  /** What was found, short and never a secret. */
  readonly actual: string;
}

/** A configuration that cannot be used; the service does not start with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** All faults that were found, at least one. */
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(faults.map(faultLine).join('\n'));
    this.faults = faults;
  }
}

/** A fault as one line. */
export function faultLine({ path, expected, actual }: ConfigFault): string {
  return `${path}: expected ${expected}, found ${actual}`;
}
