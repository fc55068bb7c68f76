// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { TaskPage, TaskQuery } from '../orchestrator-api.ts';
import type { Digest } from '../ports.ts';
import { EventLog, type Terminal } from '../stream/event-log.ts';
import type { ReadOptions, TaskReader } from '../stream/task-reader.ts';
import type { TaskId } from '../task/ids.ts';
import { startedChunk } from '../task/started-chunk.ts';
import type { TaskView } from '../task/task.ts';
import type { ArchivePage, TaskArchive, TaskStore } from './task-store.ts';

/** Tasks of this process that have not ended, newest first. */
export interface LivePage {
  readonly entries: readonly { readonly view: TaskView; readonly cursor: string }[];
  readonly more: boolean;
}

const CURSOR = /^(\d{0,15})~(\d{0,15})~(\d{1,15}(?:\.\d{1,15})?|Infinity)~([\da-fA-F,-]*)$/;

/** Tasks that have ended, as the store keeps them. */
export class TaskHistory {
  readonly #store: TaskStore;
  readonly #digest: Digest;

  constructor(store: TaskStore, digest: Digest) {
    this.#store = store;
    this.#digest = digest;
  }

  /** The task as it ended; undefined when it is not kept. */
  async get(id: TaskId): Promise<TaskView | undefined> {
    const archive = await this.#store.archive(id);
    return archive === undefined ? undefined : viewArchive(archive);
  }

  /**
   * Its stream; undefined when the task is not kept. Rejects TASK_CONFLICT as the live stream does, and STREAM_GAP when
   * the texts are no longer kept.
   */
  async read(id: TaskId, options: ReadOptions): Promise<TaskReader | undefined> {
    const archive = await this.#store.archive(id);
    if (archive === undefined) return undefined;
    return openLog(archive, this.#digest).read(options);
  }

  /** One page of tasks, newest first, those that have not ended included. */
  async list(query: TaskQuery, listLive: (query: TaskQuery) => Promise<LivePage>): Promise<TaskPage> {
    const { live: liveCursor, ended: endedCursor, before, listed } = readCursor(query.cursor);
    const { cursor: _cursor, ...plain } = query;
    const live = await listLive({ ...plain, ...(liveCursor === undefined ? {} : { cursor: liveCursor }) });
    const ended = await this.#ended(plain, endedCursor);
    const isLive = new Set(live.entries.map(({ view }) => view.task.id));
    const tasks: TaskView[] = [];
    let liveCount = 0;
    let endedCount = 0;
    while (tasks.length < query.limit) {
      const entry = live.entries[liveCount];
      const archive = ended.archives[endedCount];
      if (archive !== undefined && (entry === undefined || archive.task.createdAt > entry.view.task.createdAt)) {
        // A task that has ended since it was listed, or is about to be listed as one that lives, is not listed twice.
        const { createdAt, id } = archive.task;
        const isNew = createdAt < before || (createdAt === before && !listed.includes(id));
        if (isNew && !isLive.has(id)) tasks.push(viewArchive(archive));
        endedCount += 1;
      } else if (entry !== undefined) {
        tasks.push(entry.view);
        liveCount += 1;
      } else break;
    }
    const more = liveCount < live.entries.length || endedCount < ended.archives.length || live.more;
    if (!more && ended.nextCursor === undefined) return { tasks };
    const lastLive = live.entries[liveCount - 1]?.cursor ?? liveCursor;
    const lastEnded = await this.#cursorAfter(endedCount, { ended, query: plain, cursor: endedCursor });
    const lastCreatedAt = tasks.at(-1)?.task.createdAt ?? before;
    // Tasks of one millisecond are told apart by their ids: one that was listed while it lived comes again when it has ended.
    const tied = tasks.filter(({ task }) => task.createdAt === lastCreatedAt);
    const listedNow = [...(lastCreatedAt === before ? listed : []), ...tied.map(({ task }) => task.id)];
    return { tasks, nextCursor: `${lastLive ?? ''}~${lastEnded ?? ''}~${lastCreatedAt}~${listedNow.join(',')}` };
  }

  async #ended(query: TaskQuery, cursor: string | undefined): Promise<ArchivePage> {
    return this.#store.listArchives({ ...query, ...(cursor === undefined ? {} : { cursor }) });
  }

  /**
   * A store tells the cursor of whole pages only, so a page that was used in part is asked for again, shorter. At its end
   * the last one is read again: what lives now ends behind it.
   */
  async #cursorAfter(
    usedCount: number,
    page: { readonly ended: ArchivePage; readonly query: TaskQuery; readonly cursor: string | undefined },
  ): Promise<string | undefined> {
    const { ended, query, cursor } = page;
    if (usedCount === ended.archives.length && ended.nextCursor !== undefined) return ended.nextCursor;
    const limit = usedCount === ended.archives.length ? usedCount - 1 : usedCount;
    if (limit <= 0) return cursor;
    return (await this.#ended({ ...query, limit }, cursor)).nextCursor ?? cursor;
  }
}

/** Where the page before stopped in both lists, and the time of acceptance of its last task. */
interface Place {
  readonly live?: string;
  readonly ended?: string;
  readonly before: number;
  /** Tasks of that very time which were listed. */
  readonly listed: readonly string[];
}

function readCursor(cursor: string | undefined): Place {
  if (cursor === undefined) return { before: Infinity, listed: [] };
  const [, live, ended, before, listed] = CURSOR.exec(cursor) ?? [];
  if (live === undefined || ended === undefined || listed === undefined) {
    throw new OrchError('INVALID_PARAMS', { phase: 'request', details: { field: '$.cursor' } });
  }
  return {
    before: Number(before),
    listed: listed.split(','),
    ...(live === '' ? {} : { live }),
    ...(ended === '' ? {} : { ended }),
  };
}

function viewArchive(archive: TaskArchive): TaskView {
  const {
    task,
    admission,
    state,
    timings,
    replicaId,
    placementReason,
    usage,
    finishReason,
    error,
    receipt,
    pieces,
    products,
  } = archive;
  const text = state === 'completed' ? pieces?.join('') : undefined;
  return {
    task,
    admission,
    state,
    attempt: archive.attempts,
    timings,
    ...(replicaId === undefined ? {} : { replicaId }),
    ...(placementReason === undefined ? {} : { placementReason }),
    ...(usage === undefined ? {} : { usage }),
    ...(finishReason === undefined ? {} : { finishReason }),
    ...(error === undefined ? {} : { error }),
    ...(receipt === undefined ? {} : { receipt }),
    ...(text === undefined ? {} : { output: { text, ...products } }),
  };
}

/** ORCH-1241: the stream as it was, from what is kept of it. */
function openLog(archive: TaskArchive, digest: Digest): EventLog {
  const { task, admission, state, pieces, pieceCount } = archive;
  const isCanceled = state === 'canceled';
  if (pieces === undefined && pieceCount > 0 && !isCanceled) {
    const message = 'The transcript of this task is not kept.';
    throw new OrchError('STREAM_GAP', { message, phase: 'request' });
  }
  const log = new EventLog({ maxBytes: Infinity, digest });
  log.start(startedChunk(task, admission));
  log.rebuild(pieceCount);
  if (!isCanceled) log.append(pieces ?? []);
  log.seal(terminalOfArchive(archive));
  return log;
}

function terminalOfArchive(archive: TaskArchive): Terminal {
  const { task, error, engine, tokensOut, usage, timings, finishReason = 'stop', receipt, products } = archive;
  if (error !== undefined) {
    return { kind: 'error', error, poolId: task.poolId, ...(engine === undefined ? {} : { engine }) };
  }
  return {
    kind: 'end',
    tokensOut: tokensOut ?? usage?.tokensOut ?? 0,
    decodeTimeMs: timings.decodeTimeMs ?? 0,
    finishReason,
    ...(products?.toolCalls === undefined ? {} : { toolCalls: products.toolCalls }),
    ...(receipt === undefined ? {} : { receipt }),
  };
}
