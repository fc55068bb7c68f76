// SPDX-License-Identifier: MIT
import { type DataTable, Then, When } from 'quickpickle';
import { expect } from 'vitest';
import { expectFields } from '../table.ts';
import { expectWholeStream } from '../whole-stream.ts';
import { sumOf } from '../wire/metrics-scrape.ts';
import type { Frame } from '../wire/sse-reader.ts';
import type { OrchWorld } from '../world.ts';

When('reader {string} follows task {string}', async (world: OrchWorld, reader: string, task: string) => {
  world.readers.set(reader, await world.follow(task));
});

When(
  'reader {string} follows task {string} without reading',
  async (world: OrchWorld, reader: string, task: string) => {
    world.readers.set(reader, await world.follow(task, undefined, true));
  },
);

When('reader {string} starts reading', (world: OrchWorld, reader: string) => {
  world.reader(reader).resume();
});

When('reader {string} leaves', (world: OrchWorld, reader: string) => {
  world.reader(reader).close();
});

When(
  'reader {string} resumes task {string} after frame {int}',
  async (world: OrchWorld, ...[reader, task, seq]: [string, string, number]) => {
    world.readers.set(reader, await world.follow(task, `${tagOf(world, task)}:${seq}`));
  },
);

When(
  'reader {string} resumes task {string} after id {string}',
  async (world: OrchWorld, ...[reader, task, id]: [string, string, string]) => {
    world.readers.set(reader, await world.follow(task, id));
  },
);

When(
  'reader {string} resumes task {string} with the id of frame {int} of task {string}',
  async (world: OrchWorld, ...[reader, task, seq, other]: [string, string, number, string]) => {
    world.readers.set(reader, await world.follow(task, `${tagOf(world, other)}:${seq}`));
  },
);

When(
  'reader {string} follows task {string} until it is over',
  async (world: OrchWorld, reader: string, task: string) => {
    world.readers.set(reader, await (await world.follow(task)).untilOver());
  },
);

When('the slow connection of reader {string} is dropped', async (world: OrchWorld, name: string) => {
  // A socket that is not read does not tell that its peer has gone; the service's own count does.
  while (sumOf(await world.stage.scrape(), 'streams_open') > 1);
  const reader = world.reader(name);
  reader.resume();
  await reader.untilOver();
  expect(reader.terminal, 'the terminal frame of a dropped reader').toBeUndefined();
  expect(reader.end).toBe('cut');
});

Then('reader {string} fell into a gap', (world: OrchWorld, name: string) => {
  const reader = world.reader(name);
  const problem = reader.status === 200 ? reader.terminal?.data : reader.answer.json;
  expect(problem).toMatchObject({ code: 'STREAM_GAP' });
  expect(reader.tokens).toEqual([]);
  expect(reader.frames.at(-1)?.id).toBe(reader.frames.at(0)?.id);
});

Then('reader {string} got no metrics frame', (world: OrchWorld, name: string) => {
  expect(world.reader(name).frames.filter(({ event }) => event === 'metrics')).toEqual([]);
});

When('reader {string} has {int} token(s)', async (world: OrchWorld, name: string, count: number) => {
  await world.reader(name).until(`token ${count}`, ({ tokens }) => tokens.length >= count);
});

When('reader {string} has the {word} frame', async (world: OrchWorld, name: string, event: string) => {
  await world.reader(name).until(`a ${event} frame`, ({ frames }) => frames.some((frame) => frame.event === event));
});

When('reader {string} has {int} comment(s)', async (world: OrchWorld, name: string, count: number) => {
  await world.reader(name).until(`comment ${count}`, ({ commentCount }) => commentCount >= count);
});

When('reader {string} is at the end', async (world: OrchWorld, name: string) => {
  await world.reader(name).untilEnd();
});

When('reader {string} has lost its connection', async (world: OrchWorld, name: string) => {
  await world.reader(name).untilOver();
});

Then('reader {string} got exactly {int} token(s)', (world: OrchWorld, name: string, count: number) => {
  expect(world.reader(name).tokens, world.reader(name).summary).toHaveLength(count);
});

Then('reader {string} got nothing', (world: OrchWorld, name: string) => {
  expect(world.reader(name).frames).toEqual([]);
  expect(world.reader(name).status).toBe(200);
});

Then('reader {string} got a whole stream of task {string}', (world: OrchWorld, reader: string, task: string) => {
  expectWholeStream(world.reader(reader), jobOf(world, task));
});

Then('readers {string} and {string} got the same bytes', (world: OrchWorld, one: string, two: string) => {
  expect(rawOf(world.reader(one).stored)).toBe(rawOf(world.reader(two).stored));
});

Then(
  'readers {string} and {string} together got what reader {string} got',
  (world: OrchWorld, ...[first, second, whole]: [string, string, string]) => {
    const joined = [...world.reader(first).stored, ...world.reader(second).stored];
    expect(rawOf(joined)).toBe(rawOf(world.reader(whole).stored));
  },
);

Then(
  'reader {string} ends with {word} {word}',
  (world: OrchWorld, ...[name, event, what]: [string, string, string]) => {
    const { terminal, summary } = world.reader(name);
    expect(terminal?.event, summary).toBe(event);
    expect(terminal?.data).toMatchObject(event === 'end' ? { finish_reason: what } : { code: what });
  },
);

Then(
  'reader {string} is refused {int} {word}',
  async (world: OrchWorld, ...[name, status, code]: [string, number, string]) => {
    const reader = await world.reader(name).untilOver();
    expect(reader.frames, 'frames of a refused stream').toEqual([]);
    expect(reader.answer.status, reader.body).toBe(status);
    expect(reader.answer.json).toMatchObject({ code });
    world.answers.push(reader.answer);
  },
);

Then(
  'the {word} frame of reader {string} holds',
  (world: OrchWorld, ...[event, name, table]: [string, string, DataTable]) => {
    const frame = world.reader(name).frames.find((found) => found.event === event);
    expectFields(frame?.data, table);
  },
);

Then(
  'every {word} frame of reader {string} holds',
  (world: OrchWorld, ...[event, name, table]: [string, string, DataTable]) => {
    const frames = world.reader(name).frames.filter((found) => found.event === event);
    expect(frames.length).toBeGreaterThan(0);
    for (const frame of frames) expectFields(frame.data, table);
  },
);

Then(
  'a resume after every frame of reader {string} gives the rest of task {string}',
  async (world: OrchWorld, name: string, task: string) => {
    const all = world.reader(name).stored;
    for (const [k, frame] of all.entries()) {
      const reader = await (await world.follow(task, frame.id)).untilEnd();
      expect(rawOf(reader.stored), `after ${frame.id}`).toBe(rawOf(all.slice(k + 1)));
    }
  },
);

Then(
  'stream, record and receipt of task {string} agree in reader {string}',
  async (world: OrchWorld, task: string, name: string) => {
    const { text, terminal, tokens } = world.reader(name);
    const record = await world.record(task);
    const { receipt } = record as { receipt: Readonly<Record<string, unknown>> };
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
    expect(record).toMatchObject({ state: 'completed', output: { text } });
    expect(terminal?.data['receipt']).toEqual(receipt);
    expect(receipt['output_sha256']).toBe(Buffer.from(digest).toString('hex'));
    const counts = [
      terminal?.data['tokens_out'],
      (record['usage'] as { tokens_out: number }).tokens_out,
      receipt['tokens_out'],
    ];
    expect(new Set(counts).size, `tokens_out: ${counts.join(', ')}`).toBe(1);
    expect(tokens.length).toBeGreaterThan(0);
  },
);

function rawOf(frames: readonly Frame[]): string {
  return frames.map(({ raw }) => raw).join('');
}

function jobOf(world: OrchWorld, task: string): string {
  return (world.task(task).answer.json as { job_id: string }).job_id;
}

function tagOf(world: OrchWorld, task: string): string {
  return jobOf(world, task).slice(0, 8);
}
