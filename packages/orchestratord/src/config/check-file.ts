// SPDX-License-Identifier: MIT
import { ConfigError, faultLine, type ConfigFault } from './config-fault.ts';
import { loadConfig, type Environment } from './load-config.ts';

/** What `--check` says of a configuration file. */
export interface ConfigVerdict {
  readonly valid: boolean;
  readonly file: string;
  /** Every fault; empty when valid. */
  readonly problems: readonly ConfigFault[];
}

/** Whether the service would start with `file` in this environment. Starts nothing. */
export function checkFile(file: string, env: Environment): ConfigVerdict {
  try {
    loadConfig({ file, env });
    return { valid: true, file, problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { valid: false, file, problems: error.faults };
  }
}

/** A verdict as one JSON document, or as lines for people. */
export function formatVerdict(verdict: ConfigVerdict, isJson: boolean): string {
  if (isJson) return `${JSON.stringify(verdict)}\n`;
  if (verdict.valid) return `${verdict.file} is valid\n`;
  return `${verdict.problems.map(faultLine).join('\n')}\n`;
}
