// SPDX-License-Identifier: MIT
import type { DatabaseSync } from 'node:sqlite';
import { inflateSync } from 'node:zlib';
import type { ArchiveQuery, ArchiveRow } from '../protocol.ts';

/** A row as SQLite holds it. */
type PackedRow = Omit<ArchiveRow, 'transcript'> & {
  readonly transcript: Uint8Array | null;
  readonly short_transcript: string | null;
};

const SELECT = `
  SELECT task.seq, state, priority, attempts, piece_count, position, ended_at, request.body AS request, admission.body AS admission,
    archive.result, archive.transcript, archive.short_transcript
  FROM task JOIN request USING (seq) LEFT JOIN admission USING (seq) LEFT JOIN archive USING (seq)
  WHERE end_seq IS NOT NULL`;

/** Reads ended tasks. */
export class ArchiveReader {
  readonly #one: ReturnType<DatabaseSync['prepare']>;
  readonly #page: ReturnType<DatabaseSync['prepare']>;

  constructor(database: DatabaseSync) {
    this.#one = database.prepare(`${SELECT} AND id = ?`);
    this.#page = database.prepare(`${SELECT} AND task.seq < :before
      AND (:state IS NULL OR state = :state) AND (:pool IS NULL OR pool = :pool)
      AND (:session IS NULL OR session = :session)
      AND (:key IS NULL OR json_extract(request.body, '$.keyId') = :key) AND (:priority IS NULL OR priority = :priority)
      ORDER BY task.seq DESC LIMIT :limit`);
  }

  /** The ended task, while its record is kept. */
  one(id: string): ArchiveRow | undefined {
    const row = this.#one.get(id) as PackedRow | undefined;
    return row && unpack(row);
  }

  /** Newest first. */
  page(query: ArchiveQuery): readonly ArchiveRow[] {
    return (this.#page.all({ ...query }) as unknown as PackedRow[]).map(unpack);
  }
}

function unpack({ transcript, short_transcript: short, ...row }: PackedRow): ArchiveRow {
  return { ...row, transcript: transcript === null ? short : inflateSync(transcript).toString('utf8') };
}
