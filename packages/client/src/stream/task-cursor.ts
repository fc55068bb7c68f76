// SPDX-License-Identifier: MIT
import type { EventSourceMessage } from 'eventsource-parser';
import type { Cursor } from './follow.ts';
import { BrokenFrameError, parseTaskFrame, type TaskFrame } from './task-frame.ts';

/** One reader's place in a task's stream: drops what it has seen, refuses gaps, knows where to resume and when it is over. */
export class TaskCursor implements Cursor<TaskFrame> {
  #lastEventId: string | undefined;
  #lastSeq = -1;
  #done = false;

  get lastEventId(): string | undefined {
    return this.#lastEventId;
  }

  get done(): boolean {
    return this.#done;
  }

  accept(message: EventSourceMessage): TaskFrame | undefined {
    const frame = parseTaskFrame(message);
    if (frame === undefined || frame.event === 'metrics') return frame;
    // ORCH-2512: what was yielded before a cut may arrive again after it.
    if (frame.seq <= this.#lastSeq) return undefined;
    if (frame.seq > this.#lastSeq + 1 && !maySkip(frame)) {
      throw new BrokenFrameError(`Frame ${frame.seq} came where ${this.#lastSeq + 1} was due`);
    }
    this.#lastSeq = frame.seq;
    this.#lastEventId = frame.id;
    this.#done = frame.event === 'end' || frame.event === 'error';
    return frame;
  }
}

/**
 * A canceled task sends no token after the cancel. An error says by itself that the text is not whole, and after a
 * restart nobody knows how many tokens each reader had: its number lies beyond all of them.
 */
function maySkip(frame: TaskFrame): boolean {
  return frame.event === 'error' || (frame.event === 'end' && frame.data.finish_reason === 'canceled');
}
