// SPDX-License-Identifier: MIT

/** The files of a data directory. SQLite keeps its write-ahead log beside the database. */
export const STORE_FILES = {
  database: 'queue.sqlite',
  log: 'queue.sqlite-wal',
  highWater: 'queue.high-water',
  ballast: 'queue.ballast',
} as const;
