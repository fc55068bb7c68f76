// SPDX-License-Identifier: MIT
import type { DatabaseSync } from 'node:sqlite';

/** Most rows that one slice removes: a commit waits for one slice at most. */
const SLICE_ROWS = 200;

/** How long ended tasks are kept. */
export interface RetentionLimits {
  readonly archivedTasks: number;
  readonly archiveAgeMs: number;
  readonly endedIds: number;
}

/** Removes what is no longer kept of ended tasks, slice by slice. */
export class Retention {
  readonly #database: DatabaseSync;
  readonly #limits: RetentionLimits;
  readonly #sql: ReturnType<typeof prepare>;
  #archivedCount: number;
  #usedIdCount: number;

  constructor(database: DatabaseSync, limits: RetentionLimits) {
    this.#database = database;
    this.#limits = limits;
    this.#sql = prepare(database);
    const count = (sql: string): number => Number(database.prepare(sql).get()?.['count']);
    this.#archivedCount = count('SELECT count(*) AS count FROM task WHERE end_seq IS NOT NULL');
    this.#usedIdCount = count('SELECT count(*) AS count FROM used_id');
  }

  /** Takes note of tasks that have ended. */
  added(endedCount: number): void {
    this.#archivedCount += endedCount;
  }

  /** Ended tasks with a record, beyond those to be kept. */
  get excess(): number {
    return this.#archivedCount - this.#limits.archivedTasks;
  }

  /** Removes at most one slice, the oldest ends first; true when more is due. */
  removeSlice(at: number): boolean {
    const due = this.#dueArchives(at);
    const ids = Math.min(SLICE_ROWS - due.length, this.#usedIdCount + due.length - this.#idsWithoutRecord);
    if (due.length === 0 && ids <= 0) return false;
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const seq of due) {
        this.#sql.keepId.run(seq);
        this.#sql.remove.run(seq);
      }
      if (ids > 0) this.#sql.removeIds.run(ids);
      this.#database.exec('COMMIT');
    } catch (fault) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw fault;
    }
    this.#archivedCount -= due.length;
    this.#usedIdCount += due.length - Math.max(0, ids);
    return due.length + Math.max(0, ids) >= SLICE_ROWS;
  }

  /** Ids beyond those of the tasks whose record is kept. */
  get #idsWithoutRecord(): number {
    return Math.max(0, this.#limits.endedIds - this.#limits.archivedTasks);
  }

  #dueArchives(at: number): readonly number[] {
    const { excess } = this;
    const oldest = this.#sql.oldest.all(SLICE_ROWS) as unknown as { seq: number; ended_at: number }[];
    const limitAt = at - this.#limits.archiveAgeMs;
    // ORCH-1214: too many, or too old.
    return oldest.filter(({ ended_at }, index) => index < excess || ended_at < limitAt).map(({ seq }) => seq);
  }
}

function prepare(database: DatabaseSync) {
  return {
    oldest: database.prepare('SELECT seq, ended_at FROM task WHERE end_seq IS NOT NULL ORDER BY end_seq, seq LIMIT ?'),
    keepId: database.prepare(
      `INSERT INTO used_id (id, fingerprint, state, settled_epoch)
       SELECT id, fingerprint, state, settled_epoch FROM task WHERE seq = ?`,
    ),
    remove: database.prepare('DELETE FROM task WHERE seq = ?'),
    removeIds: database.prepare(
      'DELETE FROM used_id WHERE place IN (SELECT place FROM used_id ORDER BY place LIMIT ?)',
    ),
  };
}
