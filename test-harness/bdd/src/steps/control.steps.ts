// SPDX-License-Identifier: MIT
import { METRIC_TABLE } from '@llama-orch/api-types';
import { type DataTable, Then, When } from 'quickpickle';
import { expect } from 'vitest';
import { SEAL } from '../stage.ts';
import { samplesOf, sumOf } from '../wire/metrics-scrape.ts';
import type { OrchWorld } from '../world.ts';

When('{string} watches the events', async (world: OrchWorld, name: string) => {
  world.readers.set(name, await world.stage.service.open('/v1/events', { headers: world.stage.headers }));
});

When(
  '{string} has seen task {string} {word}',
  async (world: OrchWorld, ...[name, task, state]: [string, string, string]) => {
    const { id } = world.task(task);
    await world
      .reader(name)
      .until(`task ${task} ${state}`, ({ frames }) =>
        frames.some(({ event, data }) => event === 'task-changed' && data['task_id'] === id && data['state'] === state),
      );
  },
);

When('{string} has seen a refusal with {word}', async (world: OrchWorld, name: string, code: string) => {
  await world
    .reader(name)
    .until(`a refusal with ${code}`, ({ frames }) =>
      frames.some(({ event, data }) => event === 'task-rejected' && data['code'] === code),
    );
});

When('{string} has seen a replica that is not ready', async (world: OrchWorld, name: string) => {
  await world
    .reader(name)
    .until('a replica that is not ready', ({ frames }) =>
      frames.some(({ event, data }) => event === 'replica-changed' && data['state'] !== 'ready'),
    );
});

Then('the events of {string} are numbered without a gap', (world: OrchWorld, name: string) => {
  const numbers = world.reader(name).frames.map(({ id }) => Number(id));
  expect(numbers).toEqual(numbers.map((_, k) => (numbers[0] ?? 0) + k));
});

Then('the events of {string} show no text of a task', (world: OrchWorld, name: string) => {
  expect(world.reader(name).frames.filter(({ raw }) => raw.includes(SEAL))).toEqual([]);
});

When('task {string} is moved to {string}', async (world: OrchWorld, name: string, priority: string) => {
  await world.call({ method: 'POST', path: `/v1/tasks/${world.task(name).id}/priority`, body: { priority } });
});

Then('{word} is {int}', async (world: OrchWorld, metric: string, value: number) => {
  expect(sumOf(await world.stage.scrape(), metric), metric).toBe(value);
});

Then(
  '{word} with {word} {string} is {int}',
  async (world: OrchWorld, ...[metric, label, text, value]: [string, string, string, number]) => {
    expect(sumOf(await world.stage.scrape(), metric, { [label]: text }), metric).toBe(value);
  },
);

Then('every series of the scrape is in the contract with its labels', async (world: OrchWorld) => {
  const table: Readonly<Record<string, { readonly labels: readonly string[]; readonly type: string }>> = METRIC_TABLE;
  const own = samplesOf(await world.stage.scrape());
  expect(own.length).toBeGreaterThan(0);
  for (const { name, labels } of own) {
    const row = table[name] ?? table[name.replace(/_(bucket|sum|count)$/, '')];
    expect(row, `${name} is not in contracts/metrics.yaml`).toBeDefined();
    const bucket = row?.type === 'histogram' && name.endsWith('_bucket') ? ['le'] : [];
    expect(Object.keys(labels).sort(), name).toEqual([...(row?.labels ?? []), ...bucket].sort());
  }
});

Then('the scrape shows nothing a client sent', async (world: OrchWorld) => {
  const scrape = await world.stage.scrape();
  for (const { marker, id, body } of world.tasks.values()) {
    for (const text of [marker, id, body['session_id']].filter((value) => typeof value === 'string')) {
      expect(scrape).not.toContain(text);
    }
  }
});

Then('the log and every answer keep the prompts and tokens sealed', (world: OrchWorld) => {
  expect(world.stage.service.outputLines.length).toBeGreaterThan(0);
  world.stage.expectSealed();
  const problems = world.answers.filter(({ status }) => status >= 400);
  expect(problems.filter(({ text }) => text.includes(SEAL))).toEqual([]);
});

Then('the log names task {string} at level {word}', async (world: OrchWorld, name: string, level: string) => {
  const { id } = world.task(name);
  await world.stage.service.log(
    `a ${level} line about ${name}`,
    (line) => line['task_id'] === id && line['level'] === level,
  );
});

Then('the contract states these defaults of a task', async (world: OrchWorld, table: DataTable) => {
  const { json } = await world.call({ path: '/openapi.json' });
  const { components } = json as { components: { schemas: { TaskRequest: { properties: Record<string, Schema> } } } };
  for (const [field = '', text = ''] of table.raw()) {
    const schema = components.schemas.TaskRequest.properties[field];
    expect(schema, field).toBeDefined();
    expect(JSON.stringify(schema), `the default of ${field}`).toContain(text);
  }
});

type Schema = Readonly<Record<string, unknown>>;
