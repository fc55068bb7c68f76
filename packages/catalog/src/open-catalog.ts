// SPDX-License-Identifier: MIT
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@llama-orch/orchestrator-core';
import type { Catalog, CatalogModel } from './catalog.ts';
import { DEFAULT_TUNING, type DownloadTuning } from './download/download-file.ts';
import type { CheckLimits } from './gguf/check-model-file.ts';
import { hubHost, type HubSettings } from './hub/hub.ts';
import { ModelRegistry } from './model-registry.ts';
import { createOutboundPolicy, HUB_HOSTS, type OutboundRules } from './outbound/outbound-policy.ts';
import { Outbound, type Lookup } from './outbound/outbound.ts';
import { OWN_FOLDER } from './reference/locate-file.ts';
import { FolderCatalog } from './folder-catalog.ts';
import type { TrustRules } from './trust/check-trust.ts';

/** What {@link openCatalog} takes. */
export interface CatalogOptions extends TrustRules {
  /** The models folder; made where it is not there. */
  readonly folder: string;
  /** Most bytes that the folder may hold; default what the disk has. ORCH-1614 */
  readonly budgetBytes?: number | undefined;
  /** Further files and folders that `file:` references may name; default none. */
  readonly allowedPaths?: readonly string[] | undefined;
  readonly outbound?: OutboundRules | undefined;
  readonly hub?: HubSettings | undefined;
  /** Who uses a model now, for people; what is used is neither removed nor makes room. Default nobody. */
  readonly usedBy?: ((model: Pick<CatalogModel, 'id' | 'reference'>) => readonly string[]) | undefined;
  readonly clock: Clock;
  readonly tuning?: Partial<DownloadTuning> | undefined;
  readonly checks?: CheckLimits | undefined;
  /** Finds the addresses of names; default the platform's way. */
  readonly lookup?: Lookup | undefined;
}

/**
 * Opens a models folder. Pulls that an earlier process did not end go on.
 *
 * @throws OrchError STORE_UNAVAILABLE when another process holds the folder; Error when a rule cannot be read, or of the
 *   file system.
 */
export async function openCatalog(options: CatalogOptions): Promise<Catalog> {
  const { clock, hub = {}, outbound: rules = {}, lookup } = options;
  const allowedHosts = [...(rules.allowedHosts ?? HUB_HOSTS), hubHost(hub)];
  const policy = createOutboundPolicy({ ...rules, allowedHosts });
  await mkdir(options.folder, { recursive: true });
  const folder = await realpath(options.folder);
  const own = join(folder, OWN_FOLDER);
  const incomingFolder = join(own, 'incoming');
  const downloadsFolder = join(folder, 'downloads');
  for (const path of [own, incomingFolder]) await mkdir(path, { recursive: true, mode: 0o700 });
  await mkdir(downloadsFolder, { recursive: true });
  const allowedPaths = await Promise.all((options.allowedPaths ?? []).map((path) => realpath(path)));
  const registry = new ModelRegistry(join(own, 'index.sqlite'));
  const catalog = new FolderCatalog({
    registry,
    roots: { folder, allowedPaths },
    incomingFolder,
    downloadsFolder,
    outbound: new Outbound({ policy, clock, ...(lookup === undefined ? {} : { lookup }) }),
    hub,
    clock,
    tuning: { ...DEFAULT_TUNING, ...options.tuning },
    trust: { trust: options.trust, trustedKeys: options.trustedKeys },
    checks: options.checks ?? {},
    budgetBytes: options.budgetBytes ?? Number.MAX_SAFE_INTEGER,
    usedBy: options.usedBy ?? (() => []),
  });
  await catalog.recover();
  return catalog;
}
