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
  /** Calls back on every SIGINT and SIGTERM, which then no longer end the process, until the returned function is called. */
  onInterrupt(listener: () => void): () => void;
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
    onInterrupt(listener) {
      process.on('SIGINT', listener).on('SIGTERM', listener);
      return () => void process.off('SIGINT', listener).off('SIGTERM', listener);
    },
  };
}

function sinkOf(stream: NodeJS.WriteStream): TextSink {
  return { write: (content) => void stream.write(content), isTerminal: stream.isTTY };
}
