// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** One step of a pipeline. */
export interface Stage {
  readonly name: string;
  /** Resolves with true when the step passed; prints what a person needs when it did not. */
  readonly run: () => Promise<boolean>;
}

/** How one stage went. */
export interface StageResult {
  readonly name: string;
  readonly passed: boolean;
  readonly wallMs: number;
}

/** How {@link runStages} goes on. */
export interface RunStagesOptions {
  readonly print: (line: string) => void;
  /** Stop at the first stage that fails; default is to run them all. */
  readonly stopAtFirst?: boolean;
  /** Monotonic milliseconds. */
  readonly nowMs?: () => number;
}

/** Runs stages one after the other and prints a table of how they went. */
export async function runStages(stages: readonly Stage[], options: RunStagesOptions): Promise<readonly StageResult[]> {
  const { print, stopAtFirst = false, nowMs = () => performance.now() } = options;
  const results: StageResult[] = [];
  for (const { name, run } of stages) {
    print(`\n== ${name}`);
    const startedMs = nowMs();
    const passed = await run();
    results.push({ name, passed, wallMs: nowMs() - startedMs });
    if (!passed && stopAtFirst) break;
  }
  print('');
  for (const { name, passed, wallMs } of results) {
    print(`${passed ? 'ok    ' : 'FAILED'} ${name} (${(wallMs / 1000).toFixed(1)} s)`);
  }
  return results;
}

/** A stage that runs a program in `root`; it passes when the program exits with 0. */
export function programStage(name: string, root: string, argv: readonly [string, ...string[]]): Stage {
  const [program, ...args] = argv;
  return {
    name,
    run: async () => {
      const child = spawn(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, NX_TUI: 'false' } });
      const [code] = (await once(child, 'exit')) as [number | null];
      return code === 0;
    },
  };
}
