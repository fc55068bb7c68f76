// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import { at } from '../json-path.ts';
import { sumOf } from '../wire/metrics-scrape.ts';
import { locationOf, type ProofRecord } from './proof-record.ts';
import { framesOf, isWhole, NEVER_ENDING } from './stream-frames.ts';

/** A question behind a running task that changes nothing; jobs must have ended before, so that a start can be told. */
export async function proveDryRun(record: ProofRecord, pool: string): Promise<void> {
  const running = await record.submit({ prompt: 'haiku about fog:\n', response_format: NEVER_ENDING });
  const stream = record.ask(`GET ${locationOf(running)}/stream`);
  await stream.until('a token', (text) => text.includes('event: token'));
  const enqueued = async (): Promise<number> => sumOf(await record.read('/metrics'), 'tasks_enqueued_total');
  const countBefore = await enqueued();
  const id = randomUUID();
  const plan = await record.post('/v1/tasks?dry_run=true', { task_id: id, prompt: 'haiku about dew:\n' });
  const absent = await record.ask(`GET /v1/tasks/${id}`).whole();
  const isUncounted = (await enqueued()) === countBefore;
  const cancel = await record.ask(`POST ${locationOf(running)}/cancel`).whole();
  await stream.whole();
  record.keep('06-dry-run.http', running, plan, absent, cancel);
  const told: unknown = JSON.parse(plan.body);
  const isPlaced = at(told, 'admitted') === true && at(told, 'pool_id') === pool && at(told, 'queue_position') === 0;
  record.find('ORCH-1280', 'a dry run told the pool and the place', plan.status === 200 && isPlaced);
  record.find('ORCH-1280', 'it told when', Number.isInteger(at(told, 'predicted_start_ms')));
  record.find('ORCH-1280', 'nothing was stored or counted', absent.status === 404 && isUncounted);
}

/** A paused pool, a task that waits in it, moves, and runs when the pool goes on. */
export async function proveControl(record: ProofRecord, pool: string): Promise<void> {
  const pause = await record.ask(`POST /v1/pools/${pool}/pause`).whole();
  const submit = await record.submit({ prompt: 'haiku about wind:\n', seed: 3 });
  const path = locationOf(submit);
  const waiting = await record.ask(`GET ${path}`).whole();
  const move = await record.post(`${path}/priority`, { priority: 'batch' });
  const moved = await record.ask(`GET ${path}`).whole();
  const resume = await record.ask(`POST /v1/pools/${pool}/resume`).whole();
  const stream = await record.ask(`GET ${path}/stream`).whole();
  record.keep('07-control.http', pause, submit, waiting, move, moved, resume, stream);
  const asked = [waiting, moved].map(({ body }): unknown => JSON.parse(body));
  const isPaused =
    pause.status === 200 && submit.status === 202 && asked.every((task) => at(task, 'state') === 'queued');
  record.find('ORCH-1283', 'a paused pool took a task and did not start it', isPaused);
  const isNamed = asked.every((task) => at(task, 'waiting_for.reason') === 'pool_paused');
  record.find('ORCH-1281', 'the task said that it waits for the paused pool', isNamed);
  const isMoved =
    move.status === 200 && at(asked[0], 'priority') === 'interactive' && at(asked[1], 'priority') === 'batch';
  record.find('ORCH-1282', 'its priority was changed while it waited', isMoved);
  const isRun = resume.status === 200 && isWhole(framesOf(stream.body));
  record.find('ORCH-1283', 'it ran when the pool went on', isRun);
}

/** A session that asks for more than it has; its budget covers one of the two tasks. */
export async function proveBudget(record: ProofRecord): Promise<void> {
  const work = {
    prompt: 'haiku about frost:\n',
    session_id: 'thrifty',
    max_tokens: 100,
    response_format: NEVER_ENDING,
  };
  const payable = await record.submit(work);
  const refused = await record.submit(work);
  const cancel = await record.ask(`POST ${locationOf(payable)}/cancel`).whole();
  record.keep('08-budget.http', payable, refused, cancel);
  const left = [payable, refused].map((answer) => Number(answer.header('x-budget-tokens-remaining') ?? NaN));
  const problem: unknown = JSON.parse(refused.body);
  const isRefused = refused.status === 429 && at(problem, 'code') === 'BUDGET_EXHAUSTED';
  record.find('ORCH-1311', 'what a session could not pay was refused', isRefused);
  const isTold = left.every((count) => count < work.max_tokens) && at(problem, 'details.limit') === left[1];
  record.find('ORCH-1312', 'both answers said what was left', isTold);
}
