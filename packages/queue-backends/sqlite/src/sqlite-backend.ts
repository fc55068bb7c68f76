// SPDX-License-Identifier: MIT
import type {
  Clock,
  EndedTask,
  KeptKey,
  KeptSession,
  MemoryTaskQueueOptions,
  PoolId,
  QueueLimits,
  Recovery,
  SessionId,
  TaskId,
  TaskQueue,
  TaskStore,
} from '@llama-orch/orchestrator-core';
import { DurableTaskQueue } from './durable-task-queue.ts';
import { GroupCommit } from './group-commit.ts';
import { prepareDirectory } from './prepare-directory.ts';
import type { EndedRow, StoreContents } from './protocol.ts';
import { SqliteTaskStore } from './sqlite-task-store.ts';
import { StoreClient } from './store-client.ts';
import type { StoreHealth } from './store-health.ts';
import { decodeLive } from './task-codec.ts';

const DEFAULT_BALLAST_BYTES = 16 << 20;

/** How long ended tasks are kept. */
export interface SqliteRetention {
  /** Ended tasks kept with their records. */
  readonly archivedTasks: number;
  /** How long such a record is kept, in milliseconds. */
  readonly archiveAgeMs: number;
  /** Ids of ended tasks that stay used, those with records included; at least `archivedTasks`. Each costs 300 bytes. */
  readonly endedIds: number;
}

/** How a SQLite backend is set up. */
export interface SqliteBackendOptions {
  /** Made where it does not exist. One process uses it at a time. */
  readonly directory: string;
  /** Bounds of a pool; asked whenever they matter, so they may change. */
  readonly limits: (poolId: PoolId) => QueueLimits;
  readonly retention: SqliteRetention;
  /** What a key may have beside the others; asked whenever it matters. Default: all alike, without limit. */
  readonly keyRules?: MemoryTaskQueueOptions['keyRules'];
  readonly clock: Clock;
  /** Told whenever the health changes. */
  readonly onHealth?: (health: StoreHealth) => void;
  /** Disk space held in reserve for a full disk; default 16 MiB. */
  readonly ballastBytes?: number;
  /** Whether records that can wait for others to share a commit do; default true. */
  readonly gathers?: boolean;
}

/** A queue and a store that share one database. */
export interface SqliteBackend {
  readonly queue: TaskQueue;
  readonly store: TaskStore;
  /** Absolute. */
  readonly directory: string;
  readonly health: StoreHealth;
  /**
   * Writes a consistent copy to `file`, which must not exist, with everything accepted before the call. Commits wait
   * meanwhile. Rejects when the copy cannot be written.
   */
  backup(file: string): Promise<void>;
  /** An operator has taken note of the lost records: the health forgets them. */
  acknowledgeLostRecords(): Promise<void>;
  /** Removes at once what is no longer kept, as otherwise happens in quiet moments. */
  maintain(): Promise<void>;
  /** Commits what was decided and lets the directory go. Idempotent. Rejects STORE_UNAVAILABLE when it cannot be written. */
  close(): Promise<void>;
}

/**
 * Opens the durable queue in a directory.
 *
 * @throws StoreOpenError when the directory or its database cannot be used; nothing is left running then.
 */
export async function openSqliteBackend(options: SqliteBackendOptions): Promise<SqliteBackend> {
  const { retention, ballastBytes = DEFAULT_BALLAST_BYTES } = options;
  const directory = await prepareDirectory(options.directory);
  const endedIds = Math.max(retention.endedIds, retention.archivedTasks);
  const { client, contents } = await StoreClient.open({ directory, ballastBytes, ...retention, endedIds });
  try {
    return openOn({ client, contents, directory }, options);
  } catch (fault) {
    // A row that cannot be read must not leave the directory held.
    await client.close();
    throw fault;
  }
}

interface Opened {
  readonly client: StoreClient;
  readonly contents: StoreContents;
  readonly directory: string;
}

function openOn({ client, contents, directory }: Opened, options: SqliteBackendOptions): SqliteBackend {
  const { clock, retention, limits, keyRules, onHealth = () => undefined, gathers = true } = options;
  const endedIds = Math.max(retention.endedIds, retention.archivedTasks);
  const { spaceLow, lostRecordCount } = contents;
  const commits = new GroupCommit({ client, clock, spaceLow, lostRecordCount, onHealth, gathers });
  const recovery = recoveryOf(contents, clock);
  const waiting = recovery.tasks.map(({ task }, index) => ({ task, epoch: contents.live[index]?.epoch ?? 0 }));
  const ended = contents.ended.map(endedTask);
  const paused = contents.pausedPools as readonly PoolId[];
  const bursts = contents.bursts.map(({ pool, count }) => [pool as PoolId, count] as const);
  const queue = new DurableTaskQueue({
    commits,
    limits,
    endedIds,
    keyRules,
    contents: { waiting, ended, paused, bursts },
  });
  const store = new SqliteTaskStore({ client, commits, clock, recovery });
  return new OpenBackend({ client, commits, queue, store, directory });
}

interface Parts {
  readonly client: StoreClient;
  readonly commits: GroupCommit;
  readonly queue: TaskQueue;
  readonly store: TaskStore;
  readonly directory: string;
}

class OpenBackend implements SqliteBackend {
  readonly queue: TaskQueue;
  readonly store: TaskStore;
  readonly directory: string;
  readonly #client: StoreClient;
  readonly #commits: GroupCommit;
  #closing: Promise<void> | undefined;

  constructor({ client, commits, queue, store, directory }: Parts) {
    this.queue = queue;
    this.store = store;
    this.directory = directory;
    this.#client = client;
    this.#commits = commits;
  }

  get health(): StoreHealth {
    return this.#commits.health;
  }

  async backup(file: string): Promise<void> {
    this.#commits.hurry();
    await this.#commits.committed;
    await this.#client.call({ kind: 'backup', file });
  }

  async acknowledgeLostRecords(): Promise<void> {
    await this.#client.call({ kind: 'acknowledge' });
    this.#commits.forgetLost();
  }

  maintain(): Promise<void> {
    return this.#commits.maintain();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.queue.close();
      await this.#commits.close();
    } finally {
      await this.#client.close();
    }
  }
}

function recoveryOf(contents: StoreContents, clock: Clock): Recovery {
  const tasks = contents.live.map((row) => decodeLive(row, clock));
  const inSession = new Set(tasks.map(({ task }) => task.sessionId));
  return {
    tasks,
    sessions: sessionsOf(contents, { wallNowMs: clock.wallNowMs(), inSession }),
    keys: contents.keys.map((row) => keyOf(row, clock.wallNowMs())),
    statistics: new Map(contents.statistics.map(({ pool, body }) => [pool as PoolId, body])),
    lostRecordCount: contents.lostRecordCount,
  };
}

/** The time of a session runs on while the service is down, unless a task of it is live. */
function sessionsOf(
  { sessions }: StoreContents,
  { wallNowMs, inSession }: { readonly wallNowMs: number; readonly inSession: ReadonlySet<SessionId | undefined> },
): readonly KeptSession[] {
  return sessions.flatMap(({ keptAt, body }) => {
    const session = JSON.parse(body) as KeptSession;
    if (inSession.has(session.id)) return [session];
    const ttlMsRemaining = session.ttlMsRemaining - Math.max(0, wallNowMs - keptAt);
    return ttlMsRemaining > 0 ? [{ ...session, ttlMsRemaining }] : [];
  });
}

/** The period of a key's budget runs on while the service is down. */
function keyOf({ keptAt, body }: StoreContents['keys'][number], wallNowMs: number): KeptKey {
  const key = JSON.parse(body) as KeptKey;
  if (key.periodMsRemaining === undefined) return key;
  return { ...key, periodMsRemaining: key.periodMsRemaining - Math.max(0, wallNowMs - keptAt) };
}

function endedTask({ id, fingerprint, state, settled_epoch: settledEpoch }: EndedRow): EndedTask {
  return {
    id: id as TaskId,
    fingerprint,
    outcome: state as EndedTask['outcome'],
    settledEpoch: settledEpoch ?? undefined,
  };
}
