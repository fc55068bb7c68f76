// SPDX-License-Identifier: MIT
import type { RefusalReason } from '../protocol.ts';

/** Thrown where a directory or its database cannot be used. */
export class StoreRefusal extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, cause: string) {
    super(cause);
    this.name = 'StoreRefusal';
    this.reason = reason;
  }
}

/** Result codes of SQLite, without the bits that extend them. */
const SQLITE = { BUSY: 5, READONLY: 8, CORRUPT: 11, FULL: 13, NOTADB: 26 } as const;

/** The result code of an error of node:sqlite; undefined for any other error. */
function sqliteCode(fault: unknown): number | undefined {
  const code = fault instanceof Error && 'errcode' in fault ? fault.errcode : undefined;
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** True when the disk or the quota has no room. */
export function isFull(fault: unknown): boolean {
  if (sqliteCode(fault) === SQLITE.FULL) return true;
  const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}

/** What a fault while opening means. */
export function toRefusal(fault: unknown): StoreRefusal {
  if (fault instanceof StoreRefusal) return fault;
  const cause = fault instanceof Error ? fault.message : String(fault);
  switch (sqliteCode(fault)) {
    case SQLITE.BUSY:
      return new StoreRefusal('in-use', 'another process uses it');
    case SQLITE.READONLY:
      return new StoreRefusal('read-only', 'it cannot be written');
    case SQLITE.CORRUPT:
    case SQLITE.NOTADB:
      return new StoreRefusal('damaged', `the database is damaged (${cause})`);
    default:
      return new StoreRefusal('unusable', cause);
  }
}
