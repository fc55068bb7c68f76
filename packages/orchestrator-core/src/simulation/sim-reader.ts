// SPDX-License-Identifier: MIT
import type { Orchestrator } from '../orchestrator-api.ts';
import type { StreamChunk, TaskReader } from '../stream/task-reader.ts';
import type { JobId, TaskId } from '../task/ids.ts';
import { pieceOf } from './sim-job.ts';
import type { Referee } from './referee.ts';

/** What a reader knows of the run around it. */
export interface SimReaderOptions {
  readonly taskId: TaskId;
  readonly jobId: JobId;
  /** Pulls everything as soon as it is told; else one chunk when asked. */
  readonly eager: boolean;
  readonly afterSeq?: number;
  readonly isCanceled: () => boolean;
  /** No token may be read any more. */
  readonly isSilenced: () => boolean;
  /** Pieces a task that completed must have sent. */
  readonly pieceCount: () => number;
  /** Whether another process may have sent the beginning. */
  readonly isRebuilt: boolean;
  readonly referee: Referee;
  readonly note: (line: string) => void;
  /** A situation came up. */
  readonly sight: (situation: string) => void;
}

/** A client that follows one stream and believes nothing. */
export class SimReader {
  readonly options: SimReaderOptions;
  #reader: TaskReader | undefined;
  readonly #referee: Referee;
  #inNext = false;
  #lastSeq: number;
  /** The terminal chunk, once it came. */
  terminal: Extract<StreamChunk, { kind: 'end' | 'error' }> | undefined;
  closed = false;

  constructor(options: SimReaderOptions) {
    this.options = options;
    this.#referee = options.referee;
    this.#lastSeq = options.afterSeq ?? -1;
  }

  /** Sequence number of the last frame it saw; -1 before the first. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Opens the stream; false when the task is not held. Rejects like `read`. */
  async open(orchestrator: Pick<Orchestrator, 'read'>): Promise<boolean> {
    const { taskId, afterSeq, eager } = this.options;
    const onReady = (): void => {
      this.#referee.demand(!this.#inNext, 'onReady was called from within next.');
      this.#referee.demand(!this.closed, 'onReady was called after close.');
      if (eager) this.pull(Infinity);
    };
    const onTokens = (firstIndex: number, texts: readonly string[]): boolean => {
      this.#referee.demand(!this.#inNext, 'onTokens was called from within next.');
      this.#referee.demand(!this.closed, 'onTokens was called after close.');
      this.#checkTokens(firstIndex, texts);
      // It pulls the next ones now and then.
      return this.#lastSeq % 2 === 0;
    };
    this.#reader = await orchestrator.read(taskId, { afterSeq, onReady, ...(eager ? { onTokens } : {}) });
    if (this.closed) this.#reader?.close();
    else if (eager) this.pull(Infinity);
    return this.#reader !== undefined;
  }

  /** Takes at most `count` chunks. */
  pull(count: number): void {
    for (let taken = 0; taken < count && !this.closed; taken += 1) {
      this.#inNext = true;
      const chunk = this.#reader?.next();
      this.#inNext = false;
      if (chunk === undefined) return;
      this.#check(chunk);
    }
  }

  /** Goes away, as clients do. */
  close(): void {
    this.closed = true;
    this.#reader?.close();
  }

  /** At the very end: it must have seen exactly one terminal chunk. */
  checkEnd(): void {
    if (this.closed || this.#reader === undefined) return;
    this.pull(Infinity);
    const resumedAtEnd = this.terminal === undefined && this.#reader.ended;
    this.#referee.demand(
      resumedAtEnd || this.terminal !== undefined,
      `A reader of ${this.options.taskId} never saw an end.`,
    );
    this.#referee.demand(this.#reader.ended, 'A reader that saw the end is not at its end.');
    this.close();
  }

  #check(chunk: StreamChunk): void {
    const { taskId, note } = this.options;
    this.#referee.demand(this.terminal === undefined, `Stream of ${taskId} went on after its terminal frame.`);
    if (chunk.kind === 'tokens') {
      this.#checkTokens(chunk.firstIndex, chunk.texts);
      return;
    }
    note(`${taskId} ${chunk.kind} ${chunk.seq}`);
    if (chunk.kind === 'metrics') {
      this.#referee.demand(
        chunk.seq === this.#lastSeq && this.#lastSeq >= 0,
        `A metrics frame of ${taskId} has a wrong id.`,
      );
    } else if (chunk.kind === 'started') {
      this.#referee.demand(this.#lastSeq === -1, `Stream of ${taskId} started twice.`);
      this.#referee.demand(chunk.jobId === this.options.jobId, `Stream of ${taskId} belongs to another job.`);
      this.#lastSeq = 0;
    } else {
      this.#checkTerminal(chunk);
    }
  }

  #checkTokens(firstIndex: number, texts: readonly string[]): void {
    const { taskId, jobId, isSilenced, note } = this.options;
    this.#referee.demand(!isSilenced(), `A token of ${taskId} was read after its cancel.`);
    this.#referee.demand(
      texts.length > 0 && firstIndex === this.#lastSeq,
      `Stream of ${taskId} has a gap at token ${firstIndex}.`,
    );
    for (const [offset, text] of texts.entries()) {
      const expected = pieceOf(jobId, firstIndex + offset);
      this.#referee.demand(
        text === expected,
        `Token ${firstIndex + offset} of ${taskId} is "${text}", not "${expected}".`,
      );
    }
    this.#lastSeq += texts.length;
    note(`${taskId} tokens ${firstIndex}+${texts.length}`);
  }

  #checkTerminal(chunk: Extract<StreamChunk, { kind: 'end' | 'error' }>): void {
    const { taskId, isCanceled } = this.options;
    this.terminal = chunk;
    const gap = chunk.kind === 'error' && chunk.error.code === 'STREAM_GAP';
    // A gap ends the reader, not the stream; a cancel takes away what was not read yet.
    if (gap) {
      this.options.sight('gap');
      return;
    }
    const next = this.#lastSeq + 1;
    // What another process sent is not known to a stream that breaks off before it has come again.
    const brokenOff = this.options.isRebuilt && chunk.kind === 'error' && chunk.seq > next;
    this.#referee.demand(
      chunk.seq === next || (isCanceled() && chunk.seq > next) || brokenOff,
      `Stream of ${taskId} lacks frames before its end.`,
    );
    const told = chunk.kind === 'end' && chunk.finishReason === 'canceled';
    this.#referee.demand(told === isCanceled(), `Stream of ${taskId} does not tell the end that was decided.`);
    const whole = chunk.kind === 'error' || told || chunk.seq - 1 === this.options.pieceCount();
    this.#referee.demand(whole, `Stream of ${taskId} is complete without all that its engine sent.`);
    this.#lastSeq = chunk.seq;
  }
}
