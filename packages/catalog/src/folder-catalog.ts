// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { AddRequest, Catalog, CatalogEvent, CatalogModel, InstalledModel, ModelState } from './catalog.ts';
import { identifyFile, isSameFile } from './install/digest-file.ts';
import type { InstallParts } from './install/install-model.ts';
import { leftParts, sweepFolder } from './install/left-behind.ts';
import type { Removable } from './install/plan-room.ts';
import { RoomKeeper } from './install/room-keeper.ts';
import { VERIFY_FAULTS, verifyFile } from './install/verify-file.ts';
import type { ModelRecord, ModelRegistry } from './model-registry.ts';
import { finishInstall, Pulls, toModel } from './pulls.ts';
import { formatReference, parseReference } from './reference/model-reference.ts';

/** What {@link FolderCatalog} is made from. */
export interface FolderCatalogOptions extends Omit<InstallParts, 'room'> {
  readonly registry: ModelRegistry;
  readonly budgetBytes: number;
  readonly usedBy: (model: Pick<CatalogModel, 'id' | 'reference'>) => readonly string[];
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const NEVER = new AbortController().signal;

/** The catalog of one folder. */
export class FolderCatalog implements Catalog {
  readonly #options: FolderCatalogOptions;
  readonly #registry: ModelRegistry;
  readonly #pulls: Pulls;
  readonly #listeners = new Set<(event: CatalogEvent) => void>();
  #closed: Promise<void> | undefined;

  constructor(options: FolderCatalogOptions) {
    this.#options = options;
    this.#registry = options.registry;
    const { roots, incomingFolder, budgetBytes, registry } = options;
    const room = new RoomKeeper({
      folder: roots.folder,
      incomingFolder,
      budgetBytes,
      removableModels: () => this.#removableModels(),
      removeModel: (id) => this.#unload(id),
      leftParts: () => leftParts(incomingFolder, (id) => this.#pulls.isRunning(id)),
    });
    this.#pulls = new Pulls({ registry, parts: { ...options, room }, onChange: (id) => this.#tell(id) });
  }

  /** Takes up what an earlier process left; call it once, before anything else. */
  async recover(): Promise<void> {
    const { incomingFolder, downloadsFolder } = this.#options;
    const interrupted = this.#registry.all().filter(({ status }) => status === 'pulling');
    for (const record of interrupted) {
      const finished = await finishInstall(record, NEVER);
      if (finished !== undefined) this.#registry.put(finished);
    }
    const needed = new Set(this.#registry.all().flatMap(({ path }) => (path === undefined ? [] : [basename(path)])));
    await sweepFolder(downloadsFolder, (name) => needed.has(name));
    await sweepFolder(incomingFolder, (id) => this.#registry.get(id) !== undefined);
    // ORCH-1610
    for (const record of this.#registry.all()) if (record.status === 'pulling') void this.#pulls.run(record);
  }

  add(request: AddRequest): CatalogModel {
    const record = this.#register(request);
    if (record.status !== 'installed') void this.#pulls.run(record);
    return this.get(record.id);
  }

  async pull(request: AddRequest, signal: AbortSignal = NEVER): Promise<CatalogModel> {
    const record = this.#register(request);
    if (record.status !== 'installed') await untilAborted(this.#pulls.run(record), signal);
    return this.get(record.id);
  }

  async resolve(reference: string, signal: AbortSignal = NEVER): Promise<InstalledModel> {
    const { id } = this.#register({ reference });
    const usable = await this.#usable(id, signal);
    // ORCH-1603
    if (usable.state === 'Retired')
      throw new OrchError('MODEL_DEPRECATED', { details: { model_ref: usable.reference } });
    this.#registry.put({ ...usable, lastUsedAt: this.#timeOfUse() });
    const { path, digest, sizeBytes, facts } = usable;
    if (path === undefined || digest === undefined || sizeBytes === undefined || facts === undefined) {
      throw new OrchError('INTERNAL', { message: 'An installed model has no file.' });
    }
    return { id, path, digest, sizeBytes, facts };
  }

  list(): readonly CatalogModel[] {
    return this.#registry.all().map((record) => toModel(record, this.#pulls.progressOf(record.id)));
  }

  get(idOrReference: string): CatalogModel {
    const record = this.#find(idOrReference);
    return toModel(record, this.#pulls.progressOf(record.id));
  }

  async remove(id: string): Promise<void> {
    const record = this.#find(id);
    const pools = this.#options.usedBy(record);
    // ORCH-1602
    if (pools.length > 0) {
      const message = `The model is used by ${pools.join(', ')}.`;
      throw new OrchError('TASK_CONFLICT', { message, details: { pools: [...pools] } });
    }
    await this.#pulls.stop(record.id);
    await this.#removeFile(record);
    await rm(join(this.#options.incomingFolder, record.id), { recursive: true, force: true });
    this.#registry.delete(record.id);
    this.#emit({ kind: 'removed', model: toModel(record, undefined) });
  }

  async verify(id: string, signal: AbortSignal = NEVER): ReturnType<Catalog['verify']> {
    const record = this.#find(id);
    if (this.#pulls.isRunning(record.id)) {
      throw new OrchError('TASK_CONFLICT', { message: 'The model is being pulled.' });
    }
    const { checks, clock } = this.#options;
    const { outcome, found } = await verifyFile(record, { ...checks, clock, signal });
    // ORCH-1632: damaged until it is what it was, or is removed
    const status = { match: 'installed', missing: 'absent', mismatch: 'damaged', invalid: 'damaged' } as const;
    const { fault: _past, ...rest } = this.#find(record.id);
    const message = VERIFY_FAULTS[outcome];
    this.#registry.put({
      ...rest,
      status: status[outcome],
      ...(outcome === 'match' ? { ...found, verifiedAt: clock.wallNowMs() } : {}),
      ...(message === undefined ? {} : { fault: { code: 'UNTRUSTED_ARTIFACT', message } }),
    });
    const model = this.get(record.id);
    this.#emit({ kind: 'verified', model, outcome });
    return { model, outcome };
  }

  setState(id: string, state: ModelState): CatalogModel {
    return this.#change(id, { state });
  }

  setPinned(id: string, isPinned: boolean): CatalogModel {
    return this.#change(id, { isPinned });
  }

  watch(listener: (event: CatalogEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#pulls.close();
    this.#options.outbound.close();
    this.#registry.close();
  }

  /** The record of a reference, made or brought up to date; nothing is fetched. */
  #register({ reference: text, digest, signature, sbom, isPinned, metadata }: AddRequest): ModelRecord {
    if (digest !== undefined && !DIGEST.test(digest)) {
      throw new OrchError('INVALID_PARAMS', { details: { field: '$.digest', expected: 'sha256: and 64 hex digits' } });
    }
    const reference = formatReference(parseReference(text));
    const id = idOf(reference);
    const known = this.#registry.get(id);
    // ORCH-1612
    if (digest !== undefined && known?.status === 'installed' && known.digest !== digest) {
      throw new OrchError('UNTRUSTED_ARTIFACT', { message: 'The model that is installed has another digest.' });
    }
    // A file of the operator's own that has changed is not taken as it is now, unless it was forgotten first.
    const expectedDigest =
      digest ?? known?.expectedDigest ?? (reference.startsWith('file:') ? known?.digest : undefined);
    const record: ModelRecord = {
      ...(known ?? {
        id,
        reference,
        state: 'Active',
        status: 'absent',
        isPinned: false,
        warnings: [],
        addedAt: this.#options.clock.wallNowMs(),
        metadata: {},
      }),
      ...(expectedDigest === undefined ? {} : { expectedDigest }),
      ...(signature === undefined ? {} : { signature }),
      ...(sbom === undefined ? {} : { sbom }),
      ...(isPinned === undefined ? {} : { isPinned }),
      ...(metadata === undefined ? {} : { metadata }),
    };
    this.#registry.put(record);
    return record;
  }

  /** A model whose file is the one that was checked. */
  async #usable(id: string, signal: AbortSignal): Promise<ModelRecord> {
    let record = this.#find(id);
    if (record.state === 'Retired') return record;
    if (record.status === 'installed') {
      const isUnchanged = isSameFile(record.file, await identifyFile(record.path ?? ''));
      if (!isUnchanged) await this.verify(id, signal);
      record = this.#find(id);
    }
    if (record.status === 'installed') return record;
    if (record.status === 'damaged')
      throw new OrchError('UNTRUSTED_ARTIFACT', { message: record.fault?.message ?? '' });
    return untilAborted(this.#pulls.run(record), signal);
  }

  /** The present, but later than any use before: uses within a millisecond keep their order (ORCH-1614). */
  #timeOfUse(): number {
    const following = this.#registry.all().map(({ lastUsedAt = 0 }) => lastUsedAt + 1);
    return Math.max(this.#options.clock.wallNowMs(), ...following);
  }

  #find(idOrReference: string): ModelRecord {
    const record = this.#registry.get(idOrReference) ?? this.#registry.get(idOf(canonical(idOrReference)));
    if (record === undefined) throw new OrchError('NOT_FOUND', { message: 'The catalog knows no such model.' });
    return record;
  }

  #change(id: string, change: Partial<ModelRecord>): CatalogModel {
    const record = this.#find(id);
    this.#registry.put({ ...record, ...change });
    this.#tell(record.id);
    return this.get(record.id);
  }

  #removableModels(): readonly Removable[] {
    return this.#registry
      .all()
      .filter((record) => record.status === 'installed' && !record.isPinned && this.#isDownload(record))
      .filter((record) => this.#options.usedBy(record).length === 0)
      .map(({ id, sizeBytes = 0, lastUsedAt }) => ({ id, sizeBytes, lastUsedAt }));
  }

  /** Removes the file and keeps the rest, so that it can be pulled again. */
  async #unload(id: string): Promise<void> {
    const record = this.#find(id);
    await this.#removeFile(record);
    const { path: _path, file: _file, ...rest } = record;
    this.#registry.put({ ...rest, status: 'absent' });
    this.#tell(id);
  }

  /** What people put into the folder themselves is theirs; what two references share stays for the other. */
  async #removeFile(record: ModelRecord): Promise<void> {
    const isShared = this.#registry.all().some(({ id, path }) => id !== record.id && path === record.path);
    if (record.path !== undefined && !isShared && this.#isDownload(record)) await rm(record.path, { force: true });
  }

  #isDownload({ reference }: ModelRecord): boolean {
    return !reference.startsWith('file:');
  }

  #tell(id: string): void {
    const record = this.#registry.get(id);
    if (record !== undefined) this.#emit({ kind: 'changed', model: toModel(record, this.#pulls.progressOf(id)) });
  }

  #emit(event: CatalogEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** Names of models in URLs: short, and of no meaning to a file system. */
function idOf(reference: string): string {
  return createHash('sha256').update(reference).digest('hex').slice(0, 16);
}

function canonical(text: string): string {
  try {
    return formatReference(parseReference(text));
  } catch {
    // No reference at all, and so none that is known.
    return text;
  }
}

/** Ends the wait when the signal aborts; what is waited for goes on. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
