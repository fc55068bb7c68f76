// SPDX-License-Identifier: MIT
import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import { HttpAnswerReader } from './http-answer-reader.ts';
import type { HttpHead } from './http-head.ts';

/** Receives the body of an answer. */
export interface BodySink {
  /** Takes the bytes from `start` to before `end`, which are valid during the call. */
  push(packet: Buffer, start: number, end: number): void;
}

/** One request's side of a connection. What it or its receiver of the body throws is a breach. */
export interface HttpConversation {
  /** The connection stands and the request is on its way. */
  onSent(): void;
  /** Returns who receives the body. */
  onHead(head: HttpHead): BodySink;
  onComplete(): void;
  /** The answer is not what it should be; the connection is being closed. */
  onBreach(fault: unknown): void;
  /** The connection is closed, before the answer was complete. */
  onLost(cause: unknown): void;
}

/**
 * What all reads of this thread go into: each is handed on before the next begins, so that a read allocates nothing.
 */
const READ_BUFFER = Buffer.allocUnsafeSlow(65_536);

/** A TCP or TLS connection to an engine, for one conversation at a time. */
export class HttpConnection extends HttpAnswerReader {
  /** Receives the body of this answer; stands first, as all that a packet of it touches here. */
  #body: BodySink | undefined;
  #conversation: HttpConversation | undefined;
  readonly #socket: Socket;
  /** This side has closed the connection. */
  #isEnded = false;
  #answerCount = 0;
  #error: unknown;

  /** @param onClosed Called once, when the connection is closed, after the conversation has heard of it. */
  constructor(base: URL, onClosed: (connection: HttpConnection) => void) {
    super();
    const isTls = base.protocol === 'https:';
    const host = base.hostname.replace(/^\[|\]$/g, '');
    const port = base.port === '' ? (isTls ? 443 : 80) : Number(base.port);
    const onread = { buffer: READ_BUFFER, callback: this.#onRead.bind(this) };
    const where = { host, port, noDelay: true, onread };
    this.#socket = isTls ? tls.connect({ ...where, ...serverName(host) }) : net.connect(where);
    this.#socket.once(isTls ? 'secureConnect' : 'connect', () => this.#conversation?.onSent());
    this.#socket.on('error', (error) => (this.#error = error));
    this.#socket.on('close', () => {
      this.#onClose();
      onClosed(this);
    });
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && !this.#socket.readableEnded;
  }

  /** True when a kept connection has brought no byte of the answer, unless this side has closed it. */
  get isStale(): boolean {
    return !this.#isEnded && this.#answerCount > 0 && !this.hasBegun;
  }

  /** Sends a request; the answer goes to `conversation`. */
  send(request: Buffer, conversation: HttpConversation): void {
    this.#conversation = conversation;
    this.begin();
    this.#socket.write(request);
    if (this.#answerCount === 0) return;
    this.#socket.ref();
    conversation.onSent();
  }

  /** Closes the connection at once; the conversation hears of it when it is closed. */
  destroy(): void {
    this.#isEnded = true;
    this.#socket.destroy();
  }

  protected onHead(head: HttpHead): void {
    this.#body = this.#conversation?.onHead(head);
  }

  protected onBody(packet: Buffer, start: number, end: number): void {
    this.#body?.push(packet, start, end);
  }

  #onRead(length: number): boolean {
    if (this.isComplete) {
      // Bytes that nobody asked for.
      this.destroy();
      return false;
    }
    try {
      this.read(READ_BUFFER, length);
    } catch (fault) {
      this.#conversation?.onBreach(fault);
      this.destroy();
    }
    if (this.#hasWhole) this.#complete(this.keepsConnection);
    return true;
  }

  get #hasWhole(): boolean {
    return this.isComplete && !this.#isEnded;
  }

  #complete(isKept: boolean): void {
    const conversation = this.#conversation;
    this.#conversation = undefined;
    this.#body = undefined;
    this.#answerCount += 1;
    // A connection that waits for its next request keeps no process alive.
    if (isKept) this.#socket.unref();
    else this.#socket.destroy();
    conversation?.onComplete();
  }

  #onClose(): void {
    const conversation = this.#conversation;
    if (conversation === undefined) return;
    if (this.#error === undefined && !this.#isEnded) this.finish();
    if (this.#hasWhole) this.#complete(false);
    else conversation.onLost(this.#error ?? hangUp());
  }
}

/** TLS takes no address as a server's name. */
function serverName(host: string): { servername?: string } {
  return net.isIP(host) === 0 ? { servername: host } : {};
}

/** Node names an orderly close by the peer that comes too early after this error of the system. */
function hangUp(): Error {
  return Object.assign(new Error('The engine closed the connection.'), { code: 'ECONNRESET' });
}
