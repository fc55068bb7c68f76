// SPDX-License-Identifier: MIT
import type { ReadOptions, TaskReader } from '@llama-orch/orchestrator-core';
import type { ServerResponse } from 'node:http';
import { encodeChunk, encodePlainTokens, encodeTokens, eventTag, frameStart } from './encode-frame.ts';
import { SseWriter, type SseOptions } from './sse-writer.ts';

/** How much is joined into one write before the connection is asked again, in characters. */
const MAX_WRITE_LENGTH = 65_536;

/** Where a client that comes back goes on. */
export interface ResumePoint {
  /** First 8 hex digits of the job id. */
  readonly tag: string;
  /** Sequence number of the last frame it has. */
  readonly seq: number;
}

/** How a task's stream is kept. */
export interface TaskStreamOptions extends SseOptions {
  /** The connection is over; called once. */
  readonly onClose: () => void;
}

/** Carries the frames of one task to a connection: one object, which a reader tells what there is. */
export class TaskStream extends SseWriter implements ReadOptions {
  // What a token touches stands first here, too.
  /** What its frames begin with; known at the latest with the first chunk. */
  #start: string;
  readonly afterSeq: number | undefined;
  #reader: TaskReader | undefined;
  #leave: (() => void) | undefined;

  constructor(response: ServerResponse, resume?: ResumePoint) {
    super(response);
    this.#start = resume === undefined ? '' : frameStart(resume.tag);
    this.afterSeq = resume?.seq;
  }

  /** Connects: writes what there is and follows until the terminal frame or the end of the connection. */
  open(reader: TaskReader, options: TaskStreamOptions): void {
    this.#reader = reader;
    this.#leave = options.onClose;
    this.begin(options);
    this.#pump();
  }

  onReady(): void {
    this.#pump();
  }

  onTokens(firstIndex: number, texts: readonly string[]): boolean {
    const plain = encodePlainTokens(this.#start, firstIndex, texts);
    if (plain !== undefined) return this.write(plain, plain.length);
    return this.write(encodeTokens(this.#start, firstIndex, texts));
  }

  protected override onDrain(): void {
    this.#pump();
  }

  protected override onClose(): void {
    this.#reader?.close();
    this.#reader = undefined;
    this.#leave?.();
  }

  #pump(): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    // ORCH-2132: what is not pulled is not buffered
    while (!this.isFull) {
      const frames = this.#pullFrames(reader);
      if (reader.ended) {
        this.end(frames);
        return;
      }
      if (frames === '') return;
      this.write(frames);
    }
  }

  /** ORCH-2131: everything that is there, up to a bound, as one piece. */
  #pullFrames(reader: TaskReader): string {
    let frames = '';
    while (frames.length < MAX_WRITE_LENGTH) {
      const chunk = reader.next();
      if (chunk === undefined) break;
      if (chunk.kind === 'started') this.#start = frameStart(eventTag(chunk.jobId));
      frames += encodeChunk(chunk, this.#start);
    }
    return frames;
  }
}
