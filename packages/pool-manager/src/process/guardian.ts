// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { platform } from 'node:process';

/**
 * Reads the number of a session's leader, then waits for a second line. When the pipe closes without one, whoever held it is dead: the
 * session gets SIGTERM, and SIGKILL when its leader's group is gone, a second later at the latest. Without /proc the group alone gets
 * them. A program of the system in a session of its own, so that it outlives us, costs a megabyte and starts in a millisecond.
 */
const SCRIPT = `
read -r leader || exit 0
read -r word && exit 0
tell() {
  found=
  for stat in $(grep -lsE "[)] [A-Za-z] [0-9]+ [0-9]+ $leader " /proc/[0-9]*/stat); do
    found=1
    pid="\${stat#/proc/}"
    kill "-$1" "\${pid%/stat}"
  done
  [ -n "$found" ] || kill "-$1" "-$leader"
}
tell TERM || exit 0
for pause in 0.1 0.3 0.6; do
  kill -0 "-$leader" || break
  sleep "$pause"
done
tell KILL
`;

/** Ends an engine when this process dies without a word. */
export interface Guardian {
  /** Names the leader of the session to watch over; call it in the same turn in which that was started. */
  watch(leader: number): void;
  /** Lets it go: the session has ended, or was never started. Resolves when it is gone; idempotent. */
  dismiss(): Promise<void>;
}

/** Starts a guardian; undefined where the system has neither sessions nor a shell. ORCH-1404 */
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
    watch: (leader) => void shell.stdin.write(`${leader}\n`),
    async dismiss() {
      shell.stdin.end('done\ndone\n');
      await gone;
    },
  };
}
