// SPDX-License-Identifier: MIT
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A place for the state of one service, so that none shares its directory with another. */
export interface StateFolder extends Disposable {
  /** This process's environment, with that place in it. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Makes one; disposal removes it. */
export function makeStateFolder(): StateFolder {
  const path = mkdtempSync(join(tmpdir(), 'cli-state-'));
  return {
    env: { ...process.env, XDG_STATE_HOME: path },
    [Symbol.dispose]: () => rmSync(path, { recursive: true }),
  };
}
