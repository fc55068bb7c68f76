// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { at } from '../json-path.ts';
import { parseFrame, type Frame } from '../wire/sse-reader.ts';
import { RawExchange } from './raw-exchange.ts';

/** A promise, and whether the transcript kept it. */
export interface Finding {
  readonly id: string;
  readonly promise: string;
  readonly kept: boolean;
}

/** The frames of a stream, comments left out. */
export function framesOf(body: string): readonly Frame[] {
  const blocks = body.split('\n\n').filter((block) => block !== '' && !block.startsWith(':'));
  return blocks.map((block) => parseFrame(`${block}\n\n`));
}

const NEVER_ENDING = { type: 'grammar', grammar: 'root ::= [a-z ] root' };

/** What a stranger would try first, one transcript for each. */
export class ProofSession {
  readonly findings: Finding[] = [];
  /** Raw HTTP by file name. */
  readonly transcripts = new Map<string, string>();
  receipt: unknown;
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /** Submit, follow to the end, read the record. */
  async mainJob(word: string): Promise<string> {
    const submit = await this.#submit({ prompt: `haiku about ${word}:\n`, seed: 42 });
    const path = locationOf(submit);
    const stream = await this.#ask(`GET ${path}/stream`).whole();
    const record = await this.#ask(`GET ${path}`).whole();
    this.#keep('01-main-job.http', submit, stream, record);
    const frames = framesOf(stream.body);
    const tokens = frames.filter(({ event }) => event === 'token');
    const text = tokens.map(({ data }) => data['t']).join('');
    const json: unknown = JSON.parse(record.body);
    this.receipt = at(json, 'receipt');
    this.#find('ORCH-1000', 'the submit was answered 202 with its place', submit.status === 202);
    this.#find('ORCH-1020', 'the stream was started, tokens counted from 0, one end', isWhole(frames));
    this.#find('ORCH-1026', 'stream and record hold the same text', at(json, 'output.text') === text && text !== '');
    const digest = createHash('sha256').update(text).digest('hex');
    this.#find('ORCH-1041', 'the receipt holds the digest of the text', at(this.receipt, 'output_sha256') === digest);
    this.#find('ORCH-4400', 'the model used the word it was asked for', text.includes(word));
    return path;
  }

  /** The same stream again, from its middle. */
  async resume(path: string): Promise<void> {
    const whole = await this.#ask(`GET ${path}/stream`).whole();
    const frames = framesOf(whole.body).filter(({ event }) => event !== 'metrics');
    const middle = frames[frames.length >> 1];
    const rest = await this.#ask(`GET ${path}/stream`, [`Last-Event-ID: ${middle?.id ?? ''}`]).whole();
    this.#keep('02-resume.http', whole, rest);
    const expected = frames.slice((frames.length >> 1) + 1).map(({ raw }) => raw);
    this.#find('ORCH-1022', 'a resume gave the rest byte for byte', rest.body === expected.join(''));
  }

  /** A cancel in the middle of a generation. */
  async cancel(): Promise<void> {
    const submit = await this.#submit({ prompt: 'haiku about rain:\n', response_format: NEVER_ENDING });
    const path = locationOf(submit);
    const stream = await this.#ask(`GET ${path}/stream`).until('a token', (text) => text.includes('event: token'));
    const cancel = await this.#ask(`POST ${path}/cancel`).whole();
    const pools = await this.#ask('GET /v1/pools').whole();
    await stream.whole();
    const late = await this.#ask(`GET ${path}/stream`).whole();
    this.#keep('03-cancel.http', submit, stream, cancel, pools, late);
    const events = framesOf(late.body).map(({ event }) => event);
    this.#find('ORCH-1030', 'the cancel was answered 204', cancel.status === 204);
    this.#find('ORCH-1032', 'the slot was free then', at(JSON.parse(pools.body), 'pools.0.slots_busy') === 0);
    this.#find('ORCH-1031', 'a reader that came later got no token', !events.includes('token'));
    const reason = framesOf(stream.body).at(-1)?.data['finish_reason'];
    this.#find('ORCH-1031', 'the stream ended canceled', reason === 'canceled');
  }

  /** A queue of one place, taken. */
  async fullQueue(): Promise<void> {
    const work = { prompt: 'haiku about snow:\n', response_format: NEVER_ENDING };
    const running = await this.#submit(work);
    const stream = this.#ask(`GET ${locationOf(running)}/stream`);
    await stream.until('a token', (text) => text.includes('event: token'));
    const waiting = await this.#submit(work);
    const refused = await this.#submit(work);
    const cancels = [waiting, running].map((task) => this.#ask(`POST ${locationOf(task)}/cancel`).whole());
    await Promise.all([...cancels, stream.whole()]);
    this.#keep('04-full-queue.http', running, waiting, refused);
    const problem: unknown = JSON.parse(refused.body);
    const waitMs = Number(refused.header('x-backoff-ms'));
    this.#find(
      'ORCH-1006',
      'a full queue was a 429 with its policy',
      refused.status === 429 && at(problem, 'policy_label') === 'reject',
    );
    this.#find(
      'ORCH-1006',
      'it said when to come back',
      Number(refused.header('retry-after')) === Math.max(1, Math.ceil(waitMs / 1000)),
    );
  }

  /** What the service says of itself afterwards. */
  async read(path: string): Promise<string> {
    return (await this.#ask(`GET ${path}`).whole()).body;
  }

  #ask(request: string, lines: readonly string[] = []): RawExchange {
    return RawExchange.send(this.#port, request, { lines });
  }

  #submit(body: unknown): Promise<RawExchange> {
    return RawExchange.send(this.#port, 'POST /v1/tasks', { body }).whole();
  }

  #keep(name: string, ...exchanges: readonly RawExchange[]): void {
    this.transcripts.set(name, exchanges.map(({ transcript }) => transcript).join('\n'));
  }

  #find(id: string, promise: string, kept: boolean): void {
    this.findings.push({ id, promise, kept });
  }
}

function locationOf(submit: RawExchange): string {
  const location = submit.header('location');
  if (location === undefined) throw new Error(`the submit was not accepted:\n${submit.received}`);
  return location;
}

function isWhole(frames: readonly Frame[]): boolean {
  const stored = frames.filter(({ event }) => event !== 'metrics');
  const tokens = stored.slice(1, -1);
  const inOrder = tokens.every(({ event, data }, index) => event === 'token' && data['i'] === index);
  return stored[0]?.event === 'started' && inOrder && stored.at(-1)?.event === 'end' && frames.at(-1)?.event === 'end';
}
