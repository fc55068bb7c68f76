// SPDX-License-Identifier: MIT
import type { Pool } from '@llama-orch/config-schema';

/** Adapters whose engine lives in this process. */
type EmbeddedAdapterKind = 'mock' | 'node-llama-cpp';

/** Adapters whose engine is a server of its own. */
export type ServerAdapterKind = Exclude<Pool['adapter'], EmbeddedAdapterKind>;

/** Who starts the engines of a pool: what it says, or what follows from its other keys. */
export function provisioningOf(pool: Pool): NonNullable<Pool['provisioning']> {
  if (pool.provisioning !== undefined) return pool.provisioning;
  if (pool.adapter === 'mock' || pool.adapter === 'node-llama-cpp') return 'embedded';
  return pool.engine === undefined ? 'external' : 'managed';
}
