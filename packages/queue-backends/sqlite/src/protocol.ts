// SPDX-License-Identifier: MIT

/** What the main thread and the store's thread say to each other. */
export interface StoreSettings {
  readonly directory: string;
  /** Ended tasks kept with their records. */
  readonly archivedTasks: number;
  readonly archiveAgeMs: number;
  /** Ids of ended tasks that stay used, those with records included. */
  readonly endedIds: number;
  readonly ballastBytes: number;
}

/**
 * Kinds of journal records. A record is its kind followed by its cells; a batch is one text, which crosses threads and
 * is stored as it is.
 */
export const RECORD = {
  /** id, pool, priority, session, fingerprint, position, request, count of evicted, their ids */
  admit: 0,
  /** id, epoch */
  claim: 1,
  /** id, epoch */
  release: 2,
  /** id, state, settled epoch, result, transcript */
  end: 3,
  /** id, result, transcript: of a task whose end is there already */
  archive: 4,
  /** id, answer */
  admission: 5,
  /** id, epoch, piece count, sha256 */
  progress: 6,
  /** id, body or null when it is over */
  session: 7,
  /** pool, text */
  statistics: 8,
  /** id, epoch, executions */
  attempts: 9,
  /** id, priority: a waiting task goes to the end of it */
  priority: 10,
  /** pool, 1 where its queue gives out nothing from now on and 0 where it does again */
  pause: 11,
  /** pool, count */
  burst: 12,
  /** id, body */
  key: 20,
} as const;

/** One value of a journal record. */
export type Cell = string | number | null;

/** One call of the store's thread; calls are answered in order. */
export type StoreCall =
  | { readonly kind: 'commit'; readonly records: string; readonly recordCount: number; readonly at: number }
  | { readonly kind: 'archive'; readonly id: string }
  | { readonly kind: 'archives'; readonly query: ArchiveQuery }
  | { readonly kind: 'maintain'; readonly at: number; readonly idle: boolean }
  | { readonly kind: 'regain' }
  | { readonly kind: 'backup'; readonly file: string }
  | { readonly kind: 'acknowledge' }
  | { readonly kind: 'close' };

/** What each call answers. */
export interface StoreAnswers {
  /** Told when the reserve is gone. */
  readonly commit: 'space-low' | undefined;
  readonly archive: ArchiveRow | undefined;
  readonly archives: readonly ArchiveRow[];
  readonly maintain: MaintenanceReport;
  /** True when there is room again. */
  readonly regain: boolean;
  readonly backup: undefined;
  readonly acknowledge: undefined;
  readonly close: undefined;
}

/** What is told of maintenance. */
export interface MaintenanceReport {
  /** More is left to be removed. */
  readonly more: boolean;
  /** Records since the last report that met no task under their epoch, and changed nothing. */
  readonly staleCount: number;
}

/** Why a call failed. */
export interface StoreFailure {
  /** The disk has no room, not even the ballast's. */
  readonly full: boolean;
  /** For operators. */
  readonly cause: string;
}

/** What a commit is on its way to the thread. There are many, and names would cost as much again. */
export type SentCommit = readonly [records: string, recordCount: number, at: number];

/** From the main thread. */
export type ToStore = SentCommit | Exclude<StoreCall, { kind: 'commit' }>;

/** To the main thread; undefined where the next call was carried out and has nothing to tell. */
export type FromStore =
  | undefined
  | { readonly type: 'opened'; readonly contents: StoreContents }
  | { readonly type: 'refused'; readonly reason: RefusalReason; readonly cause: string }
  | { readonly type: 'answer'; readonly answer: unknown }
  | { readonly type: 'failure'; readonly failure: StoreFailure };

/** Why a directory or its database cannot be used. */
export type RefusalReason =
  | 'in-use'
  | 'read-only'
  | 'foreign-owner'
  | 'symbolic-link'
  | 'not-a-directory'
  | 'newer-schema'
  | 'old-sqlite'
  | 'damaged'
  | 'unusable';

/** What the database held when it was opened. */
export interface StoreContents {
  /** In the order in which they stand in line. */
  readonly live: readonly LiveRow[];
  /** In the order of their ends. */
  readonly ended: readonly EndedRow[];
  readonly sessions: readonly { readonly id: string; readonly keptAt: number; readonly body: string }[];
  readonly keys: readonly { readonly keptAt: number; readonly body: string }[];
  readonly statistics: readonly { readonly pool: string; readonly body: string }[];
  readonly pausedPools: readonly string[];
  readonly bursts: readonly { readonly pool: string; readonly count: number }[];
  readonly lostRecordCount: number;
  readonly spaceLow: boolean;
}

/** A task that has not ended. */
export interface LiveRow {
  readonly request: string;
  /** What counts, also where the request says otherwise. */
  readonly priority: string;
  readonly admission: string | null;
  readonly position: number;
  readonly epoch: number;
  readonly attempts: number;
  readonly runs: string | null;
  readonly piece_count: number | null;
  readonly prefix_sha256: string | null;
}

/** What stays of every ended task. */
export interface EndedRow {
  readonly id: string;
  readonly fingerprint: string;
  readonly state: string;
  readonly settled_epoch: number | null;
}

/** An ended task with its record. */
export interface ArchiveRow {
  readonly seq: number;
  readonly state: string;
  readonly attempts: number;
  readonly piece_count: number | null;
  readonly position: number;
  readonly ended_at: number;
  readonly request: string;
  /** What counts, also where the request says otherwise. */
  readonly priority: string;
  readonly admission: string | null;
  readonly result: string | null;
  /** Inflated. */
  readonly transcript: string | null;
}

/** Which archives to list, newest first. */
export interface ArchiveQuery {
  readonly state: string | null;
  readonly pool: string | null;
  readonly session: string | null;
  readonly key: string | null;
  readonly priority: string | null;
  readonly before: number;
  readonly limit: number;
}
