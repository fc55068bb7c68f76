// SPDX-License-Identifier: MIT
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { ConfigError } from '../config/config-fault.ts';

/** How the store of tasks is, for operators. */
export interface StoreView {
  readonly backend: 'sqlite' | 'memory';
  readonly state: 'ok' | 'full' | 'failing' | 'closed';
  /** Committed records found missing at the start, until somebody has acknowledged it. */
  readonly lostRecordCount: number;
}

/** A copy of the store on its way out. */
export interface StoreBackup {
  readonly sizeBytes: number;
  /** Has to be read or destroyed. */
  readonly bytes: Readable;
}

/** The store of tasks as operators see and steer it. */
export interface StoreControl {
  view(): StoreView;
  /** An operator has taken note of the lost records; idempotent. Rejects STORE_UNAVAILABLE when that cannot be kept. */
  acknowledgeLost(): Promise<void>;
  /** A copy of everything accepted before the call; undefined where tasks are kept in memory. */
  backUp(): Promise<StoreBackup | undefined>;
}

/** A backend that keeps tasks in a directory. */
export interface KeptStore {
  readonly directory: string;
  readonly health: Omit<StoreView, 'backend'>;
  backup(file: string): Promise<void>;
  acknowledgeLostRecords(): Promise<void>;
}

/** There is one copy at a time. */
const BACKUP_FILE = 'backup.sqlite';

/** Nothing is kept, so nothing can be lost. */
export const MEMORY_STORE: StoreControl = {
  view: () => ({ backend: 'memory', state: 'ok', lostRecordCount: 0 }),
  acknowledgeLost: async () => undefined,
  backUp: async () => undefined,
};

/** The control of a store on disk. */
export function createStoreControl(store: KeptStore): StoreControl {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    view() {
      const { state, lostRecordCount } = store.health;
      return { backend: 'sqlite', state, lostRecordCount };
    },
    acknowledgeLost: () => store.acknowledgeLostRecords(),
    backUp() {
      const backup = turn.then(() => makeBackup(store));
      turn = backup.catch(() => undefined);
      return backup;
    },
  };
}

async function makeBackup(store: KeptStore): Promise<StoreBackup> {
  const file = join(store.directory, BACKUP_FILE);
  // A process that was killed may have left one.
  await rm(file, { force: true });
  await store.backup(file);
  const handle = await open(file);
  // The copy loses its name at once, so that nothing is left of it whatever becomes of its reader.
  await rm(file);
  const { size } = await handle.stat();
  return { sizeBytes: size, bytes: handle.createReadStream() };
}

/** The directory of tasks cannot be used, for a reason in words of people; ORCH-1207. */
export function unusableStore({ message }: { readonly message: string }): ConfigError {
  const expected = 'a directory of this user that no other process holds';
  return new ConfigError([{ path: '$.store.directory', expected, actual: message }]);
}
