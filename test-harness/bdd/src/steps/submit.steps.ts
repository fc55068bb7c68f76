// SPDX-License-Identifier: MIT
import { type DataTable, Given, Then, When } from 'quickpickle';
import { expect } from 'vitest';
import { expectFields, fieldsOf } from '../table.ts';
import type { OrchWorld } from '../world.ts';

Given('task {string} runs', async (world: OrchWorld, name: string) => {
  const { answer } = await world.submit(name);
  expect(answer.status, answer.text).toBe(202);
  await world.generation(name);
});

Given('task {string} runs with', async (world: OrchWorld, name: string, table: DataTable) => {
  const { answer } = await world.submit(name, { fields: fieldsOf(table) });
  expect(answer.status, answer.text).toBe(202);
  await world.generation(name);
});

Given('task {string} waits', async (world: OrchWorld, name: string) => {
  const { answer } = await world.submit(name);
  expect(answer.json, answer.text).toMatchObject({ state: 'queued' });
});

Given('task {string} waits with', async (world: OrchWorld, name: string, table: DataTable) => {
  const { answer } = await world.submit(name, { fields: fieldsOf(table) });
  expect(answer.json, answer.text).toMatchObject({ state: 'queued' });
});

When('task {string} is submitted', async (world: OrchWorld, name: string) => {
  await world.submit(name);
});

When('task {string} is submitted with', async (world: OrchWorld, name: string, table: DataTable) => {
  await world.submit(name, { fields: fieldsOf(table) });
});

When('task {string} has completed', async (world: OrchWorld, name: string) => {
  await world.submit(name, { held: false });
  await (await world.follow(name)).untilEnd();
});

When('task {string} has completed with', async (world: OrchWorld, name: string, table: DataTable) => {
  const { answer } = await world.submit(name, { held: false, fields: fieldsOf(table) });
  expect(answer.status, answer.text).toBe(202);
  await (await world.follow(name)).untilEnd();
});

When('{int} tasks have completed', async (world: OrchWorld, count: number) => {
  for (let k = 0; k < count; k++) {
    await world.submit(`done ${k}`, { held: false });
    await (await world.follow(`done ${k}`)).untilEnd();
  }
});

When('task {string} is planned', async (world: OrchWorld, name: string) => {
  await world.submit(name, { isPlan: true });
});

When('task {string} is planned with', async (world: OrchWorld, name: string, table: DataTable) => {
  await world.submit(name, { isPlan: true, fields: fieldsOf(table) });
});

When('task {string} is submitted again', async (world: OrchWorld, name: string) => {
  await world.call({ method: 'POST', path: '/v1/tasks', body: world.task(name).body });
});

When('task {string} is submitted again with', async (world: OrchWorld, name: string, table: DataTable) => {
  await world.call({ method: 'POST', path: '/v1/tasks', body: { ...world.task(name).body, ...fieldsOf(table) } });
});

When('task {string} is submitted again with its keys in another order', async (world: OrchWorld, name: string) => {
  const reversed = Object.fromEntries(Object.entries(world.task(name).body).reverse());
  await world.call({ method: 'POST', path: '/v1/tasks', body: `  ${JSON.stringify(reversed, undefined, 3)}\n` });
});

When('task {string} is submitted {int} times at once', async (world: OrchWorld, name: string, count: number) => {
  const { body } = await world.submit(name);
  const repeats = Array.from({ length: count - 1 }, () => world.call({ method: 'POST', path: '/v1/tasks', body }));
  await Promise.all(repeats);
});

When('a new task is submitted {int} times at once', async (world: OrchWorld, count: number) => {
  const id = crypto.randomUUID();
  const body = { task_id: id, prompt: `sealed ${id}` };
  const [answer] = await Promise.all(
    Array.from({ length: count }, () => world.call({ method: 'POST', path: '/v1/tasks', body })),
  );
  if (answer !== undefined) world.tasks.set('copy', { id, marker: id, body, answer });
  await (await world.follow('copy')).untilEnd();
});

Then('all {int} answers are equal', (world: OrchWorld, count: number) => {
  const seen = world.answers.map(({ status, headers, text }) => `${status} ${headers.location ?? ''} ${text}`);
  expect(seen).toHaveLength(count);
  expect(new Set(seen).size).toBe(1);
});

When('the client reads task {string}', async (world: OrchWorld, name: string) => {
  await world.call({ path: `/v1/tasks/${world.task(name).id}` });
});

When('mock task {string} runs with {string}', async (world: OrchWorld, name: string, directive: string) => {
  await world.submit(name, { fields: { prompt: `sealed [[mock ${directive}]]`, max_tokens: 10_000 } });
  const reader = await world.follow(name);
  await reader.until('its first token', ({ tokens }) => tokens.length > 0);
  reader.close();
});

Then('the answer has the location of task {string}', (world: OrchWorld, name: string) => {
  expect(world.task(name).answer.headers.location).toBe(`/v1/tasks/${world.task(name).id}`);
});

Then('the record of task {string} holds', async (world: OrchWorld, name: string, table: DataTable) => {
  expectFields(await world.record(name), table);
});

Then('the record of the accepted task holds', async (world: OrchWorld, table: DataTable) => {
  const { json } = await world.call({ path: world.answer.headers.location ?? '' });
  expectFields(json, table);
});

Then('the engine got {int} generation(s) of task {string}', (world: OrchWorld, count: number, name: string) => {
  expect(world.stage.engine.generationsOf(world.task(name).marker)).toHaveLength(count);
});

Then('task {string} is told position {int}', (world: OrchWorld, name: string, position: number) => {
  expect(world.task(name).answer.json).toMatchObject({ queue_position: position });
});

Then('task {string} is at position {int}', async (world: OrchWorld, name: string, position: number) => {
  expect(await world.record(name)).toMatchObject({ queue_position: position });
});

Then('task {string} is now {word}', async (world: OrchWorld, name: string, state: string) => {
  expect(await world.record(name)).toMatchObject({ state });
});
