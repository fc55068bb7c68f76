// SPDX-License-Identifier: MIT
import { type DataTable, Then, When } from 'quickpickle';
import { expect } from 'vitest';
import { sumOf } from '../wire/metrics-scrape.ts';
import type { HttpAnswer } from '../wire/http-call.ts';
import type { OrchWorld } from '../world.ts';

When('task {string} is canceled', async (world: OrchWorld, name: string) => {
  expect((await cancel(world, name)).status).toBe(204);
});

When('task {string} is asked to cancel', async (world: OrchWorld, name: string) => {
  await cancel(world, name);
});

When('task {string} has been canceled {int} times at once', async (world: OrchWorld, name: string, count: number) => {
  const answers = await Promise.all(Array.from({ length: count }, () => cancel(world, name)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 204));
});

Then('nothing more is written to reader {string} when a new task completes', async (world: OrchWorld, name: string) => {
  const before = world.reader(name).frames.length;
  await world.submit('after the cancel', { held: false });
  await (await world.follow('after the cancel')).untilEnd();
  expect(world.reader(name).frames).toHaveLength(before);
});

/** ORCH-1033: cancel races the last token; stream, record, answer and metrics tell one end. */
When('{int} tasks are canceled while they end', async (world: OrchWorld, count: number) => {
  const before = await world.stage.scrape();
  const seen = { completed: 0, canceled: 0 };
  for (let k = 0; k < count; k++) seen[await raceOne(world, `race ${k}`, k % 4)] += 1;
  const after = await world.stage.scrape();
  const ended = (outcome: string): number =>
    sumOf(after, 'tasks_ended_total', { outcome }) - sumOf(before, 'tasks_ended_total', { outcome });
  expect({ completed: ended('completed'), canceled: ended('canceled') }).toEqual(seen);
  expect(seen.completed + seen.canceled).toBe(count);
});

async function raceOne(world: OrchWorld, name: string, place: number): Promise<'completed' | 'canceled'> {
  await world.submit(name);
  const generation = await world.generation(name);
  const reader = await world.follow(name);
  const moves: (() => unknown)[] = [
    () => generation.write(' sealed0'),
    () => generation.finish(),
    () => world.stage.service.call({ path: '/healthz' }),
  ];
  // The cancel is sent before, between or after the last writes, so that every order is seen.
  let canceling = place === 0 ? cancel(world, name) : undefined;
  for (const [k, move] of moves.entries()) {
    await Promise.resolve(move());
    if (k + 1 === place) canceling = cancel(world, name);
  }
  expect((await canceling)?.status).toBe(204);
  await reader.untilEnd();
  const state = String((await world.record(name))['state']) as 'completed' | 'canceled';
  const { terminal, tokens } = reader;
  expect(terminal?.event).toBe('end');
  expect(terminal?.data['finish_reason'] === 'canceled', `${state} against ${JSON.stringify(terminal?.data)}`).toBe(
    state === 'canceled',
  );
  if (state === 'completed') expect(tokens).toHaveLength(1);
  return state;
}

Then('the answers to the cancels were', (world: OrchWorld, table: DataTable) => {
  expect(world.answers.map(({ status }) => [String(status)])).toEqual(table.raw());
});

async function cancel(world: OrchWorld, name: string): Promise<HttpAnswer> {
  return world.call({ method: 'POST', path: `/v1/tasks/${world.task(name).id}/cancel` });
}
