// SPDX-License-Identifier: MIT
import { lstat, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { OrchError } from '@llama-orch/worker-adapter-api';

/** Where model files may be; all absolute, and free of links. */
export interface FileRoots {
  readonly folder: string;
  /** Further files and folders that the operator allowed; links that lead there, or are there, are followed. */
  readonly allowedPaths: readonly string[];
}

/** The catalog's own folder below the models folder. */
export const OWN_FOLDER = '.catalog';

/**
 * The file of a `file:` reference; ORCH-1601. Below the models folder a path has to be the file's own and only name: links,
 * symbolic or hard, and other spellings of a name that the file system would accept are refused.
 *
 * @throws OrchError NOT_FOUND when there is none, INVALID_PARAMS when it is outside.
 */
export async function locateFile(path: string, { folder, allowedPaths }: FileRoots): Promise<string> {
  const asked = isAbsolute(path) ? path : join(folder, path);
  const real = await realpath(asked).catch((error: unknown) => {
    throw new OrchError('NOT_FOUND', {
      message: 'There is no such model file.',
      details: { field: '$.model_ref' },
      cause: error,
    });
  });
  const status = await lstat(real);
  if (!status.isFile()) throw outside('a file');
  if (allowedPaths.some((allowed) => isBelow(real, allowed))) return real;
  if (!isBelow(real, folder) || isBelow(real, join(folder, OWN_FOLDER)))
    throw outside('a file below the models folder');
  if (real !== asked) throw outside('the name of the file as it is, without links');
  if (status.nlink > 1) throw outside('a file that has no other name');
  return real;
}

/** Whether a path is a folder, or in it. */
export function isBelow(path: string, folder: string): boolean {
  const steps = relative(folder, path);
  return steps !== '..' && !steps.startsWith(`..${sep}`) && !isAbsolute(steps);
}

function outside(expected: string): OrchError {
  return new OrchError('INVALID_PARAMS', {
    message: `The model reference is not valid: expected ${expected}.`,
    details: { field: '$.model_ref', expected },
  });
}
