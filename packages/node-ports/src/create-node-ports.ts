// SPDX-License-Identifier: MIT
import type { CorePorts, Logger, Meter } from '@llama-orch/orchestrator-core';
import { systemClock, systemDigest, systemIds, systemRandom } from './system-ports.ts';

/** Where the core writes to. */
export interface NodePortsOptions {
  /** @defaultValue every line is dropped */
  readonly logger?: Logger;
  /** @defaultValue every figure is dropped */
  readonly meter?: Meter;
}

const drop = (): void => undefined;

/** Everything the core takes from outside, as Node has it. */
export function createNodePorts({
  logger = { log: drop },
  meter = { add: drop, set: drop, observe: drop },
}: NodePortsOptions = {}): CorePorts {
  return { clock: systemClock, random: systemRandom, ids: systemIds, digest: systemDigest, logger, meter };
}
