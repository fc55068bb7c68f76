// SPDX-License-Identifier: MIT
import { createClient, type TaskFrame } from '@llama-orch/client';
import { parseFrame, type Frame } from '@llama-orch/harness-bdd';

/** While a service is down a reader knocks this often, for as long as its signal lets it. */
const RECONNECT = { baseDelayMs: 20, maxDelayMs: 100, maxAttempts: 100_000 };

/** How a reader is made. */
export interface TappedReaderOptions {
  readonly baseUrl: string;
  readonly taskId: string;
  /** Ends the reading; what was read stays. */
  readonly signal: AbortSignal;
  /** Called for each token frame that arrives whole. */
  readonly onToken: () => void;
}

/**
 * Follows a task with the typed client, and keeps each whole frame that came over the wire besides what the client
 * made of them: the client hides doubled frames, which is its task and not that of a judge.
 */
export class TappedReader {
  readonly taskId: string;
  /** Stored frames of all connections, in the order of their arrival. */
  readonly stored: Frame[] = [];
  /** What the client gave out, without `metrics`. */
  readonly seen: TaskFrame[] = [];
  connectionCount = 0;
  /** Resolves when the stream is over; rejects when the client gives up. */
  readonly finished: Promise<void>;
  readonly #onToken: () => void;

  constructor({ baseUrl, taskId, signal, onToken }: TappedReaderOptions) {
    this.taskId = taskId;
    this.#onToken = onToken;
    const client = createClient({ baseUrl, reconnect: RECONNECT, fetch: (request) => this.#fetch(request) });
    this.finished = this.#follow(client.stream(taskId, { signal }).batches());
    // Judged where it is awaited; until then a failure must not end the process.
    this.finished.catch(() => undefined);
  }

  /** True between the first token and the end. */
  get streaming(): boolean {
    const { event } = this.stored.at(-1) ?? {};
    return event === 'token';
  }

  async #follow(batches: AsyncIterable<readonly TaskFrame[]>): Promise<void> {
    for await (const batch of batches) {
      for (const frame of batch) if (frame.event !== 'metrics') this.seen.push(frame);
    }
  }

  async #fetch(request: Request): Promise<Response> {
    const response = await fetch(request);
    if (!response.ok || response.body === null) return response;
    this.connectionCount += 1;
    const { status, headers } = response;
    return new Response(response.body.pipeThrough(this.#tap()), { status, headers });
  }

  /** Passes everything on and keeps the whole frames of one connection; half a frame at a cut was never received. */
  #tap(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
    const decoder = new TextDecoder();
    let rest = '';
    return new TransformStream({
      transform: (chunk, controller) => {
        rest += decoder.decode(chunk, { stream: true });
        for (let at = rest.indexOf('\n\n'); at >= 0; at = rest.indexOf('\n\n')) {
          this.#take(rest.slice(0, at + 2));
          rest = rest.slice(at + 2);
        }
        controller.enqueue(chunk);
      },
    });
  }

  #take(raw: string): void {
    if (raw.startsWith(':')) return;
    const frame = parseFrame(raw);
    if (frame.event === 'metrics') return;
    this.stored.push(frame);
    if (frame.event === 'token') this.#onToken();
  }
}
