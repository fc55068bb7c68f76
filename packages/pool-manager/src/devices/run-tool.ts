// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { env } from 'node:process';
import { OrchError } from '@llama-orch/worker-adapter-api';

/** A tool to ask. */
export interface Tool {
  /** File name or path. */
  readonly command: string;
  readonly args: readonly string[];
  /** Milliseconds after which it is killed. */
  readonly timeoutMs: number;
}

const MOST_OUTPUT_BYTES = 4 * 1024 * 1024;

/**
 * Runs a tool without a shell and gives what it prints; undefined where it is not installed.
 *
 * @throws OrchError INTERNAL when it fails or does not end in time. `signal` kills it and rejects the same way.
 */
export async function runTool({ command, args, timeoutMs }: Tool, signal: AbortSignal): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const options = {
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: MOST_OUTPUT_BYTES,
    signal,
    windowsHide: true,
    // Numbers and words as the parsers expect them, whatever the user's language is.
    env: { ...env, LC_ALL: 'C' },
  } as const;
  execFile(command, [...args], options, (error, stdout, stderr) => {
    if (error === null) resolve(stdout);
    // ORCH-1420: a tool that is not there means that there is no such device.
    else if (error.code === 'ENOENT' || error.code === 'EACCES') resolve(undefined);
    else reject(toolFault(`${command} ${whyItFailed(error, timeoutMs, `${stdout}\n${stderr}`)}`, error));
  });
  return promise;
}

/** A fault of reading devices. */
export function toolFault(message: string, cause?: unknown): OrchError {
  return new OrchError('INTERNAL', { message, cause });
}

function whyItFailed(error: { killed?: boolean; code?: unknown }, timeoutMs: number, output: string): string {
  if (error.code === 'ABORT_ERR') return 'was aborted.';
  if (error.killed === true) return `did not answer within ${timeoutMs} ms.`;
  const said = output.trim().split('\n')[0]?.slice(0, 200);
  return said === undefined || said === '' ? `failed with exit status ${String(error.code)}.` : `failed: ${said}`;
}
