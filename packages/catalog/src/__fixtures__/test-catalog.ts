// SPDX-License-Identifier: MIT
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@llama-orch/orchestrator-core';
import type { Catalog } from '../catalog.ts';
import { openCatalog, type CatalogOptions } from '../open-catalog.ts';
import type { ModelServer } from './model-server.ts';

/** The machine's own time. */
export const machineClock: Clock = {
  nowMs: () => performance.now(),
  wallNowMs: () => Date.now(),
  setTimer(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** A catalog in a folder of its own. */
export interface TestCatalog extends AsyncDisposable {
  readonly folder: string;
  readonly catalog: Catalog;
  /** Closes it and opens the folder again, as the next process would. */
  reopen(options?: Partial<CatalogOptions>): Promise<Catalog>;
  /** Names of what is installed, and of what is left of downloads. */
  stored(): Promise<{ readonly downloads: readonly string[]; readonly incoming: readonly string[] }>;
}

/** Opens one that asks only the given server, as its hub. */
export async function openTestCatalog(
  server: Pick<ModelServer, 'origin'> | undefined,
  options: Partial<CatalogOptions> = {},
): Promise<TestCatalog> {
  const folder = await mkdtemp(join(tmpdir(), 'llama-orch-catalog-'));
  const open = (more: Partial<CatalogOptions> = {}): Promise<Catalog> =>
    openCatalog({
      folder,
      clock: machineClock,
      hub: server === undefined ? {} : { endpoint: server.origin },
      tuning: { pieceBytes: 256 * 1_024, retryDelayMs: 1 },
      ...options,
      ...more,
      outbound: { allowedNetworks: ['127.0.0.0/8'], ...options.outbound, ...more.outbound },
    });
  let catalog = await open();
  return {
    folder,
    get catalog() {
      return catalog;
    },
    async reopen(more) {
      await catalog.close();
      catalog = await open(more);
      return catalog;
    },
    async stored() {
      const [downloads, incoming] = [join(folder, 'downloads'), join(folder, '.catalog', 'incoming')];
      return { downloads: await readdir(downloads), incoming: await readdir(incoming) };
    },
    async [Symbol.asyncDispose]() {
      await catalog.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
