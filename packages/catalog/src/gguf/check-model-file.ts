// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Clock } from '@llama-orch/orchestrator-core';
import type { ModelFacts } from './model-facts.ts';

/** What the check of one file came to. */
export type CheckAnswer =
  | { readonly facts: ModelFacts; readonly fault?: undefined }
  /** Why the file is refused, in one sentence. */
  | { readonly fault: string; readonly facts?: undefined };

/** How much a check may take; ORCH-1630. */
export interface CheckLimits {
  /** Default 30,000. */
  readonly timeoutMs?: number;
  /** Private memory of the process, where the platform can limit it; default 1 GiB. */
  readonly memoryBytes?: number;
  /** Longest header; default 48 MiB. */
  readonly maxHeaderBytes?: number;
}

/** What a check needs. */
export interface CheckOptions extends CheckLimits {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MEMORY_BYTES = 2 ** 30;
const DEFAULT_HEADER_BYTES = 48 * 2 ** 20;
const HEAP_MEBIBYTES = 384;
const MAX_OUTPUT_CHARACTERS = 2 ** 24;

/**
 * Looks at model files in a process of its own, which can write nothing and start nothing, and which is ended when it takes
 * too long. Where it dies, the file that it was looking at is refused, and those after it are looked at by another.
 */
export async function checkModelFiles(
  paths: readonly string[],
  options: CheckOptions,
): Promise<readonly CheckAnswer[]> {
  const answers: CheckAnswer[] = [];
  while (answers.length < paths.length) {
    const { lines, end } = await runChecker(paths.slice(answers.length), options);
    answers.push(...lines.map((line) => JSON.parse(line) as CheckAnswer));
    if (answers.length < paths.length) answers.push({ fault: `The check of the header ${end}.` });
  }
  return answers;
}

/** The same for one file. */
export async function checkModelFile(path: string, options: CheckOptions): Promise<CheckAnswer> {
  const [answer = { fault: 'The header was not checked.' }] = await checkModelFiles([path], options);
  return answer;
}

interface CheckerRun {
  readonly lines: readonly string[];
  /** How it ended, for people. */
  readonly end: string;
}

async function runChecker(paths: readonly string[], options: CheckOptions): Promise<CheckerRun> {
  const { clock, signal, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  signal.throwIfAborted();
  const [command, ...args] = commandOf(paths, options);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'], env: {}, windowsHide: true });
  let output = '';
  let end = 'ended early';
  const stop = (how: string): void => {
    end = how;
    child.kill('SIGKILL');
  };
  const onAbort = (): void => stop('was canceled');
  const timer = clock.setTimer(timeoutMs, () => stop('took too long'));
  signal.addEventListener('abort', onAbort, { once: true });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.length > MAX_OUTPUT_CHARACTERS) stop('said too much');
  });
  try {
    await new Promise<void>((resolve, reject) => child.once('close', resolve).once('error', reject));
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', onAbort);
  }
  signal.throwIfAborted();
  // A line that is not whole was being written when the process died.
  return { lines: output.split('\n').slice(0, -1), end };
}

function commandOf(paths: readonly string[], options: CheckOptions): readonly [string, ...string[]] {
  const { memoryBytes = DEFAULT_MEMORY_BYTES, maxHeaderBytes = DEFAULT_HEADER_BYTES } = options;
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const entry = fileURLToPath(new URL(`./checker-main.${extension}`, import.meta.url));
  const node = [
    process.execPath,
    '--permission',
    '--allow-fs-read=*',
    '--no-warnings',
    `--max-old-space-size=${HEAP_MEBIBYTES}`,
    ...(extension === 'ts' ? ['--conditions=@llama-orch/source'] : []),
    entry,
    String(maxHeaderBytes),
    ...paths,
  ] as const;
  if (process.platform !== 'linux') return node;
  // The kernel's own bound on private memory; a shell is the way to set one for a process that is started.
  const kibibytes = Math.ceil(memoryBytes / 1_024);
  return ['/bin/sh', '-c', `ulimit -d ${kibibytes}; ulimit -c 0; exec "$@"`, 'checker', ...node];
}
