// SPDX-License-Identifier: MIT
import type { CliHost } from '../cli-host.ts';

/** Where a command's output goes: documents for programs or text for people. */
export interface Printer {
  /** True when standard output is for programs. */
  readonly isJson: boolean;
  /** A command's whole answer: one JSON document, or lines of text. */
  answer(document: unknown, lines: readonly string[]): void;
  /** One item of a stream of answers; people see nothing of it. */
  item(document: unknown): void;
  /** Text of the model, as it is; programs get it inside items. */
  output(text: string): void;
  /** A line for people, on standard error. */
  note(line: string): void;
}

/** The printer of a command. */
export function createPrinter({ stdout, stderr }: CliHost, isJson: boolean): Printer {
  const json = (document: unknown): void => stdout.write(`${JSON.stringify(document)}\n`);
  return {
    isJson,
    answer(document, lines) {
      // ORCH-2601: with --json nothing else ever reaches standard output.
      if (isJson) json(document);
      else for (const line of lines) stdout.write(`${line}\n`);
    },
    item(document) {
      if (isJson) json(document);
    },
    output(text) {
      if (!isJson) stdout.write(text);
    },
    note: (line) => stderr.write(`${line}\n`),
  };
}
