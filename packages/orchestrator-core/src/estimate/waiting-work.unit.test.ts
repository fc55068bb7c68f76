// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { buildTask, SeededRandom } from '../testkit/index.ts';
import type { Task } from '../task/task.ts';
import { WaitingWork, type TasksAhead, type WaitingPlace } from './waiting-work.ts';

interface Row {
  readonly task: Task;
  readonly place: WaitingPlace;
}

const CAPS = [1, 7, 8, 9, 64, 1_000];
const CHANCES = [1, 1, 0.99, 0.6, 0.01];
const LAST = { isFirst: false, startChance: 1 };

verifies('ORCH-1270', 'tasks that hardly start have a length all the same', () => {
  const work = new WaitingWork();
  for (let count = 0; count < 2; count++) work.join(buildTask({ maxTokens: 64 }), { isFirst: false, startChance: 0 });
  const { work: ahead, starts } = work.beforeNext('interactive', 2);
  expect(ahead).toEqual([{ work: { workload: 'completion', maxTokens: 64 }, count: 0.02 }]);
  expect(starts.mean).toBe(0.02);
});

verifies('ORCH-1270', 'the work ahead is that of the tasks in front, whoever came, left or came back', () => {
  const random = new SeededRandom(7);
  const work = new WaitingWork();
  let rows: Row[] = [];
  for (let step = 0; step < 3_000; step++) {
    const row = rows[random.below(rows.length + 1)];
    if (row === undefined || random.ratio() < 0.55) {
      const task = drawTask(random);
      const isBack = random.ratio() < 0.02;
      const place = work.join(task, { isFirst: isBack, startChance: random.pick(CHANCES) });
      rows = isBack ? [{ task, place }, ...rows] : [...rows, { task, place }];
    } else {
      work.leave(row.place);
      rows = rows.filter((other) => other !== row);
    }
    const asked = rows[random.below(rows.length)];
    if (asked === undefined || asked.place.work.order < 0) continue;
    const own = rows.filter(({ task }) => task.priority === asked.task.priority);
    const ahead = own.slice(0, own.indexOf(asked));
    expect(totals(work.before(asked.place, ahead.length))).toEqual(totalsOf(ahead));
    const all = rows.filter(({ task }) => task.priority === 'batch');
    expect(totals(work.beforeNext('batch', all.length))).toEqual(totalsOf(all));
  }
});

verifies('ORCH-1270', 'of the other priority the first count, as many as start before', () => {
  const work = new WaitingWork();
  for (const maxTokens of [5, 300, 20]) work.join(buildTask({ priority: 'batch', maxTokens }), LAST);
  const place = work.join(buildTask({ maxTokens: 1 }), LAST);
  expect(totals(work.before(place, 0))).toEqual({ starts: 0, variance: 0, tokens: 0 });
  expect(totals(work.before(place, 2))).toEqual({ starts: 2, variance: 0, tokens: 305 });
  // It is asked for 9 and knows of 4: the others are like them.
  expect(totals(work.beforeNext('interactive', 9))).toEqual({ starts: 9, variance: 0, tokens: 326 });
});

verifies('ORCH-1270', 'a task counts by its chance to start, and its length by how likely it is worked on', () => {
  const work = new WaitingWork();
  work.join(buildTask({ maxTokens: 10 }), LAST);
  const late = work.join(buildTask({ maxTokens: 14 }), { isFirst: false, startChance: 0.25 });
  const { work: kinds, starts } = work.beforeNext('interactive', 2);
  expect(starts).toEqual({ mean: 1.25, variance: 0.1875 });
  expect(kinds).toEqual([{ work: { workload: 'completion', maxTokens: 10.8 }, count: 1.25 }]);
  // The queue counts twice as many, in an order that is not known here.
  expect(work.beforeNext('interactive', 4).starts).toEqual({ mean: 2.5, variance: 0.375 });
  work.leave(late);
  expect(work.beforeNext('interactive', 1).starts).toEqual({ mean: 1, variance: 0 });
});

function drawTask(random: SeededRandom): Task {
  const told = random.ratio() < 0.3 ? { expectedTokens: random.pick(CAPS) } : {};
  return buildTask({ priority: random.pick(['interactive', 'batch']), maxTokens: random.pick(CAPS), ...told });
}

interface Totals {
  readonly starts: number;
  readonly variance: number;
  readonly tokens: number;
}

function totals({ work, starts }: TasksAhead): Totals {
  const tokens = work.reduce(
    (sum, ahead) => sum + ahead.count * (ahead.work.expectedTokens ?? ahead.work.maxTokens),
    0,
  );
  return rounded({ starts: starts.mean, variance: starts.variance, tokens });
}

function totalsOf(rows: readonly Row[]): Totals {
  const totals = { starts: 0, variance: 0, tokens: 0 };
  for (const { task, place } of rows) {
    const { startChance } = place.work;
    totals.starts += startChance;
    totals.variance += startChance * (1 - startChance);
    totals.tokens += startChance * (task.expectedTokens ?? task.maxTokens);
  }
  return rounded(totals);
}

function rounded({ starts, variance, tokens }: Totals): Totals {
  const round = (value: number): number => Math.round(value * 1e6) / 1e6;
  return { starts: round(starts), variance: round(variance), tokens: round(tokens) };
}
