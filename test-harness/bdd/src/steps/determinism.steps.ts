// SPDX-License-Identifier: MIT
import { Then } from 'quickpickle';
import { expect } from 'vitest';
import { at } from '../json-path.ts';
import type { OrchWorld } from '../world.ts';

Then('tasks {string} and {string} have different seeds', async (world: OrchWorld, one: string, two: string) => {
  const [first, second] = [await world.record(one), await world.record(two)];
  expect(first['seed']).not.toBe(second['seed']);
});

Then(
  'task {string} has the same seed everywhere reader {string} sees it',
  async (world: OrchWorld, ...[task, name]: [string, string]) => {
    const { frames, terminal } = world.reader(name);
    const record = await world.record(task);
    const seeds = [
      frames[0]?.data['seed'],
      at(terminal?.data, 'receipt.seed'),
      record['seed'],
      at(record, 'receipt.seed'),
    ];
    expect(new Set(seeds).size, `seeds: ${seeds.join(', ')}`).toBe(1);
    expect(Number(seeds[0])).toBeGreaterThanOrEqual(0);
    expect(Number(seeds[0])).toBeLessThanOrEqual(4_294_967_294);
  },
);

Then('tasks {string} and {string} gave the same tokens', async (world: OrchWorld, one: string, two: string) => {
  expect(await tokensOf(world, one)).toEqual(await tokensOf(world, two));
});

Then('tasks {string} and {string} gave other tokens', async (world: OrchWorld, one: string, two: string) => {
  expect(await tokensOf(world, one)).not.toEqual(await tokensOf(world, two));
});

Then('one replica of pool {string} is refused with a reason', async (world: OrchWorld, pool: string) => {
  const events = await world.stage.service.open('/v1/events', { headers: world.stage.headers });
  world.readers.set(`events of ${pool}`, events);
  for (;;) {
    const seenCount = events.frames.length;
    const { json } = await world.call({ path: `/v1/pools/${pool}/health` });
    const refused = (at(json, 'replicas') as { state: string; last_error?: string }[]).filter(
      ({ state }) => state === 'refused',
    );
    if (refused.length > 0) {
      expect(refused).toHaveLength(1);
      expect(refused[0]?.last_error).toMatch(/./);
      return;
    }
    await events.until('a replica changed', ({ frames }) => frames.length > seenCount);
  }
});

Then('the engines that were refused got nothing', (world: OrchWorld) => {
  const busy = world.stage.engines.filter(({ generations }) => generations.length > 0);
  expect(busy).toHaveLength(1);
});

async function tokensOf(world: OrchWorld, task: string): Promise<readonly unknown[]> {
  const { tokens, terminal } = await (await world.follow(task)).untilEnd();
  return [tokens.map(({ data }) => data['t']), terminal?.data['finish_reason']];
}
