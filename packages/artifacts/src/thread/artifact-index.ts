// SPDX-License-Identifier: MIT
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Artifact, ArtifactJob, ArtifactKind, ArtifactPage, ArtifactQuery } from '../artifact.ts';
import type { ArtifactId } from '../artifact-id.ts';
import type { Candidate, CandidateQuery } from './protocol.ts';

const SCHEMA_VERSION = 3;
/** Small contents, in the order in which they came: a batch of them writes few pages. */
const CONTENT_TABLE = `
CREATE TABLE content(
  artifact_seq INTEGER PRIMARY KEY REFERENCES artifact(seq) ON DELETE CASCADE,
  body BLOB NOT NULL
) STRICT;
`;
/** What an index of an older version lacks. In version 1 every content was a file. */
const MIGRATIONS: Readonly<Record<number, string>> = {
  1: CONTENT_TABLE,
  2: `ALTER TABLE content RENAME TO content_by_id; ${CONTENT_TABLE}
INSERT INTO content SELECT seq, body FROM content_by_id JOIN artifact ON id = artifact_id ORDER BY seq;
DROP TABLE content_by_id;`,
};
const SCHEMA = `
CREATE TABLE artifact(
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  parent TEXT REFERENCES artifact(id),
  task_id TEXT,
  job_id TEXT,
  created_at INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL
) STRICT;
CREATE INDEX artifact_parent ON artifact(parent) WHERE parent IS NOT NULL;
CREATE INDEX artifact_task ON artifact(task_id) WHERE task_id IS NOT NULL;
CREATE TABLE tag(
  artifact_id TEXT NOT NULL REFERENCES artifact(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  PRIMARY KEY(artifact_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_name ON tag(name);
${CONTENT_TABLE}
PRAGMA user_version = ${SCHEMA_VERSION};
`;
/** Each is read back: a pragma that is not taken is not an error of SQLite. */
const PRAGMAS = [
  ['locking_mode', 'exclusive'],
  ['journal_mode', 'wal'],
  ['synchronous', 2],
  // 16 MiB: pages that many batches write are copied once.
  ['wal_autocheckpoint', 4_096],
  ['mmap_size', 0],
  ['trusted_schema', 0],
  ['foreign_keys', 1],
] as const;
/** An artifact that nothing needs: without a tag and without a child. */
const LOOSE = `NOT EXISTS (SELECT 1 FROM tag WHERE artifact_id = a.id)
  AND NOT EXISTS (SELECT 1 FROM artifact AS child WHERE child.parent = a.id)`;
const SEQ_OF = '(SELECT seq FROM artifact WHERE id = ?)';
const SELECT = `SELECT a.*, (SELECT json_group_array(name) FROM (
  SELECT name FROM tag WHERE artifact_id = a.id ORDER BY name)) AS tags FROM artifact AS a`;

/** What is stored of an artifact that is new. */
interface NewRow {
  readonly artifact: Artifact;
  readonly job: ArtifactJob | undefined;
  readonly content: Uint8Array | undefined;
}

/** A row as SQLite gives it. */
interface Row {
  readonly seq: number;
  readonly id: ArtifactId;
  readonly kind: ArtifactKind;
  readonly parent: ArtifactId | null;
  readonly task_id: string | null;
  readonly created_at: number;
  readonly size_bytes: number;
  readonly tags: string;
}

/** What is known of every artifact, in a database that one process holds. */
export class ArtifactIndex implements Disposable {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @throws the error of SQLite; `database is locked` when another process holds the file. */
  constructor(path: string) {
    this.#database = new DatabaseSync(path, { timeout: 0 });
    try {
      for (const [name, value] of PRAGMAS) this.#set(name, value);
      // The lock is taken with the first write, and an exclusive one is kept from then on.
      this.transaction(() => this.#migrate());
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** Commits what `change` does as one; nothing of it when it throws. */
  transaction<T>(change: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = change();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      // SQLite itself has rolled back after some errors, such as a full disk.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  find(id: ArtifactId): Artifact | undefined {
    const row = this.#statement(`${SELECT} WHERE a.id = ?`).get(id) as Row | undefined;
    return row === undefined ? undefined : toArtifact(row);
  }

  has(id: ArtifactId): boolean {
    return this.#statement('SELECT 1 FROM artifact WHERE id = ?').get(id) !== undefined;
  }

  /** Id of the artifact of a job. */
  idOfJob({ jobId, taskId }: ArtifactJob): ArtifactId | undefined {
    const row = this.#statement('SELECT id FROM artifact WHERE task_id = ? AND job_id = ?').get(taskId, jobId);
    return row?.['id'] as ArtifactId | undefined;
  }

  /** The content, where it stands here and not in a file. */
  content(id: ArtifactId): Uint8Array | undefined {
    const row = this.#statement(`SELECT body FROM content WHERE artifact_seq = ${SEQ_OF}`).get(id);
    return row?.['body'] as Uint8Array | undefined;
  }

  /** Repairs a content that stands here. */
  repair(id: ArtifactId, content: Uint8Array): void {
    this.#statement(`INSERT OR REPLACE INTO content VALUES(${SEQ_OF}, ?)`).run(id, content);
  }

  /** Stores what is known of an artifact that is new, and its content where that belongs here. */
  insert({ artifact, job, content }: NewRow): void {
    const { id, kind, parent, createdAt, sizeBytes } = artifact;
    const { lastInsertRowid } = this.#statement(
      'INSERT INTO artifact(id, kind, parent, task_id, job_id, created_at, size_bytes) VALUES(?, ?, ?, ?, ?, ?, ?)',
    ).run(id, kind, parent ?? null, job?.taskId ?? null, job?.jobId ?? null, createdAt, sizeBytes);
    if (content !== undefined) this.#statement('INSERT INTO content VALUES(?, ?)').run(lastInsertRowid, content);
  }

  addTags(id: ArtifactId, tags: readonly string[]): void {
    const insert = this.#statement('INSERT OR IGNORE INTO tag(artifact_id, name) VALUES(?, ?)');
    for (const tag of tags) insert.run(id, tag);
  }

  /** Removes an artifact that nothing needs, and tells its size; undefined when something does, or when it is not there. */
  removeLoose(id: ArtifactId): number | undefined {
    const row = this.#statement(`DELETE FROM artifact AS a WHERE a.id = ? AND ${LOOSE} RETURNING size_bytes`).get(id);
    return row === undefined ? undefined : Number(row['size_bytes']);
  }

  /** Newest first. */
  list({ kind, tag, parent, taskId, limit, cursor }: ArtifactQuery): ArtifactPage {
    const filters = [
      ['a.seq < ?', cursor === undefined ? undefined : Number(cursor)],
      ['a.kind = ?', kind],
      ['a.parent = ?', parent],
      ['a.task_id = ?', taskId],
      ['a.id IN (SELECT artifact_id FROM tag WHERE name = ?)', tag],
    ] as const;
    const given = filters.flatMap(([condition, value]) => (value === undefined ? [] : [{ condition, value }]));
    const where = given.length === 0 ? '' : `WHERE ${given.map(({ condition }) => condition).join(' AND ')}`;
    const rows = this.#statement(`${SELECT} ${where} ORDER BY a.seq DESC LIMIT ?`).all(
      ...given.map(({ value }) => value),
      limit + 1,
    ) as unknown as Row[];
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const isMore = rows.length > limit && last !== undefined;
    return { artifacts: page.map(toArtifact), ...(isMore ? { nextCursor: String(last.seq) } : {}) };
  }

  /** Artifacts that nothing in the index needs, oldest first, as many as the query asks for. */
  candidates({ afterSeq, createdBefore, excessBytes, limit }: CandidateQuery & { excessBytes: number }): Candidate[] {
    const rows = this.#statement(
      `SELECT a.seq, a.id, a.task_id, a.created_at, a.size_bytes FROM artifact AS a
       WHERE a.seq > ? AND (a.created_at < ? OR ?) AND ${LOOSE} ORDER BY a.seq LIMIT ?`,
    ).all(afterSeq, createdBefore, excessBytes > 0 ? 1 : 0, limit) as unknown as Row[];
    let excess = excessBytes;
    const chosen: Candidate[] = [];
    for (const { seq, id, task_id: taskId, created_at: createdAt, size_bytes: sizeBytes } of rows) {
      if (createdAt >= createdBefore && excess <= 0) continue;
      excess -= sizeBytes;
      chosen.push({ seq, id, ...(taskId === null ? {} : { taskId }) });
    }
    return chosen;
  }

  /** Size of all contents together. */
  totalBytes(): number {
    const row = this.#statement('SELECT coalesce(sum(size_bytes), 0) AS total FROM artifact').get();
    return Number(row?.['total']);
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #set(name: string, value: string | number): void {
    this.#database.exec(`PRAGMA ${name} = ${value}`);
    const found = this.#database.prepare(`PRAGMA ${name}`).get()?.[name];
    if (found !== value) throw new Error(`SQLite does not take ${name} = ${value}.`);
  }

  #migrate(): void {
    const version = Number(this.#database.prepare('PRAGMA user_version').get()?.['user_version']);
    if (version > SCHEMA_VERSION) throw new Error(`The index has version ${version}, this program ${SCHEMA_VERSION}.`);
    if (version === 0) this.#database.exec(SCHEMA);
    const migration = MIGRATIONS[version];
    if (migration !== undefined) this.#database.exec(migration);
    if (version > 0) this.#database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function toArtifact({ id, kind, parent, task_id: taskId, created_at: createdAt, ...row }: Row): Artifact {
  return {
    id,
    kind,
    tags: JSON.parse(row.tags) as string[],
    ...(parent === null ? {} : { parent }),
    ...(taskId === null ? {} : { taskId }),
    createdAt,
    sizeBytes: row.size_bytes,
  };
}
