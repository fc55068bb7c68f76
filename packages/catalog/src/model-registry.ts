// SPDX-License-Identifier: MIT
import { DatabaseSync } from 'node:sqlite';
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { CatalogModel } from './catalog.ts';
import type { FileIdentity } from './install/digest-file.ts';

/** A model as it is kept. */
export interface ModelRecord extends Omit<CatalogModel, 'progress'> {
  /** Absolute path of the file that was checked. */
  readonly path?: string;
  /** The file as it was when it was checked. */
  readonly file?: FileIdentity;
  readonly expectedDigest?: string;
  readonly signature?: string;
  readonly sbom?: unknown;
}

/** What the catalog knows, in a file that one process holds and that a crash leaves whole. */
export class ModelRegistry {
  readonly #database: DatabaseSync;
  readonly #records = new Map<string, ModelRecord>();

  /** @throws OrchError STORE_UNAVAILABLE when another process holds it, or it cannot be opened. */
  constructor(path: string) {
    try {
      this.#database = new DatabaseSync(path);
      this.#database.exec(
        `PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;
         CREATE TABLE IF NOT EXISTS models (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
         BEGIN EXCLUSIVE; COMMIT;`,
      );
      for (const { record } of this.#database.prepare('SELECT record FROM models ORDER BY rowid').all()) {
        const model = JSON.parse(String(record)) as ModelRecord;
        this.#records.set(model.id, model);
      }
    } catch (error) {
      throw new OrchError('STORE_UNAVAILABLE', {
        message: 'The index of the models folder cannot be used.',
        cause: error,
      });
    }
  }

  get(id: string): ModelRecord | undefined {
    return this.#records.get(id);
  }

  /** The oldest first: in the order in which they were added, also within a millisecond. */
  all(): readonly ModelRecord[] {
    return [...this.#records.values()];
  }

  put(record: ModelRecord): void {
    this.#database
      .prepare('INSERT INTO models (id, record) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET record = excluded.record')
      .run(record.id, JSON.stringify(record));
    this.#records.set(record.id, record);
  }

  delete(id: string): void {
    this.#database.prepare('DELETE FROM models WHERE id = ?').run(id);
    this.#records.delete(id);
  }

  close(): void {
    this.#database.close();
  }
}
