// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { findOrchestratord } from './orchestratord.ts';

/** One fault of a configuration. */
export interface ConfigProblem {
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
}

/** What the service thinks of a configuration file. */
export interface ConfigVerdict {
  readonly valid: boolean;
  readonly file: string;
  readonly problems: readonly ConfigProblem[];
}

/**
 * Asks the service whether it would start with `file`. Nothing is started.
 *
 * @throws Error when the service cannot be run or does not answer in its own words.
 */
export async function checkConfig(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ConfigVerdict> {
  // ORCH-2630: the rules live in the service; a second copy here would drift from them.
  const { main, nodeOptions } = findOrchestratord();
  const args = [...nodeOptions, main, '--check', file, '--json'];
  const output = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, args, { env: { ...env } }, (error, stdout, stderr) => {
      if (stdout.trim() !== '') resolve(stdout);
      else reject(new Error(`The service cannot check a configuration: ${stderr.trim()}`, { cause: error }));
    });
  });
  return JSON.parse(output) as ConfigVerdict;
}
