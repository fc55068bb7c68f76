// SPDX-License-Identifier: MIT
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const BINARY_NAME = 'llama-server';

/**
 * The llama-server to test with: the one that `LLAMA_SERVER` names, else the first on `PATH`; undefined when there is none.
 * Tests that need one are then skipped by a title that says so.
 */
export function findLlamaServer(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const { LLAMA_SERVER: named, PATH: path = '' } = environment;
  // ORCH-1515
  if (named !== undefined && named !== '') return named;
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, BINARY_NAME))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not there, or not ours to run: the next folder may have one.
    return false;
  }
}
