// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { findOrchestratord } from './orchestratord.ts';

/** A card of this machine. */
export interface Card {
  readonly id: string;
  readonly name: string;
  readonly total_bytes?: number;
  readonly free_bytes?: number;
  readonly driver?: string;
}

/** What this machine has for engines, as the service sees it. */
export interface Machine {
  readonly devices: readonly Card[];
  /** Why devices cannot be read. */
  readonly devices_fault?: string;
  readonly engines: readonly { readonly name: string; readonly path: string }[];
}

/**
 * Asks the service what it finds here; the same code finds cards when a pool is loaded. Nothing is started.
 *
 * @throws Error when the service cannot be run.
 */
export async function lookAtMachine(env: Readonly<Record<string, string | undefined>>): Promise<Machine> {
  const { main, nodeOptions } = findOrchestratord();
  const output = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, [...nodeOptions, main, '--machine'], { env: { ...env } }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`The service cannot look at this machine: ${stderr.trim()}`, { cause: error }));
    });
  });
  return JSON.parse(output) as Machine;
}
