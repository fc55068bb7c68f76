// SPDX-License-Identifier: MIT
import { at } from '../json-path.ts';
import type { Frame } from '../wire/sse-reader.ts';
import { locationOf, type ProofRecord } from './proof-record.ts';
import type { RawExchange } from './raw-exchange.ts';
import { framesOf, isWhole, NEVER_ENDING, storedOf, tokenBytesOf } from './stream-frames.ts';

/** Long enough to be running still when the kill comes, on a busy machine, too. */
const LONG = {
  prompt: 'haiku about thunder:\n',
  seed: 7,
  max_tokens: 470,
  determinism: 'strict',
  response_format: NEVER_ENDING,
};
const WAITING = { prompt: 'haiku about moss:\n', max_tokens: 24, priority: 'batch' };
/** Token frames that a reader has when the process is killed. */
const TOKENS_BEFORE = 8;

/** What was under way when the process died. */
interface Interrupted {
  readonly submits: readonly RawExchange[];
  readonly pause: RawExchange;
  readonly stream: RawExchange;
}

/**
 * Kills the service in the middle of a strict task with two others behind it, and reads on where the stream broke off.
 * The pool is paused before, so that every place can be asked for after the restart, and goes on at the end.
 *
 * @param pool The id of the pool.
 * @param crash Kills the process and resolves when another is ready on its port and directory.
 */
export async function proveCrash(record: ProofRecord, pool: string, crash: () => Promise<void>): Promise<void> {
  const model = await record.submit(LONG);
  const undisturbed = await record.ask(`GET ${locationOf(model)}/stream`).whole();
  const { submits, pause, stream } = await interrupt(record, pool, crash);
  const newcomer = await record.submit(WAITING);
  const tasks = [...submits, newcomer];
  const places = await Promise.all(tasks.map((task) => record.ask(`GET ${locationOf(task)}`).whole()));
  const resume = await record.ask(`POST /v1/pools/${pool}/resume`).whole();
  const seen = framesOf(stream.body);
  const [path = ''] = tasks.map(locationOf);
  const rest = await record.ask(`GET ${path}/stream`, [`Last-Event-ID: ${seen.at(-1)?.id ?? ''}`]).whole();
  const ended = await record.ask(`GET ${path}`).whole();
  await record.ask(`GET ${locationOf(newcomer)}/stream`).whole();
  record.keep(
    '05-crash.http',
    'The request, run undisturbed.',
    ...[model, undisturbed],
    'The same request again, two tasks behind it, and a pause, which lets it run on.',
    ...[...submits, pause, stream],
    'SIGKILL. Another process starts on the same directory.',
    ...[newcomer, ...places],
    'The pool goes on, and the reader comes back with the last event id it saw.',
    ...[resume, rest, ended],
  );
  findStream(record, { seen, rest: framesOf(rest.body), undisturbed: framesOf(undisturbed.body) });
  findPlaces(record, { tasks, places, ended });
}

async function interrupt(record: ProofRecord, pool: string, crash: () => Promise<void>): Promise<Interrupted> {
  const submits = [await record.submit(LONG), await record.submit(WAITING), await record.submit(WAITING)];
  const [path = ''] = submits.map(locationOf);
  const stream = record.ask(`GET ${path}/stream`);
  await stream.until('a token', (text) => text.includes('event: token'));
  const pause = await record.ask(`POST /v1/pools/${pool}/pause`).whole();
  await stream.until('some tokens', (text) => text.split('event: token').length > TOKENS_BEFORE);
  await crash();
  return { submits, pause, stream: await stream.cut() };
}

interface Streams {
  readonly seen: readonly Frame[];
  readonly rest: readonly Frame[];
  readonly undisturbed: readonly Frame[];
}

function findStream(record: ProofRecord, { seen, rest, undisturbed }: Streams): void {
  const joined = [...storedOf(seen), ...storedOf(rest)];
  const wasCut = seen.some(({ event }) => event === 'token') && seen.every(({ event }) => event !== 'end');
  record.find(
    'ORCH-1240',
    'a SIGKILL cut the stream, and the rest joined it: no gap, one end',
    wasCut && isWhole(joined),
  );
  const text = tokenBytesOf(joined);
  const isSame = isWhole(undisturbed) && text === tokenBytesOf(undisturbed);
  record.find('ORCH-1233', 'the tokens are those of the undisturbed run, byte for byte', isSame);
}

interface Places {
  readonly tasks: readonly RawExchange[];
  readonly places: readonly RawExchange[];
  readonly ended: RawExchange;
}

function findPlaces(record: ProofRecord, { tasks, places, ended }: Places): void {
  const accepted = tasks.map(({ body }): unknown => at(JSON.parse(body), 'job_id'));
  const records = places.map(({ body }): unknown => JSON.parse(body));
  const isKept = records.every((task, k) => at(task, 'job_id') === accepted[k] && at(task, 'queue_position') === k);
  record.find('ORCH-1220', 'waiting tasks kept their jobs and places, ahead of one that came later', isKept);
  const isPaused = records.every((task) => at(task, 'waiting_for.reason') === 'pool_paused');
  record.find('ORCH-1283', 'the pause outlived the crash', isPaused);
  const task: unknown = JSON.parse(ended.body);
  const isReplay = at(task, 'job_id') === accepted[0] && at(task, 'attempt') === 2;
  record.find('ORCH-1221', 'the interrupted task ran again as the same job, attempt 2', isReplay);
  const isTold = at(task, 'receipt.attempt') === 2 && at(task, 'receipt.earlier_attempts.length') === 1;
  record.find('ORCH-1237', 'its receipt names both attempts', isTold);
}
