// SPDX-License-Identifier: MIT
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { findOrchestratord } from './orchestratord.ts';

/** What to start. */
export interface StartOptions {
  /** Configuration; the built-in one when absent. */
  readonly configFile?: string;
  /** Loopback port to listen on. */
  readonly port: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long loading and self-test may take. */
  readonly readyTimeoutMs: number;
  /** Stops the service when it aborts, also while it starts. */
  readonly signal?: AbortSignal;
  /** Called with every line of the service's log. */
  readonly onLog?: (line: LogLine) => void;
}

/** One line of the service's log. */
export interface LogLine {
  readonly level: string;
  /** One sentence for people. */
  readonly human: string;
}

/** A service in a process of its own; disposal stops it in an orderly way and waits for its end. */
export interface StartedService extends AsyncDisposable {
  readonly url: string;
  /** Resolves once the process has ended. */
  readonly ended: Promise<ServiceEnd>;
}

/** How the process of a service ended. */
export interface ServiceEnd {
  /** 1 where a signal ended it. */
  readonly exitCode: number;
  /** Null where it ended by itself. */
  readonly signal: NodeJS.Signals | null;
}

const SELF_TEST_PASSED = 'The self-test passed: metrics.';
const KEPT_LINES = 20;

/**
 * Starts the service and waits until it has loaded its models and passed its self-test.
 *
 * @throws Error with the end of its log when it ends or takes too long; nothing is left running.
 */
export async function startService(options: StartOptions): Promise<StartedService> {
  const child = spawnService(options);
  const ended = endOf(child);
  const stop = stopOnce(child, options.signal);
  const service: StartedService = {
    url: `http://127.0.0.1:${options.port}`,
    ended,
    async [Symbol.asyncDispose]() {
      stop();
      await ended;
    },
  };
  const tail: string[] = [];
  const passed = new Promise<'passed'>((resolve) => {
    onLogLine(child, (line) => {
      if (line.level !== 'info') tail.splice(0, tail.length - KEPT_LINES, line.human);
      options.onLog?.(line);
      if (line.human === SELF_TEST_PASSED) resolve('passed');
    });
  });
  const outcome = await Promise.race([passed, ended.then(() => 'ended'), timeout(options.readyTimeoutMs)]);
  if (outcome === 'passed') return service;
  await service[Symbol.asyncDispose]();
  throw new Error(`The service did not get ready: ${tail.join(' ') || outcome}`);
}

function spawnService({ configFile, port, env }: StartOptions): ChildProcess {
  const { main, nodeOptions } = findOrchestratord();
  const config = configFile === undefined ? [] : ['--config', configFile];
  return spawn(process.execPath, [...nodeOptions, main, '--self-test', ...config], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...env,
      LLORCH_LISTEN_HOST: '127.0.0.1',
      LLORCH_LISTEN_PORT: String(port),
      LLORCH_LOG_FORMAT: 'json',
      LLORCH_LOG_LEVEL: 'info',
    },
  });
}

async function endOf(child: ChildProcess): Promise<ServiceEnd> {
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { exitCode: code ?? 1, signal };
}

/** A function that stops the service in an orderly way; a second signal would end it at once, so there is never one. */
function stopOnce(child: ChildProcess, signal: AbortSignal | undefined): () => void {
  let isStopping = false;
  const stop = (): void => {
    if (!isStopping) child.kill('SIGTERM');
    isStopping = true;
  };
  signal?.addEventListener('abort', stop, { once: true });
  child.once('close', () => signal?.removeEventListener('abort', stop));
  return stop;
}

function onLogLine({ stdout, stderr }: ChildProcess, listener: (line: LogLine) => void): void {
  for (const stream of [stdout, stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (text) => listener(parseLogLine(text)));
  }
}

function parseLogLine(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    // Words of Node or of an engine instead of the service's own: worth showing as they are.
    return { level: 'warn', human: text };
  }
}

async function timeout(timeoutMs: number): Promise<'took too long'> {
  // Unreferenced: it must not keep the process alive once the race is decided.
  await new Promise((resolve) => setTimeout(resolve, timeoutMs).unref());
  return 'took too long';
}
