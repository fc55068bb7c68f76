// SPDX-License-Identifier: MIT
import { resolve } from 'node:path';
import { openCatalog, type Catalog } from '@llama-orch/catalog';
import type { Config } from '@llama-orch/config-schema';
import { systemClock } from '@llama-orch/node-ports';
import { ModelDesk, type ModelDeskOptions } from './model-desk.ts';
import type { ModelSources } from './model-sources.ts';

/** What the models of a service are opened with. */
export interface ModelParts extends Pick<ModelDeskOptions, 'logger' | 'meter'> {
  readonly config: Config;
  /** Relative paths start here. */
  readonly folder: string;
  /** Absolute path of the models folder. */
  readonly modelsDirectory: string;
  readonly modelSources: ModelSources;
}

/** The desk of a service's models; nothing is opened before it is needed. */
export function createModelDesk(parts: ModelParts): ModelDesk {
  const { modelsDirectory: folder, logger, meter } = parts;
  return new ModelDesk({ folder, logger, meter, open: (usedBy) => open(parts, usedBy) });
}

function open(parts: ModelParts, usedBy: Parameters<ModelDeskOptions['open']>[0]): Promise<Catalog> {
  const { config, folder, modelsDirectory, modelSources } = parts;
  const { catalog } = config;
  return openCatalog({
    folder: modelsDirectory,
    budgetBytes: catalog.budget_bytes,
    allowedPaths: catalog.allowed_paths.map((path) => resolve(folder, path)),
    trust: catalog.trust,
    trustedKeys: catalog.trusted_keys,
    hub: modelSources.hub,
    outbound: {
      isOffline: catalog.offline || modelSources.isOffline,
      allowedHosts: catalog.allowed_hosts,
      allowedNetworks: catalog.allowed_networks,
      maxBytes: catalog.max_file_bytes,
      maxPullMs: catalog.max_pull_ms,
      idleTimeoutMs: catalog.idle_timeout_ms,
    },
    usedBy,
    clock: systemClock,
  });
}
