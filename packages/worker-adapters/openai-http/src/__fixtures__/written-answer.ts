// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';

/** The body of a written answer: `chat.sse`, `metrics.prom`. */
export function writtenAnswer(name: string): Buffer {
  return readFileSync(new URL(`./written/${name}`, import.meta.url));
}
