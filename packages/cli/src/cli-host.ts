// SPDX-License-Identifier: MIT
import { text } from 'node:stream/consumers';
import type { Fetch } from '@llama-orch/client';

/** A standard stream as commands see it. */
export interface TextSink {
  write(text: string): void;
  /** True on a terminal. */
  readonly isTerminal: boolean;
}

/** What a command may touch of the process it runs in. */
export interface CliHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** True when standard input is a terminal, which sends its signals to child processes too. */
  readonly isInputTerminal: boolean;
  /** Calls back on every SIGINT and SIGTERM, which then no longer end the process, until the returned function is called. */
  onInterrupt(listener: (signal: 'SIGINT' | 'SIGTERM') => void): () => void;
  /** Another way to reach the service, for tests. */
  readonly fetch?: Fetch;
}

/** The process this runs in. */
export function createProcessHost(): CliHost {
  return {
    env: process.env,
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    readInput: () => text(process.stdin),
    isInputTerminal: process.stdin.isTTY,
    onInterrupt(listener) {
      const onSignal = (signal: NodeJS.Signals): void => listener(signal as 'SIGINT' | 'SIGTERM');
      process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
      return () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    },
  };
}

function sinkOf(stream: NodeJS.WriteStream): TextSink {
  return { write: (content) => void stream.write(content), isTerminal: stream.isTTY };
}
