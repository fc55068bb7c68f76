// SPDX-License-Identifier: MIT
import { HttpConnection } from './http-connection.ts';

/** Free connections kept for the next request. */
const MAX_FREE_CONNECTIONS = 256;

/** The connections to one engine. The one that was used last is used next, so that surplus ones age. */
export class ConnectionPool {
  readonly #base: URL;
  readonly #open = new Set<HttpConnection>();
  readonly #free: HttpConnection[] = [];
  #isClosed = false;

  constructor(base: URL) {
    this.#base = base;
  }

  /** Whether there will be no more connections. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** A free connection, or else a new one. */
  take(): HttpConnection {
    for (let kept = this.#free.pop(); kept !== undefined; kept = this.#free.pop()) {
      if (kept.isOpen) return kept;
    }
    return this.connect();
  }

  /** A new connection; it may not stand yet. */
  connect(): HttpConnection {
    const connection = new HttpConnection(this.#base, (closed) => this.#forget(closed));
    this.#open.add(connection);
    return connection;
  }

  /** Takes a connection back whose conversation is over. */
  give(connection: HttpConnection): void {
    if (!connection.isOpen) return;
    if (this.#free.length < MAX_FREE_CONNECTIONS) this.#free.push(connection);
    else connection.destroy();
  }

  /** Closes all connections, also those in use; there will be no others. */
  close(): void {
    this.#isClosed = true;
    for (const connection of this.#open) connection.destroy();
  }

  #forget(connection: HttpConnection): void {
    this.#open.delete(connection);
    const at = this.#free.lastIndexOf(connection);
    if (at >= 0) this.#free.splice(at, 1);
  }
}
