// SPDX-License-Identifier: MIT
import { Agent, request } from 'node:http';

/** Connections are kept and reused, as any serious client does. */
export class LoadClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 4096, scheduling: 'lifo' });
  readonly #base: URL;

  /** @throws Error for any address but loopback: a bench never loads somebody else's machine. */
  constructor(baseUrl: string) {
    this.#base = new URL(baseUrl);
    // ORCH-8302: loopback only.
    if (this.#base.hostname !== '127.0.0.1')
      throw new Error(`the bench stays on 127.0.0.1, not ${this.#base.hostname}`);
  }

  /** Sends one request; `onText` gets the body piece by piece. Resolves with the status when the body has ended. */
  exchange(path: string, body: string | undefined, onText: (text: string) => void): Promise<number> {
    return new Promise((resolve, reject) => {
      const outgoing = request({
        host: this.#base.hostname,
        port: this.#base.port,
        path,
        method: body === undefined ? 'GET' : 'POST',
        agent: this.#agent,
        headers:
          body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      });
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => {
        incoming.setEncoding('latin1');
        incoming.on('data', onText);
        incoming.on('error', reject);
        incoming.on('end', () => resolve(incoming.statusCode ?? 0));
      });
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
