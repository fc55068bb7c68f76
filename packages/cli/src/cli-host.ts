// SPDX-License-Identifier: MIT
import { text } from 'node:stream/consumers';
import type { Fetch } from '@llama-orch/client';

/** A standard stream as commands see it. */
export interface TextSink {
  write(text: string): void;
  /** True on a terminal. */
  readonly isTerminal: boolean;
}

/** Why a command should end early. */
export type InterruptSignal = 'SIGINT' | 'SIGTERM' | 'SIGPIPE';

/** What a command may touch of the process it runs in. */
export interface CliHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** True when standard input is a terminal, which sends its signals to child processes too. */
  readonly isInputTerminal: boolean;
  /**
   * Calls back on every SIGINT and SIGTERM, which then no longer end the process, and with SIGPIPE when the reader of
   * standard output is gone, until the returned function is called.
   */
  onInterrupt(listener: (signal: InterruptSignal) => void): () => void;
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
      const onSignal = (signal: NodeJS.Signals): void => listener(signal as InterruptSignal);
      const onPipeError = ({ code }: NodeJS.ErrnoException): void => {
        if (code === 'EPIPE') listener('SIGPIPE');
      };
      process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
      process.stdout.once('error', onPipeError);
      return () => {
        process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
        process.stdout.off('error', onPipeError);
      };
    },
  };
}

function sinkOf(stream: NodeJS.WriteStream): TextSink {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Nobody reads any more: what is still to be written has no place to go, and that is no fault.
    if (error.code !== 'EPIPE') throw error;
  });
  return { write: (content) => void stream.write(content), isTerminal: stream.isTTY };
}
