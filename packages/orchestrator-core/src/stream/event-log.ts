// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { Digest, RunningDigest } from '../ports.ts';
import { LogReader } from './log-reader.ts';
import { PieceRing } from './piece-ring.ts';
import type { PieceSink } from './piece-sink.ts';
import type { EndChunk, ErrorChunk, MetricsChunk, ReadOptions, StartedChunk, TaskReader } from './task-reader.ts';

/** The last frame before the log gives it its sequence number. */
export type Terminal = Omit<EndChunk, 'seq'> | Omit<ErrorChunk, 'seq'>;

/** Live figures before a reader gives them the sequence number of its own last frame. */
export type LiveFigures = Omit<MetricsChunk, 'kind' | 'seq'>;

/** What a log is made with. */
export interface EventLogOptions {
  /** Token text kept for late readers, in UTF-8 bytes. */
  readonly maxBytes: number;
  readonly digest: Digest;
}

/**
 * Everything one task tells its readers, in the order it happened: `started` (0), token i (i + 1), one terminal frame
 * (tokens + 1). Sequence numbers are computed, so nothing is stored per token but its text. Synchronous throughout:
 * whoever appends wakes the readers that wait, and they pull.
 */
export class EventLog implements PieceSink {
  // What a token touches stands first and together.
  readonly #ring = new PieceRing();
  /** The youngest open reader, which knows the one before it: most logs have one, and it needs no list. */
  #reader: LogReader | undefined;
  /** Tokens are taken: they were not cut, and the log is not sealed. */
  #takesTokens = true;
  readonly #maxBytes: number;
  readonly #digest: Digest;
  #readerCount = 0;
  #cut = false;
  #terminal: EndChunk | ErrorChunk | undefined;
  /** Runs only once the ring has dropped text, so the digest of the whole output can still be told. */
  #droppedText: RunningDigest | undefined;
  #started: StartedChunk | undefined;
  #live: LiveFigures | undefined;
  #liveVersion = 0;
  #outputSha256: string | undefined;
  /** Pieces that another process may have sent; 0 when there was none. */
  #sentCount = 0;
  /** As a sink it compares nothing. */
  readonly complete = true;

  constructor(options: EventLogOptions) {
    this.#maxBytes = options.maxBytes;
    this.#digest = options.digest;
  }

  /** First frame; undefined until the task is admitted. */
  get started(): StartedChunk | undefined {
    return this.#started;
  }

  /** Last frame; undefined until the log is sealed. */
  get terminal(): EndChunk | ErrorChunk | undefined {
    return this.#terminal;
  }

  /** Pieces appended so far, dropped ones included. */
  get tokenCount(): number {
    return this.#ring.count;
  }

  /** Index of the oldest piece that can still be read. */
  get firstTokenIndex(): number {
    return this.#ring.firstIndex;
  }

  /** True once `cutTokens` has taken the unread pieces away, which is no gap. */
  get isCut(): boolean {
    return this.#cut;
  }

  /** Newest live figures; undefined when there are none or the log is sealed. */
  get live(): LiveFigures | undefined {
    return this.#live;
  }

  /** Changes with every `setLive`; 0 before the first. */
  get liveVersion(): number {
    return this.#liveVersion;
  }

  /** Open readers. */
  get readerCount(): number {
    return this.#readerCount;
  }

  /** UTF-8 bytes of text held. */
  get bytes(): number {
    return this.#ring.bytes;
  }

  /** Writes the first frame. */
  start(chunk: StartedChunk): void {
    if (this.#started !== undefined) throw new OrchError('INTERNAL', { message: 'A stream starts once.' });
    this.#started = chunk;
    this.#wake();
  }

  /**
   * Another process sent up to `maxCount` pieces, which may be appended again: readers that have seen some of them wait
   * until they are. When they do not all come, the terminal frame is numbered above them.
   */
  rebuild(maxCount: number): void {
    this.#sentCount = maxCount;
  }

  /** Appends pieces, in order; ignored once the tokens were cut or the log is sealed. */
  append(texts: readonly string[]): true {
    if (!this.#takesTokens || texts.length === 0) return true;
    const firstIndex = this.#ring.push(texts);
    if (this.#ring.bytes > this.#maxBytes) this.#dropOldest();
    let reader = this.#reader;
    while (reader !== undefined) {
      const { elder } = reader;
      reader.offer(firstIndex, texts);
      reader = elder;
    }
    return true;
  }

  /** Replaces the live figures; a reader that has not seen the old ones never will. */
  setLive(figures: LiveFigures): void {
    if (this.#terminal !== undefined) return;
    this.#live = figures;
    this.#liveVersion += 1;
    this.#wake();
  }

  /** No token reaches any reader from now on, not even one that had not been read yet. */
  cutTokens(): void {
    if (this.#cut || this.#terminal !== undefined) return;
    // ORCH-3421: the decision to cancel cuts the stream in the same synchronous step.
    this.#cut = true;
    this.#takesTokens = false;
    this.#outputSha256 = this.#hashOutput();
    this.#ring.clear();
  }

  /** Writes the last frame; every later call changes nothing and answers false. */
  seal(terminal: Terminal): boolean {
    if (this.#terminal !== undefined) return false;
    this.#terminal = { ...terminal, seq: this.tokenCountAt(terminal) + 1 };
    this.#takesTokens = false;
    this.#live = undefined;
    this.#wake();
    return true;
  }

  /** Token frames that stand before this last frame. */
  tokenCountAt(terminal: Terminal): number {
    const isWhole = terminal.kind === 'end' && terminal.finishReason !== 'canceled';
    return isWhole ? this.tokenCount : Math.max(this.tokenCount, this.#sentCount);
  }

  /** Digest of the whole text sent to readers; the text may go on only before the first call. */
  outputSha256(): string {
    this.#outputSha256 ??= this.#hashOutput();
    return this.#outputSha256;
  }

  /** The whole text; undefined when part of it is no longer held. */
  outputText(): string | undefined {
    return this.#ring.firstIndex === 0 ? this.#ring.join() : undefined;
  }

  /** Every piece; undefined when one of them is no longer held. */
  allPieces(): readonly string[] | undefined {
    return this.#ring.firstIndex === 0 ? this.#ring.slice(0, this.tokenCount) : undefined;
  }

  /**
   * Opens a reader after `afterSeq`; `onClose` is called once, after it was closed.
   * Throws TASK_CONFLICT when the stream has no such frame, and none is to be appended again, STREAM_GAP when what follows it is no longer held.
   */
  read(options: ReadOptions, onClose?: () => void): TaskReader {
    const started = this.#started;
    if (started === undefined) throw new OrchError('INTERNAL', { message: 'A stream is read after it started.' });
    // ORCH-1240: what a reader got from another process is on its way to this log.
    const lastSeq = this.#terminal?.seq ?? Math.max(this.tokenCount, this.#sentCount);
    if (options.afterSeq !== undefined && options.afterSeq > lastSeq) {
      throw new OrchError('TASK_CONFLICT', {
        message: `The stream has no frame ${options.afterSeq}; its last one is ${lastSeq}.`,
        phase: 'request',
        details: { last_seq: lastSeq },
      });
    }
    const firstIndex = Math.max(options.afterSeq ?? 0, 0);
    if (!this.#cut && firstIndex < this.firstTokenIndex) throw this.gapError(firstIndex);
    const reader = new LogReader(this, options, { poolId: started.poolId, onClose, elder: this.#reader });
    this.#reader = reader;
    this.#readerCount += 1;
    return reader;
  }

  /** What a reader is told whose next piece is gone. */
  gapError(index: number): OrchError {
    return new OrchError('STREAM_GAP', {
      phase: 'request',
      details: { next_index: index, first_held_index: this.firstTokenIndex },
    });
  }

  /** Pieces from `index` on, at most `maxCount`. */
  pieces(index: number, maxCount: number): readonly string[] {
    return this.#ring.slice(index, maxCount);
  }

  /** Takes a closed reader out; it still knows the one before it, for whoever goes through the readers just now. */
  forget(reader: LogReader): void {
    this.#readerCount -= 1;
    if (this.#reader === reader) {
      this.#reader = reader.elder;
      return;
    }
    let younger = this.#reader;
    while (younger !== undefined && younger.elder !== reader) younger = younger.elder;
    if (younger !== undefined) younger.elder = reader.elder;
  }

  #dropOldest(): void {
    this.#droppedText ??= this.#digest.startSha256();
    while (this.#ring.bytes > this.#maxBytes) this.#droppedText.update(this.#ring.dropOldest());
  }

  #hashOutput(): string {
    if (this.#droppedText === undefined) return this.#digest.sha256Hex(this.#ring.join());
    this.#droppedText.update(this.#ring.join());
    return this.#droppedText.hex();
  }

  #wake(): void {
    let reader = this.#reader;
    while (reader !== undefined) {
      const { elder } = reader;
      reader.wake();
      reader = elder;
    }
  }
}
