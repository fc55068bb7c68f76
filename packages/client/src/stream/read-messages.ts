// SPDX-License-Identifier: MIT
import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** Runs while a read waits. */
export interface IdleTimer {
  start(): void;
  stop(): void;
}

/** A timer that calls back once after `idleTimeoutMs` milliseconds without a stop. */
export function createIdleTimer(idleTimeoutMs: number, onIdle: () => void): IdleTimer {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    start() {
      clearTimeout(timer);
      timer = setTimeout(onIdle, idleTimeoutMs);
    },
    stop() {
      clearTimeout(timer);
    },
  };
}

/**
 * The server-sent events of a body, one array per piece that arrived; pieces without a whole event give none.
 *
 * @param idle Runs only while the network is waited for, so that a slow consumer is not taken for a silent service.
 * @throws What the body fails with.
 */
export async function* readMessages(
  body: ReadableStream<Uint8Array>,
  idle: IdleTimer,
): AsyncGenerator<readonly EventSourceMessage[], void, undefined> {
  let messages: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => messages.push(message) });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    idle.start();
    const { done, value } = await reader.read();
    idle.stop();
    if (done) return;
    parser.feed(decoder.decode(value, { stream: true }));
    if (messages.length === 0) continue;
    const batch = messages;
    messages = [];
    yield batch;
  }
}
