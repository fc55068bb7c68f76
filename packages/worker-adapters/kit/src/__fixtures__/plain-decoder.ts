// SPDX-License-Identifier: MIT
import type { ChunkSink } from '../http-exchange.ts';
import { SseDecoder, type SseEvent } from '../sse-decoder.ts';

/** Passes every event on as it is. */
export class PlainDecoder extends SseDecoder implements ChunkSink {
  readonly #onEvent: (event: SseEvent) => void;

  constructor(onEvent: (event: SseEvent) => void) {
    super();
    this.#onEvent = onEvent;
  }

  push(packet: Buffer, start = 0, end = packet.length): void {
    this.decode(packet, start, end);
  }

  protected onEvent(event: SseEvent): void {
    this.#onEvent(event);
  }
}
