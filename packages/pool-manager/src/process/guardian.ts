// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { platform } from 'node:process';

/**
 * Reads the number of a process group, then waits for a second line. When the pipe closes without one, whoever held it is dead:
 * the group gets SIGTERM, and SIGKILL two seconds later at the latest. A program of the system in a session of its own, so that it
 * outlives us, costs a megabyte and starts in a millisecond.
 */
const SCRIPT = `
read -r group || exit 0
read -r word && exit 0
kill -TERM "-$group" 2>/dev/null || exit 0
looks=0
while [ "$looks" -lt 20 ] && kill -0 "-$group" 2>/dev/null; do sleep 0.1; looks=$((looks + 1)); done
kill -KILL "-$group" 2>/dev/null
`;

/** Ends an engine when this process dies without a word. */
export interface Guardian {
  /** Names the process group to watch over; call it in the same turn in which the group's leader was started. */
  watch(group: number): void;
  /** Lets it go: the group has ended, or was never started. Resolves when it is gone; idempotent. */
  dismiss(): Promise<void>;
}

/** Starts a guardian; undefined where the system has neither process groups nor a shell. ORCH-1404 */
export function startGuardian(): Guardian | undefined {
  if (platform === 'win32') return undefined;
  const shell = spawn('/bin/sh', ['-c', SCRIPT], {
    detached: true,
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const gone = Promise.race([once(shell, 'exit'), once(shell, 'error')]).catch(() => undefined);
  shell.on('error', () => undefined);
  // A guardian that was killed by somebody leaves a pipe that nobody reads; the record on the disk still finds the engine.
  shell.stdin.on('error', () => undefined);
  return {
    watch: (group) => void shell.stdin.write(`${group}\n`),
    async dismiss() {
      shell.stdin.end('done\ndone\n');
      await gone;
    },
  };
}
