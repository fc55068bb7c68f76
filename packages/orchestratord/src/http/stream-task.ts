// SPDX-License-Identifier: MIT
import type { ReadOptions, TaskReader } from '@llama-orch/orchestrator-core';
import type { ServerResponse } from 'node:http';
import { areAscii, encodeChunk, encodeTokens, eventTag, frameStart } from './encode-frame.ts';
import { SseWriter, type SseEvents, type SseOptions } from './sse-writer.ts';

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

/** Carries the frames of one task to a connection. What it listens to is given to the reader that is made for it. */
export class TaskStream implements ReadOptions, SseEvents {
  readonly afterSeq: number | undefined;
  /** What its frames begin with; known at the latest with the first chunk. */
  #start: string;
  #isBlocked = false;
  #sse: SseWriter | undefined;
  #reader: TaskReader | undefined;
  #leave: (() => void) | undefined;

  constructor(resume?: ResumePoint) {
    this.afterSeq = resume?.seq;
    this.#start = resume === undefined ? '' : frameStart(resume.tag);
  }

  /** Connects: writes what there is and follows until the terminal frame or the end of the connection. */
  open(reader: TaskReader, response: ServerResponse, options: TaskStreamOptions): void {
    this.#reader = reader;
    this.#leave = options.onClose;
    this.#sse = new SseWriter(response, options, this);
    if (reader.ended) this.#sse.end();
    else this.#pump();
  }

  onReady(): void {
    this.#pump();
  }

  onTokens(firstIndex: number, texts: readonly string[]): boolean {
    const frames = encodeTokens(this.#start, firstIndex, texts);
    this.#isBlocked = this.#sse?.write(frames, areAscii(texts)) === false;
    return !this.#isBlocked;
  }

  onDrain(): void {
    this.#isBlocked = false;
    this.#pump();
  }

  onClose(): void {
    this.#sse = undefined;
    this.#reader?.close();
    this.#reader = undefined;
    this.#leave?.();
  }

  #pump(): void {
    const sse = this.#sse;
    const reader = this.#reader;
    if (sse === undefined || reader === undefined) return;
    // ORCH-2132: what is not pulled is not buffered
    const isOver = (): boolean => reader.ended;
    while (!this.#isBlocked && !isOver()) {
      const frames = this.#pullFrames(reader);
      if (isOver()) sse.end(frames);
      else if (frames === '') return;
      else this.#isBlocked = !sse.write(frames);
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
