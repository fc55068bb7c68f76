// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { at } from '../json-path.ts';
import { locationOf, type ProofRecord } from './proof-record.ts';
import { framesOf, isWhole, NEVER_ENDING, storedOf } from './stream-frames.ts';

/** What a stranger would try first, one transcript for each. */
export class ProofSession {
  /** Of the main job, once it has ended. */
  receipt: unknown;
  readonly #record: ProofRecord;

  constructor(record: ProofRecord) {
    this.#record = record;
  }

  /** Submit, follow to the end, read the record. */
  async mainJob(word: string): Promise<string> {
    const submit = await this.#record.submit({ prompt: `haiku about ${word}:\n`, seed: 42 });
    const path = locationOf(submit);
    const stream = await this.#record.ask(`GET ${path}/stream`).whole();
    const record = await this.#record.ask(`GET ${path}`).whole();
    this.#record.keep('01-main-job.http', submit, stream, record);
    const frames = framesOf(stream.body);
    const tokens = frames.filter(({ event }) => event === 'token');
    const text = tokens.map(({ data }) => data['t']).join('');
    const json: unknown = JSON.parse(record.body);
    this.receipt = at(json, 'receipt');
    this.#record.find('ORCH-1000', 'the submit was answered 202 with its place', submit.status === 202);
    this.#record.find('ORCH-1020', 'the stream was started, tokens counted from 0, one end', isWhole(frames));
    this.#record.find(
      'ORCH-1026',
      'stream and record hold the same text',
      at(json, 'output.text') === text && text !== '',
    );
    const digest = createHash('sha256').update(text).digest('hex');
    this.#record.find(
      'ORCH-1041',
      'the receipt holds the digest of the text',
      at(this.receipt, 'output_sha256') === digest,
    );
    this.#record.find('ORCH-4400', 'the model used the word it was asked for', text.includes(word));
    return path;
  }

  /** The same stream again, from its middle. */
  async resume(path: string): Promise<void> {
    const whole = await this.#record.ask(`GET ${path}/stream`).whole();
    const frames = storedOf(framesOf(whole.body));
    const middle = frames[frames.length >> 1];
    const rest = await this.#record.ask(`GET ${path}/stream`, [`Last-Event-ID: ${middle?.id ?? ''}`]).whole();
    this.#record.keep('02-resume.http', whole, rest);
    const expected = frames.slice((frames.length >> 1) + 1).map(({ raw }) => raw);
    this.#record.find('ORCH-1022', 'a resume gave the rest byte for byte', rest.body === expected.join(''));
  }

  /** A cancel in the middle of a generation. */
  async cancel(): Promise<void> {
    const submit = await this.#record.submit({ prompt: 'haiku about rain:\n', response_format: NEVER_ENDING });
    const path = locationOf(submit);
    const stream = await this.#record
      .ask(`GET ${path}/stream`)
      .until('a token', (text) => text.includes('event: token'));
    const cancel = await this.#record.ask(`POST ${path}/cancel`).whole();
    const pools = await this.#record.ask('GET /v1/pools').whole();
    await stream.whole();
    const late = await this.#record.ask(`GET ${path}/stream`).whole();
    this.#record.keep('03-cancel.http', submit, stream, cancel, pools, late);
    const events = framesOf(late.body).map(({ event }) => event);
    this.#record.find('ORCH-1030', 'the cancel was answered 204', cancel.status === 204);
    this.#record.find('ORCH-1032', 'the slot was free then', at(JSON.parse(pools.body), 'pools.0.slots_busy') === 0);
    this.#record.find('ORCH-1031', 'a reader that came later got no token', !events.includes('token'));
    const reason = framesOf(stream.body).at(-1)?.data['finish_reason'];
    this.#record.find('ORCH-1031', 'the stream ended canceled', reason === 'canceled');
  }

  /** A queue of one place, taken. */
  async fullQueue(): Promise<void> {
    const work = { prompt: 'haiku about snow:\n', response_format: NEVER_ENDING };
    const running = await this.#record.submit(work);
    const stream = this.#record.ask(`GET ${locationOf(running)}/stream`);
    await stream.until('a token', (text) => text.includes('event: token'));
    const waiting = await this.#record.submit(work);
    const refused = await this.#record.submit(work);
    const cancels = [waiting, running].map((task) => this.#record.ask(`POST ${locationOf(task)}/cancel`).whole());
    await Promise.all([...cancels, stream.whole()]);
    this.#record.keep('04-full-queue.http', running, waiting, refused);
    const problem: unknown = JSON.parse(refused.body);
    const waitMs = Number(refused.header('x-backoff-ms'));
    this.#record.find(
      'ORCH-1006',
      'a full queue was a 429 with its policy',
      refused.status === 429 && at(problem, 'policy_label') === 'reject',
    );
    this.#record.find(
      'ORCH-1006',
      'it said when to come back',
      Number(refused.header('retry-after')) === Math.max(1, Math.ceil(waitMs / 1000)),
    );
  }
}
