// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { PoolId } from '../task/ids.ts';
import type { EventLog } from './event-log.ts';
import type { ErrorChunk, ReadOptions, StreamChunk, TaskReader } from './task-reader.ts';

/** Pieces in one chunk at most, so that one late reader cannot hold the thread for a whole transcript. */
export const MAX_PIECES_PER_CHUNK = 256;

/** One reader's place in an {@link EventLog}: a sequence number, and nothing buffered. */
export class LogReader implements TaskReader {
  readonly #log: EventLog;
  readonly #onReady: () => void;
  readonly #onClose: (() => void) | undefined;
  readonly #poolId: PoolId;
  #nextSeq: number;
  #seenLive = 0;
  #waits = false;
  #ended = false;
  #closed = false;

  constructor(log: EventLog, options: ReadOptions & { readonly poolId: PoolId }) {
    this.#log = log;
    this.#onReady = options.onReady;
    this.#onClose = options.onClose;
    this.#poolId = options.poolId;
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
    if (chunk === undefined && !this.#waits) {
      this.#waits = true;
      this.#log.wakeLater(this);
    }
    return chunk;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#log.forget(this);
    this.#onClose?.();
  }

  /** The log has something new. */
  wake(): void {
    this.#waits = false;
    if (!this.#closed) this.#onReady();
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
    return live === undefined ? undefined : { kind: 'metrics', seq: this.#nextSeq - 1, ...live.figures };
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
