// SPDX-License-Identifier: MIT
import { connect, type Socket } from 'node:net';

/** One HTTP/1.1 exchange on a connection of its own, byte for byte as it went over the wire. */
export class RawExchange {
  readonly sent: string;
  received = '';
  /** Resolves when the connection is over, in good order or not. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #listeners = new Set<() => void>();
  #over = false;
  #failure: Error | undefined;

  private constructor(socket: Socket, sent: string) {
    this.#socket = socket;
    this.sent = sent;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      this.received += text;
      this.#announce();
    });
    socket.on('error', (error) => (this.#failure = error));
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#over = true;
        this.#announce();
        resolve();
      });
    });
    socket.write(sent);
  }

  /** Sends a request; `lines` are further header lines. */
  static send(port: number, request: string, { lines = [], body }: RawParts = {}): RawExchange {
    const payload = body === undefined ? '' : JSON.stringify(body);
    const typed =
      body === undefined ? [] : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(payload)}`];
    const head = [
      `${request} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      ...lines,
      ...typed,
      'Connection: close',
      '',
      payload,
    ];
    return new RawExchange(connect({ host: '127.0.0.1', port }), head.join('\r\n'));
  }

  /** Resolves when what was received fits; rejects when the connection ends before. */
  async until(what: string, fits: (received: string) => boolean): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        const found = fits(this.received);
        if (!found && !this.#over) return;
        this.#listeners.delete(look);
        if (found) resolve();
        else reject(new Error(`the answer ended before ${what}:\n${this.received}`));
      };
      this.#listeners.add(look);
      look();
    });
    return this;
  }

  /** Resolves with the exchange when the answer is whole; rejects when the connection broke. */
  async whole(): Promise<this> {
    await this.cut();
    if (this.#failure !== undefined) throw this.#failure;
    return this;
  }

  /** Resolves with the exchange when its connection is over, as it is when the service is killed. */
  async cut(): Promise<this> {
    await this.closed;
    this.#socket.destroy();
    return this;
  }

  get status(): number {
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.received)?.[1]);
  }

  /** A header of the answer, by its lower-case name. */
  header(name: string): string | undefined {
    const head = this.received.split('\r\n\r\n', 1)[0] ?? '';
    const line = head.split('\r\n').find((text) => text.toLowerCase().startsWith(`${name}: `));
    return line?.slice(name.length + 2);
  }

  /** The body of the answer, without the framing of chunks. */
  get body(): string {
    const text = this.received.slice(this.received.indexOf('\r\n\r\n') + 4);
    return this.header('transfer-encoding') === 'chunked' ? joinChunks(text) : text;
  }

  /** The exchange as a person reads it. */
  get transcript(): string {
    return `${mark('>', this.sent)}\n${mark('<', this.received)}\n`;
  }

  #announce(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

interface RawParts {
  readonly lines?: readonly string[];
  readonly body?: unknown;
}

function joinChunks(text: string): string {
  const bytes = Buffer.from(text);
  const parts: Buffer[] = [];
  for (let from = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', from);
    const size = parseInt(bytes.toString('latin1', from, lineEnd), 16);
    if (lineEnd < 0 || !(size > 0)) return Buffer.concat(parts).toString();
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    from = lineEnd + 2 + size + 2;
  }
}

function mark(sign: string, text: string): string {
  return text
    .split('\n')
    .map((line) => `${sign} ${line.replace(/\r$/, '')}`.trimEnd())
    .join('\n');
}
