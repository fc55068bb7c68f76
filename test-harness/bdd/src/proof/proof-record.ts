// SPDX-License-Identifier: MIT
import { RawExchange } from './raw-exchange.ts';

/** A promise, and whether the transcript kept it. */
export interface Finding {
  readonly id: string;
  readonly promise: string;
  readonly kept: boolean;
}

/** Asks the service as raw HTTP, and keeps what was said and what it proves. */
export class ProofRecord {
  readonly findings: Finding[] = [];
  /** Raw HTTP by file name. */
  readonly transcripts = new Map<string, string>();
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends a request without a body; `lines` are further header lines. */
  ask(request: string, lines: readonly string[] = []): RawExchange {
    return RawExchange.send(this.#port, request, { lines });
  }

  /** Posts a body and resolves with the whole answer. */
  post(path: string, body: unknown): Promise<RawExchange> {
    return RawExchange.send(this.#port, `POST ${path}`, { body }).whole();
  }

  /** Submits a task; what became of it is for the caller to judge. */
  submit(body: unknown): Promise<RawExchange> {
    return this.post('/v1/tasks', body);
  }

  /** The body of a resource now. */
  async read(path: string): Promise<string> {
    return (await this.ask(`GET ${path}`).whole()).body;
  }

  /** Writes one transcript; a text between exchanges says what happened there besides HTTP. */
  keep(name: string, ...parts: readonly (RawExchange | string)[]): void {
    const texts = parts.map((part) => (typeof part === 'string' ? `# ${part}\n` : part.transcript));
    this.transcripts.set(name, texts.join('\n'));
  }

  find(id: string, promise: string, kept: boolean): void {
    this.findings.push({ id, promise, kept });
  }
}

/**
 * Where an accepted task is.
 *
 * @throws Error when the submit was refused.
 */
export function locationOf(submit: RawExchange): string {
  const location = submit.header('location');
  if (location === undefined) throw new Error(`the submit was not accepted:\n${submit.received}`);
  return location;
}
