// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { PoolId } from '../task/ids.ts';
import type { EventLog } from './event-log.ts';
import type { ErrorChunk, ReadOptions, StreamChunk, TaskReader } from './task-reader.ts';

/** Pieces in one chunk at most, so that one late reader cannot hold the thread for a whole transcript. */
export const MAX_PIECES_PER_CHUNK = 256;

/** What a reader is told about the log it reads. */
interface ReaderPlace {
  readonly poolId: PoolId;
  readonly onClose: (() => void) | undefined;
  /** The reader that was opened before it, of those that are open. */
  readonly elder: LogReader | undefined;
}

/** One reader's place in an {@link EventLog}: a sequence number, and nothing buffered. */
export class LogReader implements TaskReader {
  // What a token touches stands first and together.
  /** It has returned all there is and is told of what comes. */
  #waits = false;
  #nextSeq: number;
  readonly #options: ReadOptions;
  /** The reader before it, for the log that goes through its readers. */
  elder: LogReader | undefined;
  readonly #log: EventLog;
  readonly #poolId: PoolId;
  readonly #onClose: (() => void) | undefined;
  #seenLive = 0;
  #ended = false;
  #closed = false;

  constructor(log: EventLog, options: ReadOptions, { poolId, onClose, elder }: ReaderPlace) {
    this.elder = elder;
    this.#log = log;
    this.#options = options;
    this.#poolId = poolId;
    this.#onClose = onClose;
    this.#nextSeq = options.afterSeq === undefined ? 0 : options.afterSeq + 1;
    const terminal = log.terminal;
    this.#ended = terminal !== undefined && this.#nextSeq > terminal.seq;
  }

  get ended(): boolean {
    return this.#ended;
  }

  next(): StreamChunk | undefined {
    if (this.#ended || this.#closed) return undefined;
    const chunk = this.#started() ?? this.#live() ?? this.#tokens() ?? this.#terminal();
    if (chunk === undefined) this.#waits = true;
    return chunk;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waits = false;
    this.#log.forget(this);
    this.#onClose?.();
  }

  /** The log has something new. */
  wake(): void {
    if (!this.#waits) return;
    this.#waits = false;
    this.#options.onReady();
  }

  /** The log has these new pieces. */
  offer(firstIndex: number, texts: readonly string[]): void {
    if (!this.#waits) return;
    const options = this.#options;
    // ORCH-3425: what it is handed now need not be read back from the log.
    const isHanded = this.#nextSeq === firstIndex + 1 && texts.length <= MAX_PIECES_PER_CHUNK;
    if (options.onTokens === undefined || !isHanded) {
      this.wake();
      return;
    }
    this.#nextSeq += texts.length;
    this.#waits = options.onTokens(firstIndex, texts) && !this.#closed;
  }

  #started(): StreamChunk | undefined {
    if (this.#nextSeq > 0) return undefined;
    this.#nextSeq = 1;
    return this.#log.started;
  }

  #live(): StreamChunk | undefined {
    if (this.#seenLive === this.#log.liveVersion) return undefined;
    this.#seenLive = this.#log.liveVersion;
    const live = this.#log.live;
    return live === undefined ? undefined : { kind: 'metrics', seq: this.#nextSeq - 1, ...live };
  }

  #tokens(): StreamChunk | undefined {
    const log = this.#log;
    const index = this.#nextSeq - 1;
    if (log.isCut || index >= log.tokenCount) return undefined;
    if (index < log.firstTokenIndex) {
      // ORCH-3417: a reader that fell behind the ring is told so; its place does not move, nothing is skipped silently.
      this.#ended = true;
      return { kind: 'error', seq: index, error: log.gapError(index), poolId: this.#poolId };
    }
    const texts = log.pieces(index, MAX_PIECES_PER_CHUNK);
    this.#nextSeq += texts.length;
    return { kind: 'tokens', firstIndex: index, texts };
  }

  #terminal(): StreamChunk | undefined {
    const terminal = this.#log.terminal;
    if (terminal === undefined) return undefined;
    this.#ended = true;
    if (terminal.seq < this.#nextSeq) return this.#endBefore(terminal.seq);
    this.#nextSeq = terminal.seq + 1;
    return terminal;
  }

  /** The stream was appended again and has no frame such as this reader claims to have seen; its place does not move. */
  #endBefore(lastSeq: number): ErrorChunk {
    const message = `The stream ended with frame ${lastSeq}.`;
    const error = new OrchError('TASK_CONFLICT', { message, phase: 'request', details: { last_seq: lastSeq } });
    return { kind: 'error', seq: this.#nextSeq - 1, error, poolId: this.#poolId };
  }
}
