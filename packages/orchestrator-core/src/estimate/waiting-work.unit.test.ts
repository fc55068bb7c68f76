// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { buildTask, SeededRandom } from '../testkit/index.ts';
import type { Task } from '../task/task.ts';
import type { WorkAhead } from './start-estimator.ts';
import { WaitingWork, type WaitingPlace } from './waiting-work.ts';

interface Row {
  readonly task: Task;
  readonly place: WaitingPlace;
}

const CAPS = [1, 7, 8, 9, 64, 1_000];

verifies('ORCH-1270', 'the work ahead is that of the tasks in front, whoever came, left or came back', () => {
  const random = new SeededRandom(7);
  const work = new WaitingWork();
  let rows: Row[] = [];
  for (let step = 0; step < 3_000; step++) {
    const row = rows[random.below(rows.length + 1)];
    if (row === undefined || random.ratio() < 0.55) {
      const task = drawTask(random);
      const isBack = random.ratio() < 0.02;
      const place = work.join(task, isBack);
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
  for (const maxTokens of [5, 300, 20]) work.join(buildTask({ priority: 'batch', maxTokens }), false);
  const place = work.join(buildTask({ maxTokens: 1 }), false);
  expect(totals(work.before(place, 0))).toEqual({ count: 0, tokens: 0 });
  expect(totals(work.before(place, 2))).toEqual({ count: 2, tokens: 305 });
  expect(totals(work.beforeNext('interactive', 9))).toEqual({ count: 4, tokens: 326 });
});

function drawTask(random: SeededRandom): Task {
  const told = random.ratio() < 0.3 ? { expectedTokens: random.pick(CAPS) } : {};
  return buildTask({ priority: random.pick(['interactive', 'batch']), maxTokens: random.pick(CAPS), ...told });
}

function totals(ahead: readonly WorkAhead[]): { readonly count: number; readonly tokens: number } {
  const tokens = ahead.reduce((sum, { work, count }) => sum + count * (work.expectedTokens ?? work.maxTokens), 0);
  return { count: ahead.reduce((sum, { count }) => sum + count, 0), tokens: Math.round(tokens) };
}

function totalsOf(rows: readonly Row[]): { readonly count: number; readonly tokens: number } {
  const tokens = rows.reduce((sum, { task }) => sum + (task.expectedTokens ?? task.maxTokens), 0);
  return { count: rows.length, tokens };
}
