// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { CatalogModel, PullProgress } from './catalog.ts';
import { digestFile, identifyFile } from './install/digest-file.ts';
import { installModel, type CheckedModel, type InstallParts } from './install/install-model.ts';
import type { ModelRecord, ModelRegistry } from './model-registry.ts';
import { PullMeter } from './pull-meter.ts';
import { parseReference } from './reference/model-reference.ts';

/** What {@link Pulls} are made from. */
export interface PullsOptions {
  readonly registry: ModelRegistry;
  readonly parts: InstallParts;
  /** Called with the id of a model whose state or progress is new. */
  readonly onChange: (id: string) => void;
}

interface RunningPull {
  readonly abort: AbortController;
  readonly meter: PullMeter;
  readonly done: Promise<ModelRecord>;
}

/** The pulls that run, one for each model. */
export class Pulls {
  readonly #options: PullsOptions;
  readonly #running = new Map<string, RunningPull>();

  constructor(options: PullsOptions) {
    this.#options = options;
  }

  isRunning(id: string): boolean {
    return this.#running.has(id);
  }

  progressOf(id: string): PullProgress | undefined {
    return this.#running.get(id)?.meter.progress;
  }

  /** Begins, or joins the pull that runs. Resolves when the model is installed; rejects with the reason why it is not. */
  run(record: ModelRecord): Promise<ModelRecord> {
    const running = this.#running.get(record.id);
    if (running !== undefined) return running.done;
    const { id } = record;
    const { registry, onChange, parts } = this.#options;
    const abort = new AbortController();
    const meter = new PullMeter(parts.clock, () => onChange(id));
    registry.put({ ...beforePull(record), status: 'pulling' });
    const done = this.#install(id, { abort, meter }).finally(() => {
      meter.stop();
      this.#running.delete(id);
      onChange(id);
    });
    // Nobody may be waiting; the record says why it failed.
    done.catch(() => undefined);
    this.#running.set(id, { abort, meter, done });
    onChange(id);
    return done;
  }

  /** Ends a pull; what has come stays for the next one. */
  async stop(id: string): Promise<void> {
    const running = this.#running.get(id);
    running?.abort.abort(new OrchError('TASK_CONFLICT', { message: 'The pull was ended.' }));
    await running?.done.catch(() => undefined);
  }

  /** Ends all of them; the next process takes them up. */
  async close(): Promise<void> {
    const running = [...this.#running.entries()];
    await Promise.all(running.map(([id]) => this.stop(id)));
    for (const [id] of running) {
      const record = this.#options.registry.get(id);
      if (record?.status === 'failed') this.#options.registry.put({ ...record, status: 'pulling' });
    }
  }

  async #install(id: string, { abort, meter }: Pick<RunningPull, 'abort' | 'meter'>): Promise<ModelRecord> {
    const { registry, parts } = this.#options;
    const record = recordOf(registry, id);
    try {
      const installed = await installModel(
        {
          id,
          reference: parseReference(record.reference),
          expectedDigest: record.expectedDigest,
          signature: record.signature,
          sbom: record.sbom,
          signal: abort.signal,
          onProgress: (doneBytes, totalBytes) => meter.note(doneBytes, totalBytes),
          // A crash between this and the end is made good by `finishInstall`.
          onChecked: (checked) => registry.put({ ...recordOf(registry, id), ...kept(checked) }),
        },
        parts,
      );
      const { file } = installed;
      const verifiedAt = parts.clock.wallNowMs();
      const whole: ModelRecord = {
        ...recordOf(registry, id),
        ...kept(installed),
        file,
        verifiedAt,
        status: 'installed',
      };
      registry.put(whole);
      return whole;
    } catch (error) {
      const { code, message } = OrchError.from(error, 'INTERNAL');
      registry.put({ ...recordOf(registry, id), status: 'failed', fault: { code, message } });
      throw error;
    }
  }
}

/** Ends an installation that a crash interrupted after its last check; undefined where there is none. */
export async function finishInstall(record: ModelRecord, signal: AbortSignal): Promise<ModelRecord | undefined> {
  const { path, facts, digest, reference } = record;
  if (path === undefined || facts === undefined || reference.startsWith('file:')) return undefined;
  if ((await identifyFile(path)) === undefined) return undefined;
  const found = await digestFile(path, signal);
  return found.digest === digest ? { ...record, file: found.file, status: 'installed' } : undefined;
}

/** What an earlier download was says nothing of the one that comes; a file of the operator's own stays where it is. */
function beforePull({ fault: _past, ...record }: ModelRecord): ModelRecord {
  if (record.reference.startsWith('file:')) return record;
  const { path: _path, file: _file, facts: _facts, ...rest } = record;
  return rest;
}

function kept({ path, digest, sizeBytes, facts, warnings }: CheckedModel): Partial<ModelRecord> {
  return { path, digest, sizeBytes, facts, warnings };
}

/** The record may have been changed by others while it was pulled. */
function recordOf(registry: ModelRegistry, id: string): ModelRecord {
  const record = registry.get(id);
  if (record === undefined) throw new OrchError('NOT_FOUND', { message: 'The model was removed.' });
  return record;
}

/** What others see of a record. */
export function toModel(record: ModelRecord, progress: PullProgress | undefined): CatalogModel {
  const { path: _path, file: _file, expectedDigest: _digest, signature: _signature, sbom: _sbom, ...model } = record;
  return { ...model, ...(progress === undefined ? {} : { progress }) };
}
