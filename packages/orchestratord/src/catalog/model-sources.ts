// SPDX-License-Identifier: MIT
import { hubFromEnvironment, type HubSettings } from '@llama-orch/catalog';

/** Where models come from, as the environment says. */
export interface ModelSources {
  readonly hub: HubSettings;
  /** Whether the environment forbids to ask other hosts. */
  readonly isOffline: boolean;
}

/** The variables that the hub's own tools read; ORCH-1615. */
export function readModelSources(env: Readonly<Record<string, string | undefined>>): ModelSources {
  const offline = env['HF_HUB_OFFLINE']?.toLowerCase();
  return { hub: hubFromEnvironment(env), isOffline: offline === '1' || offline === 'true' };
}
