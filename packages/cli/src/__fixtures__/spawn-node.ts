// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SOURCES = '--conditions=@llama-orch/source';

/** A process under test. */
export interface SpawnedProcess extends AsyncDisposable {
  readonly pid: number | undefined;
  /** Everything it has written so far. */
  readonly written: { stdout: string; stderr: string };
  readonly exitCode: Promise<number | null>;
  /** Resolves once `pattern` stands in its output; rejects when it ends without. */
  sees(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
}

/** Runs a module of this package's `src` folder; disposal ends it in an orderly way. */
export function spawnNode(
  module: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): SpawnedProcess {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  const state = mkdtempSync(join(tmpdir(), 'cli-state-'));
  const child = spawn(process.execPath, [SOURCES, join(import.meta.dirname, '..', module), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, HOME, NODE_COMPILE_CACHE, XDG_STATE_HOME: state, ...env },
  });
  const written = { stdout: '', stderr: '' };
  let news = Promise.withResolvers<void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
      news.resolve();
      news = Promise.withResolvers();
    });
  }
  const exitCode = once(child, 'close').then(([code]: (number | null)[]) => {
    rmSync(state, { recursive: true });
    return code ?? null;
  });
  return {
    pid: child.pid,
    written,
    exitCode,
    async sees(pattern) {
      let hasEnded = false;
      const end = exitCode.then(() => (hasEnded = true));
      for (;;) {
        const match = pattern.exec(written.stdout + written.stderr);
        if (match !== null) return match;
        if (hasEnded) throw new Error(`${String(pattern)} never came:\n${written.stdout}${written.stderr}`);
        await Promise.race([news.promise, end]);
      }
    },
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await exitCode;
    },
  };
}
