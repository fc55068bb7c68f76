// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';

/** Raw bytes of an answer in `written/`, head and framing included. */
export function writtenAnswer(name: string): Buffer {
  return readFileSync(new URL(`./written/${name}.http`, import.meta.url));
}
