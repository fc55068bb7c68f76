// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import { call, type HttpAnswer } from '@llama-orch/harness-bdd';
import { SeededRandom } from '@llama-orch/orchestrator-core/testkit';
import { DurableService } from './durable-service.ts';
import { HOLD, MOCK_POOL } from './mock-tasks.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** Submits in flight at any time, so that a kill meets some before, some in and some after their commit. */
const SUBMITTERS = 8;
const MOST_ANSWERS = 60;

/** What all rounds found. */
export interface KillAtAnswerReport {
  readonly answeredCount: number;
  /** Submits whose answer a kill took. */
  readonly unansweredCount: number;
  /** Of these, those that the next process knew. */
  readonly keptUnansweredCount: number;
  readonly faults: readonly string[];
}

interface Attempt {
  readonly body: { readonly task_id: string; readonly prompt: string; readonly seed: number };
  readonly answer: HttpAnswer | undefined;
}

/** ORCH-1202: rounds that kill the service at the instant of a 202, and look for what was answered. */
export async function killAtAnswer(rounds: number, seed: number): Promise<KillAtAnswerReport> {
  const random = new SeededRandom(seed);
  await using directory = await temporaryDirectory();
  const config = { pools: [MOCK_POOL], queue: { interactive_tasks: 1_000_000 } };
  await using service = await DurableService.start({ directory: directory.path, config });
  const faults: string[] = [];
  const counts = { answered: 0, unanswered: 0, kept: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const attempts = await submitUntilKilled(service, 1 + random.below(MOST_ANSWERS));
    await service.restart();
    for (const { body, answer } of attempts) {
      const known = await call(service.baseUrl, { path: `/v1/tasks/${body.task_id}` });
      const again = await call(service.baseUrl, { method: 'POST', path: '/v1/tasks', body });
      const where = `round ${round}: ${body.task_id}`;
      counts[answer === undefined ? 'unanswered' : 'answered'] += 1;
      if (answer === undefined) counts.kept += known.status === 200 ? 1 : 0;
      else if (known.status !== 200) faults.push(`${where} was answered 202 and is gone`);
      if (again.status !== 202) faults.push(`${where} submitted again is answered ${again.status} ${again.text}`);
      else if (answer !== undefined && again.text !== answer.text) {
        faults.push(`${where} submitted again is answered ${again.text}, not ${answer.text}`);
      }
    }
  }
  return {
    answeredCount: counts.answered,
    unansweredCount: counts.unanswered,
    keptUnansweredCount: counts.kept,
    faults,
  };
}

/** Submits on several connections and kills the service at the instant it answers for the `count`th time. */
async function submitUntilKilled(service: DurableService, count: number): Promise<readonly Attempt[]> {
  const attempts: Attempt[] = [];
  let left = count;
  let crashed: Promise<void> | undefined;
  const submitForever = async (): Promise<void> => {
    while (crashed === undefined) {
      const body = { task_id: randomUUID(), prompt: HOLD, seed: 7 };
      const request = { method: 'POST', path: '/v1/tasks', body };
      const answer = await call(service.baseUrl, request).catch(() => undefined);
      attempts.push({ body, answer: answer?.status === 202 ? answer : undefined });
      left -= 1;
      if (left === 0) crashed = service.crash();
    }
  };
  await Promise.all(Array.from({ length: SUBMITTERS }, submitForever));
  await crashed;
  return attempts;
}
