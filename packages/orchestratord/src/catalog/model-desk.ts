// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalog, CatalogEvent, CatalogModel, ModelState } from '@llama-orch/catalog';
import type { Pool } from '@llama-orch/config-schema';
import type { Logger, Meter, PoolId } from '@llama-orch/orchestrator-core';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { opensModelFile } from '../config/check-pools.ts';
import type { PoolControl } from '../pools/pool-control.ts';
import { canonicalModel, isCatalogModel } from './catalog-model.ts';

/** What a desk is made from. */
export interface ModelDeskOptions {
  /** Opens the models folder. */
  readonly open: (usedBy: (model: Pick<CatalogModel, 'reference'>) => readonly string[]) => Promise<Catalog>;
  /** Absolute path of the models folder. */
  readonly folder: string;
  readonly logger: Logger;
  readonly meter: Meter;
}

/** The pools that models are for. */
export interface ModelUsers extends Pick<PoolControl, 'drain' | 'resume'> {
  /** Their sections as they are in force. */
  readonly sections: readonly Pool[];
}

/** What jobs may take until their pool is drained of a retired model. */
const RETIRE_DEADLINE_MS = 600_000;

/**
 * The catalog of a service. The folder is opened when something needs it: most services have no models of their own, and two
 * of one user may then run side by side.
 */
export class ModelDesk {
  readonly #options: ModelDeskOptions;
  readonly #listeners = new Set<(event: CatalogEvent) => void>();
  #users: ModelUsers | undefined;
  #opening: Promise<Catalog> | undefined;
  /** References of models that take no new work. */
  #retired: ReadonlySet<string> = new Set();

  constructor(options: ModelDeskOptions) {
    this.#options = options;
  }

  /** Tells whose models these are, and opens a folder that is there: a pull that was interrupted goes on. */
  begin(users: ModelUsers): void {
    this.#users = users;
    if (!existsSync(join(this.#options.folder, '.catalog', 'index.sqlite'))) return;
    this.catalog().catch((error: unknown) => {
      this.#options.logger.log('warn', 'The models folder cannot be used.', { reason: String(error) });
    });
  }

  /** The catalog. @throws OrchError STORE_UNAVAILABLE when the folder cannot be used. */
  catalog(): Promise<Catalog> {
    if (this.#opening === undefined) {
      this.#opening = this.#open();
      // The next call tries again.
      this.#opening.catch(() => (this.#opening = undefined));
    }
    return this.#opening;
  }

  /** Calls the listener with what happens to models; the answer ends that. */
  watch(listener: (event: CatalogEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A pool's section with the file of its model in the place of the reference; pulls it where it is not there. */
  async locate(section: Pool, signal: AbortSignal): Promise<Pool> {
    const { model } = section;
    if (model === undefined || !opensModelFile(section) || !isCatalogModel(model)) return section;
    const { path, digest } = await (await this.catalog()).resolve(model, signal);
    return { ...section, model: path, options: { ...section.options, digest } };
  }

  /** Pools that serve a model. */
  usedBy({ reference }: Pick<CatalogModel, 'reference'>): readonly string[] {
    return this.#sectionsOf(reference).map(({ id }) => id);
  }

  /** @throws OrchError MODEL_DEPRECATED when every model that a task may mean is retired; ORCH-1603. */
  checkModel(modelRef: string | undefined): void {
    if (modelRef === undefined || this.#retired.size === 0) return;
    const served = (this.#users?.sections ?? [])
      .filter(({ model, model_refs: refs }) => model === modelRef || refs.includes(modelRef))
      .map(({ model = modelRef }) => model);
    const meant = served.length === 0 ? [modelRef] : served;
    if (meant.every((model) => this.#retired.has(canonicalModel(model)))) {
      throw new OrchError('MODEL_DEPRECATED', { phase: 'admission', details: { field: '$.model_ref' } });
    }
  }

  /** Takes a model out of use with the pools that serve it, or back. @throws OrchError NOT_FOUND. */
  async setState(id: string, state: ModelState): Promise<CatalogModel> {
    const model = (await this.catalog()).setState(id, state);
    if (state === 'Retired') this.#drain(model);
    else for (const pool of this.usedBy(model)) await this.#users?.resume(pool as PoolId);
    return model;
  }

  /** Ends what runs; idempotent. */
  async close(): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined);
    await opened?.close();
  }

  async #open(): Promise<Catalog> {
    const catalog = await this.#options
      .open((model) => this.usedBy(model))
      .catch((error: unknown) => {
        const message = 'The models folder cannot be used.';
        throw OrchError.is(error) ? error : new OrchError('STORE_UNAVAILABLE', { message, cause: error });
      });
    catalog.watch((event) => this.#take(event, catalog));
    this.#noteRetired(catalog);
    for (const model of catalog.list()) if (model.state === 'Retired') this.#drain(model);
    return catalog;
  }

  #take(event: CatalogEvent, catalog: Catalog): void {
    // ORCH-1632
    if (event.kind === 'verified')
      this.#options.meter.add('catalog_verifications_total', { verdict: event.outcome }, 1);
    this.#noteRetired(catalog);
    for (const listener of this.#listeners) listener(event);
  }

  #noteRetired(catalog: Catalog): void {
    const retired = catalog.list().filter(({ state }) => state === 'Retired');
    this.#retired = new Set(retired.map(({ reference }) => reference));
  }

  #drain(model: CatalogModel): void {
    for (const pool of this.usedBy(model)) {
      void this.#users?.drain(pool as PoolId, RETIRE_DEADLINE_MS).catch((error: unknown) => {
        this.#options.logger.log('warn', 'A pool could not be drained of a retired model.', {
          pool_id: pool,
          reason: String(error),
        });
      });
    }
  }

  #sectionsOf(reference: string): readonly Pool[] {
    const isIt = (model: string): boolean => isCatalogModel(model) && canonicalModel(model) === reference;
    return (this.#users?.sections ?? []).filter(({ model, model_refs: refs }) =>
      model === undefined ? refs.some(isIt) : isIt(model),
    );
  }
}
