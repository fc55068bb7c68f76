// SPDX-License-Identifier: MIT
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of the heap that are still held after everything that can go has gone. */
export function heldHeapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}
