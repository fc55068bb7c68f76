// SPDX-License-Identifier: MIT
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { EndedRow, LiveRow, StoreContents } from '../protocol.ts';

/** Reads what a new process needs to go on; `endedIds` bounds how many ended tasks come along. */
export function readContents(database: DatabaseSync, endedIds: number): Omit<StoreContents, 'spaceLow'> {
  const all = <Row>(sql: string, ...values: SQLInputValue[]): Row[] => database.prepare(sql).all(...values) as Row[];
  return {
    // ORCH-1220: those that ran come first, and each group keeps its order.
    live: all<LiveRow>(
      `SELECT request.body AS request, admission.body AS admission, priority, position, epoch, attempts, runs, piece_count,
         prefix_sha256
       FROM task JOIN request USING (seq) LEFT JOIN admission USING (seq)
       WHERE end_seq IS NULL ORDER BY state = 'running' DESC, coalesce(place, seq)`,
    ),
    // ORCH-1225: the newest ends, oldest first.
    ended: all<EndedRow>(
      `SELECT id, fingerprint, state, settled_epoch FROM (
         SELECT id, fingerprint, state, settled_epoch, 1 AS held, end_seq AS place, seq FROM task WHERE end_seq IS NOT NULL
         UNION ALL SELECT id, fingerprint, state, settled_epoch, 0, place, 0 FROM used_id
         ORDER BY 5 DESC, 6 DESC, 7 DESC LIMIT ?
       ) ORDER BY held, place, seq`,
      endedIds,
    ),
    sessions: all('SELECT id, kept_at AS keptAt, body FROM session ORDER BY kept_at, id'),
    keys: all('SELECT kept_at AS keptAt, body FROM key_account ORDER BY id'),
    statistics: all('SELECT pool, body FROM statistics'),
    bursts: all('SELECT pool, count FROM burst'),
    pausedPools: all<{ pool: string }>('SELECT pool FROM paused_pool').map(({ pool }) => pool),
    lostRecordCount: readMeta(database, 'lost_records'),
  };
}

/** A counter of the database. */
export function readMeta(database: DatabaseSync, key: 'sequence' | 'lost_records'): number {
  return Number(database.prepare('SELECT value FROM meta WHERE key = ?').get(key)?.['value']);
}
