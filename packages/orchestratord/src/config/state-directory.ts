// SPDX-License-Identifier: MIT
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Environment } from './load-config.ts';

/** Where the service keeps what outlives it, for the user who runs it; ORCH-5027. */
export function stateDirectory(env: Environment): string {
  const { XDG_STATE_HOME: given = '', HOME: home = '' } = env;
  // The XDG rules say that a relative path is to be ignored.
  const base = isAbsolute(given) ? given : join(isAbsolute(home) ? home : homedir(), '.local/state');
  return join(base, 'llama-orch');
}
