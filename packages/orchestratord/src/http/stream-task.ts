// SPDX-License-Identifier: MIT
import type { TaskReader } from '@llama-orch/orchestrator-core';
import type { ServerResponse } from 'node:http';
import { encodeChunk, eventTag } from './encode-frame.ts';
import { openSse, type SseOptions } from './sse-writer.ts';

/** How much is joined into one write before the connection is asked again, in characters. */
const MAX_WRITE_LENGTH = 65_536;

/** A reader of a task, and the pump that carries its frames to a connection. */
export interface TaskStream {
  /** Tells the pump that the reader has something. */
  readonly wake: () => void;
  /** Connects: writes what there is and follows until the terminal frame or the end of the connection. */
  open(reader: TaskReader, response: ServerResponse, options: TaskStreamOptions): void;
}

/** How a task's stream is kept. */
export interface TaskStreamOptions extends SseOptions {
  /** First 8 hex digits of the job id; absent where the first chunk will tell it. */
  readonly tag?: string;
  /** The connection is over; called once. */
  readonly onClose: () => void;
}

/** A stream that is not yet connected, so that its `wake` can be given to the reader that is made for it. */
export function createTaskStream(): TaskStream {
  let pump: (() => void) | undefined;
  return {
    wake: () => pump?.(),
    open(reader, response, options) {
      let isBlocked = false;
      const sse = openSse(response, options, {
        onDrain() {
          isBlocked = false;
          pump?.();
        },
        onClose() {
          pump = undefined;
          reader.close();
          options.onClose();
        },
      });
      let { tag = '' } = options;
      // ORCH-2131: everything that is there, up to a bound, as one piece
      const pullFrames = (): string => {
        let frames = '';
        while (frames.length < MAX_WRITE_LENGTH) {
          const chunk = reader.next();
          if (chunk === undefined) break;
          if (chunk.kind === 'started') tag = eventTag(chunk.jobId);
          frames += encodeChunk(chunk, tag);
        }
        return frames;
      };
      const isOver = (): boolean => reader.ended;
      pump = () => {
        // ORCH-2132: what is not pulled is not buffered
        while (!isBlocked && !isOver()) {
          const frames = pullFrames();
          if (isOver()) sse.end(frames);
          else if (frames === '') return;
          else isBlocked = !sse.write(frames);
        }
      };
      if (isOver()) sse.end();
      else pump();
    },
  };
}
