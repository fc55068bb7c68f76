// SPDX-License-Identifier: MIT
export {
  openSqliteBackend,
  type SqliteBackend,
  type SqliteBackendOptions,
  type SqliteRetention,
} from './sqlite-backend.ts';
export { restoreSqliteBackup, type RestoreOptions } from './restore-backup.ts';
export type { StoreHealth } from './store-health.ts';
export { StoreOpenError } from './store-open-error.ts';
export type { RefusalReason } from './protocol.ts';
