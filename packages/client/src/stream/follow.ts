// SPDX-License-Identifier: MIT
import type { EventSourceMessage } from 'eventsource-parser';
import { OrchApiError } from '../http/orch-api-error.ts';
import { OrchConnectionError } from '../http/orch-connection-error.ts';
import { backOffMs, delay, type ReconnectOptions } from './back-off.ts';
import { createIdleTimer, readMessages } from './read-messages.ts';

/** A reader's place in a stream of server-sent events. */
export interface Cursor<Item> {
  /** Where to resume; undefined = from the start. */
  readonly lastEventId: string | undefined;
  /** True once nothing more can come. */
  readonly done: boolean;
  /**
   * The item of an event; undefined when it is of no interest.
   *
   * @throws An Error when the event breaks the contract, which counts as a cut.
   */
  accept(message: EventSourceMessage): Item | undefined;
  /** Called when a connection stands; what the consumer is told about it, if anything. */
  opened?(): Item | undefined;
}

/** Opens the connection, at `lastEventId` where there is one. */
export type OpenBody = (lastEventId: string | undefined, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;

/** How a stream is followed. */
export interface FollowOptions {
  readonly baseUrl: string;
  readonly reconnect: ReconnectOptions;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Follows a stream over as many connections as it takes and yields its items, one array per piece that arrived.
 *
 * @throws OrchApiError when a (re)open is refused for good; the last failure when attempts run out; the signal's reason.
 */
export async function* follow<Item>(
  cursor: Cursor<Item>,
  open: OpenBody,
  options: FollowOptions,
): AsyncGenerator<readonly Item[], void, undefined> {
  const { reconnect, signal } = options;
  for (let failureCount = 0; ;) {
    const openedAtMs = performance.now();
    let failure: unknown;
    try {
      for await (const items of readConnection(cursor, open, options)) {
        failureCount = 0;
        yield items;
      }
      if (cursor.done) return;
      failure = new OrchConnectionError(options.baseUrl, 'The stream was cut');
    } catch (error) {
      signal?.throwIfAborted();
      if (!isTransient(error)) throw error;
      failure = error;
    }
    // A task may wait for hours behind a proxy that cuts every minute: only connections that fail soon are counted.
    if (performance.now() - openedAtMs > reconnect.maxDelayMs) failureCount = 0;
    failureCount += 1;
    if (failureCount > reconnect.maxAttempts) throw failure;
    await waitToRetry(failure, failureCount, options);
  }
}

/** Waits as the back-off says after the `failureCount`-th failure in a row. */
export async function waitToRetry(
  failure: unknown,
  failureCount: number,
  { reconnect, signal }: FollowOptions,
): Promise<void> {
  const retryAfterMs = OrchApiError.is(failure) ? failure.retryAfterMs : undefined;
  await delay(backOffMs({ failureCount, random: Math.random(), retryAfterMs }, reconnect), signal);
}

function isTransient(error: unknown): boolean {
  // ORCH-2516: a refusal for good does not get better by asking again.
  return OrchConnectionError.is(error) || (OrchApiError.is(error) && error.retriable);
}

/** The items of one connection; ends when it ends, and never leaves it open. */
async function* readConnection<Item>(
  cursor: Cursor<Item>,
  open: OpenBody,
  { baseUrl, reconnect, signal }: FollowOptions,
): AsyncGenerator<readonly Item[], void, undefined> {
  const connection = new AbortController();
  const idle = createIdleTimer(reconnect.idleTimeoutMs, () =>
    connection.abort(new Error('Nothing arrived for too long')),
  );
  const cut = (cause: unknown): unknown =>
    OrchApiError.is(cause) || OrchConnectionError.is(cause)
      ? cause
      : new OrchConnectionError(baseUrl, 'The stream was cut', cause);
  try {
    idle.start();
    const signals = signal === undefined ? [connection.signal] : [signal, connection.signal];
    const body = await open(cursor.lastEventId, AbortSignal.any(signals));
    const notice = cursor.opened?.();
    if (notice !== undefined) yield [notice];
    for await (const messages of readMessages(body, idle)) {
      const { items, fault } = acceptAll(cursor, messages);
      if (items.length > 0) yield items;
      if (cursor.done) return;
      // ORCH-2513: what follows a broken frame cannot be trusted; what came before it can.
      if (fault !== undefined) throw fault;
    }
  } catch (error) {
    throw cut(error);
  } finally {
    idle.stop();
    connection.abort();
  }
}

function acceptAll<Item>(
  cursor: Cursor<Item>,
  messages: readonly EventSourceMessage[],
): { readonly items: readonly Item[]; readonly fault?: Error } {
  const items: Item[] = [];
  for (const message of messages) {
    if (cursor.done) break;
    try {
      const item = cursor.accept(message);
      if (item !== undefined) items.push(item);
    } catch (error) {
      return { items, fault: error as Error };
    }
  }
  return { items };
}
