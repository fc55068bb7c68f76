// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { Rig } from './__fixtures__/rig.ts';
import { TimedAdapter } from './__fixtures__/timed-adapter.ts';
import type { Clock } from './ports.ts';
import type { QueueLimits, TaskQueue } from './queue/task-queue.ts';
import type { StreamChunk, TaskReader } from './stream/task-reader.ts';
import type { TaskId } from './task/ids.ts';
import { isTerminal, type TaskState } from './task/task-state.ts';
import type { AdmissionAnswer } from './task/task.ts';
import { FakeClock, SeededRandom, TEST_POOL } from './testkit/index.ts';

/** Longest time a call of the queue, and its answer, are on their way, in milliseconds. */
const LAG_MS = 4;
/** Far more than any task takes. */
const LONG_MS = 1_000;

/** What became of one task, as everybody who could tell has told it. */
interface Book {
  readonly answer: AdmissionAnswer;
  readonly ends: TaskState[];
  readonly chunks: StreamChunk[];
  canceled: string | undefined;
  /** The queue has decided that it is canceled, or a cancel was answered so. */
  silenced: boolean;
  tokensAfterCancel: number;
  pull?: () => void;
}

interface Wire {
  readonly clock: Clock;
  readonly random: SeededRandom;
  /** Told in the step in which the queue decides that a running task is canceled. */
  readonly onSignaled: (id: TaskId) => void;
}

/** The same queue at the other end of a wire: every call and every answer takes a while, each its own. */
function laggy(inner: TaskQueue, { clock, random, onSignaled }: Wire): TaskQueue {
  const travel = (): Promise<undefined> => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    clock.setTimer(random.ratio() * LAG_MS, () => resolve(undefined));
    return promise;
  };
  return new Proxy(inner, {
    get(target, name: keyof TaskQueue) {
      return async (...args: never[]) => {
        await travel();
        const answer: unknown = await (target[name] as (...values: never[]) => Promise<unknown>).apply(target, args);
        if (answer === 'signaled') onSignaled(args[0] as unknown as TaskId);
        await travel();
        return answer;
      };
    },
  });
}

/** A service whose queue, engine and clients race in virtual time. */
class RaceTrack {
  readonly clock = new FakeClock();
  readonly random: SeededRandom;
  readonly adapter: TimedAdapter;
  readonly rig: Rig;
  readonly books: Book[] = [];
  readonly #byId = new Map<TaskId, Book>();
  readonly #early = new Map<TaskId, TaskState[]>();
  readonly #cancels: Promise<void>[] = [];
  inner: TaskQueue | undefined;
  refusedCount = 0;

  constructor(seed: number, slots: number, limits: Partial<QueueLimits>) {
    this.random = new SeededRandom(seed);
    this.adapter = new TimedAdapter(this.clock, this.random, slots);
    const onSignaled = (id: TaskId): void => {
      const book = this.#byId.get(id);
      if (book === undefined) return;
      book.silenced = true;
      // The very step that decides it stops the engine and takes from the readers what they have not read.
      if (this.adapter.live.get(book.answer.jobId)?.aborted === false) this.adapter.breaches.push(`${id} runs on`);
      book.pull?.();
    };
    const wire = { clock: this.clock, random: this.random, onSignaled };
    const wrapQueue = (inner: TaskQueue): TaskQueue => laggy((this.inner = inner), wire);
    const retention = { endedTasks: 20_000, transcriptBytes: 100_000_000 };
    this.rig = new Rig({ clock: this.clock, adapters: [this.adapter], limits, wrapQueue, retention });
    this.rig.orchestrator.watch((event) => {
      if (event.kind !== 'task' || !isTerminal(event.state)) return;
      const ends = this.#byId.get(event.taskId)?.ends ?? this.#early.get(event.taskId) ?? [];
      ends.push(event.state);
      if (!this.#byId.has(event.taskId)) this.#early.set(event.taskId, ends);
    });
  }

  /** Submits a task, follows it, and cancels it so long after it was accepted. */
  async launch(cancelAfterMs: number | undefined): Promise<void> {
    const submission = await this.rig.submit();
    if (submission.outcome === 'rejected') {
      this.refusedCount += 1;
      return;
    }
    const { answer } = submission;
    const ends = this.#early.get(answer.taskId) ?? [];
    const book: Book = { answer, ends, chunks: [], canceled: undefined, silenced: false, tokensAfterCancel: 0 };
    this.books.push(book);
    this.#byId.set(answer.taskId, book);
    await this.#follow(book);
    if (cancelAfterMs !== undefined) this.clock.setTimer(cancelAfterMs, () => this.#cancels.push(this.#cancel(book)));
  }

  /** Lets everything come to its end and checks what must hold of every task. */
  async finish(): Promise<void> {
    await this.clock.advance(LONG_MS);
    await Promise.all(this.#cancels);
    for (const { pull } of this.books) pull?.();
    for (const book of this.books) await this.#check(book);
    expect(this.adapter.breaches).toEqual([]);
    expect([this.adapter.live.size, this.rig.meter.total('slots_busy')]).toEqual([0, 0]);
    const { leased, waiting } = await this.inner!.snapshot(TEST_POOL);
    expect([leased, waiting.interactive]).toEqual([0, 0]);
    const stopped = this.rig.stop();
    await this.clock.advance(LONG_MS);
    await stopped;
    expect(this.clock.pendingCount).toBe(0);
  }

  count(state: TaskState, hasRun?: boolean): number {
    const fits = ({ answer }: Book): boolean => hasRun === undefined || this.adapter.begun.has(answer.jobId) === hasRun;
    return this.books.filter((book) => book.ends[0] === state && fits(book)).length;
  }

  async #follow(book: Book): Promise<void> {
    const pull = (): void => {
      for (let chunk = reader?.next(); chunk !== undefined; chunk = reader?.next()) {
        if (chunk.kind === 'tokens' && book.silenced) book.tokensAfterCancel += chunk.texts.length;
        book.chunks.push(chunk);
      }
    };
    // Every other reader reads when its task is canceled and when all is over, and must not find what came before a cancel.
    const isSlow = this.books.length % 2 === 0;
    const onReady = isSlow ? (): void => undefined : pull;
    const reader: TaskReader | undefined = await this.rig.orchestrator.read(book.answer.taskId, { onReady });
    book.pull = pull;
    if (!isSlow) pull();
  }

  async #cancel(book: Book): Promise<void> {
    const { taskId, jobId } = book.answer;
    const outcome = await this.rig.orchestrator.cancel(taskId);
    book.canceled = outcome;
    book.silenced ||= outcome === 'canceled';
    expect(this.adapter.live.has(jobId), 'the slot is free when the cancel is answered').toBe(false);
    expect(await this.rig.orchestrator.cancel(taskId), 'a second cancel says the same').toBe(outcome);
  }

  async #check({ answer, ends, chunks, canceled, silenced, tokensAfterCancel }: Book): Promise<void> {
    const { state, error } = await this.rig.view(answer.taskId);
    expect(ends, 'exactly one end').toEqual([state]);
    if (silenced) expect(state, 'what the queue has decided').toBe('canceled');
    if (canceled !== undefined) expect(canceled).toBe(state === 'canceled' ? 'canceled' : 'ended');
    expect(tokensAfterCancel, 'no token after the decision').toBe(0);
    const last = chunks.at(-1);
    expect(chunks.filter(({ kind }) => kind === 'end' || kind === 'error')).toEqual([last]);
    if (last?.kind === 'end') expect(last.finishReason === 'canceled').toBe(state === 'canceled');
    else expect([last?.kind, error?.code]).toEqual(['error', 'QUEUE_FULL_DROP_LRU']);
  }
}

const WIDE: Partial<QueueLimits> = { maxTasks: { interactive: 10_000, batch: 0 }, maxBytes: 1e9 };

verifies(
  ['ORCH-1030', 'ORCH-1032', 'ORCH-1033', 'ORCH-3036'],
  'ten thousand cancels within 30 ms of their admission race the dispatch, and each is decided once',
  async () => {
    const track = new RaceTrack(1, 4, WIDE);
    await track.rig.start();
    const launches: Promise<void>[] = [];
    for (let count = 0; count < 10_000; count += 1) {
      launches.push(track.launch(track.random.ratio() * 30));
      await track.clock.advance(track.random.ratio() * 4);
    }
    await track.clock.advance(LONG_MS);
    await Promise.all(launches);
    await track.finish();
    expect(track.books).toHaveLength(10_000);
    // All three ways to end are met often, so the race is one.
    for (const met of [track.count('canceled', false), track.count('canceled', true), track.count('completed')]) {
      expect(met).toBeGreaterThan(500);
    }
  },
);

verifies(
  ['ORCH-1031', 'ORCH-1033', 'ORCH-3039', 'ORCH-3421'],
  'a thousand cancels around the last token find one end each, and no token after the answer',
  async () => {
    const track = new RaceTrack(2, 1, WIDE);
    await track.rig.start();
    for (let count = 0; count < 1_000; count += 1) {
      // Alone in the service, so that the end is near whenever the cancel comes.
      const launch = track.launch(track.random.ratio() * 10);
      await track.clock.advance(60);
      await launch;
    }
    await track.finish();
    expect(track.count('canceled', true)).toBeGreaterThan(100);
    expect(track.count('completed')).toBeGreaterThan(100);
  },
);

verifies(
  ['ORCH-1033', 'ORCH-3017', 'ORCH-3024', 'ORCH-3037'],
  'bursts of ten times the bound with cancels: each task is evicted, canceled or runs, and the bound holds',
  async () => {
    const bound = 8;
    const track = new RaceTrack(3, 2, { maxTasks: { interactive: bound, batch: 0 }, fullPolicy: 'drop-lru' });
    await track.rig.start();
    for (let burst = 0; burst < 25; burst += 1) {
      const launches = Array.from({ length: bound * 10 }, () =>
        track.launch(track.random.below(3) === 0 ? track.random.ratio() * 6 : undefined),
      );
      for (let ms = 0; ms < 80; ms += 1) {
        await track.clock.advance(1);
        const { waiting } = await track.inner!.snapshot(TEST_POOL);
        expect(waiting.interactive).toBeLessThanOrEqual(bound);
      }
      await Promise.all(launches);
    }
    await track.finish();
    expect([track.books.length, track.refusedCount]).toEqual([25 * bound * 10, 0]);
    const counts = (['completed', 'canceled', 'evicted'] as const).map((state) => track.count(state));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(track.books.length);
    for (const met of [...counts, track.count('canceled', false)]) expect(met).toBeGreaterThan(20);
    expect(track.count('evicted', true)).toBe(0);
  },
);
