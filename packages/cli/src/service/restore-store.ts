// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { findOrchestratord } from './orchestratord.ts';

/** What to restore, and where. */
export interface RestoreRequest {
  /** A file written by a backup. */
  readonly file: string;
  /** Names the directory; that of the default service when absent. */
  readonly configFile?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What became of it, with the service's own words for people. */
export interface RestoreOutcome {
  readonly isRestored: boolean;
  readonly lines: readonly string[];
}

/** Lets the service put a backup into its directory, which must be empty and in nobody's use. Nothing is started. */
export async function restoreStore({ file, configFile, env }: RestoreRequest): Promise<RestoreOutcome> {
  const { main, nodeOptions } = findOrchestratord();
  const config = configFile === undefined ? [] : ['--config', configFile];
  return new Promise((resolve) => {
    const args = [...nodeOptions, main, '--restore', file, ...config];
    execFile(process.execPath, args, { env: { ...env } }, (error, stdout, stderr) => {
      const text = error === null ? stdout : stderr;
      resolve({ isRestored: error === null, lines: text.trim().split('\n') });
    });
  });
}
