// SPDX-License-Identifier: MIT
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory that goes with its owner. */
export interface TemporaryDirectory extends AsyncDisposable {
  /** Absolute and without symbolic links, as a data directory must be. */
  readonly path: string;
}

/** Makes an empty directory. */
export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(await realpath(tmpdir()), 'llama-orch-chaos-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
