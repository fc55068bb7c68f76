// SPDX-License-Identifier: MIT
import { Then, When } from 'quickpickle';
import { expect } from 'vitest';
import { SEAL } from '../stage.ts';
import type { OrchWorld } from '../world.ts';

When('the engine writes {int} token(s) for task {string}', async (world: OrchWorld, count: number, name: string) => {
  const generation = await world.generation(name);
  for (let k = 0; k < count; k++) generation.write(` ${SEAL}${generation.writtenCount}`);
});

When(
  'the engine writes {int} tokens at once for task {string}',
  async (world: OrchWorld, count: number, name: string) => {
    const generation = await world.generation(name);
    generation.write(...Array.from({ length: count }, (_, k) => ` ${SEAL}${k}`));
  },
);

When('the engine writes {string} for task {string}', async (world: OrchWorld, text: string, name: string) => {
  (await world.generation(name)).write(text);
});

When(
  'the engine writes {int} tokens of {int} bytes for task {string}',
  async (world: OrchWorld, ...[count, bytes, name]: [number, number, string]) => {
    const generation = await world.generation(name);
    for (let k = 0; k < count; k++) generation.write('x'.repeat(bytes));
  },
);

When('the engine finishes task {string}', async (world: OrchWorld, name: string) => {
  (await world.generation(name)).finish();
});

When('the engine crashes in task {string}', async (world: OrchWorld, name: string) => {
  (await world.generation(name)).crash();
});

When('the engine gets task {string} again', async (world: OrchWorld, name: string) => {
  const { marker } = world.task(name);
  await world.stage.engine.generation(marker, 2);
});

When('the engine writes nonsense for task {string}', async (world: OrchWorld, name: string) => {
  (await world.generation(name)).writeGarbage('data: {"content": <html>\n\n');
});

When('the engine keeps slots of aborted work', (world: OrchWorld) => {
  world.stage.engine.keepsSlotAfterAbort = true;
});

When('the engine gives the slot of task {string} back', async (world: OrchWorld, name: string) => {
  world.stage.engine.keepsSlotAfterAbort = false;
  (await world.generation(name)).free();
});

When('the engine loads its model again', (world: OrchWorld) => {
  world.stage.engine.loading = true;
});

Then('the engine was asked for nothing while it loaded', (world: OrchWorld) => {
  expect(world.stage.engine.refusedCount).toBe(0);
});

When('the engine has loaded its model', async (world: OrchWorld) => {
  world.stage.engine.loading = false;
  await world.stage.service.ready(world.stage.headers);
});

When('the engine goes on writing task {string}', async (world: OrchWorld, name: string) => {
  const generation = await world.generation(name);
  for (let k = 0; k < 5; k++) generation.write(` ${SEAL}-late`);
});

Then('task {string} reaches the engine', async (world: OrchWorld, name: string) => {
  expect((await world.generation(name)).busy).toBe(true);
});

Then('task {string} never reached the engine', (world: OrchWorld, name: string) => {
  expect(world.stage.engine.generationsOf(world.task(name).marker)).toEqual([]);
});

Then('the engine has {int} slot(s) busy', (world: OrchWorld, count: number) => {
  expect(world.stage.engine.slotsBusy).toBe(count);
});

Then('the engine started task {string} before task {string}', async (world: OrchWorld, first: string, then: string) => {
  const [one, two] = [await world.generation(first), await world.generation(then)];
  const order = world.stage.engine.generations;
  expect(order.indexOf(one)).toBeLessThan(order.indexOf(two));
});
