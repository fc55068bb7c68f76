// SPDX-License-Identifier: MIT
import { ERROR_TABLE, type ErrorCode } from '@llama-orch/api-types';
import { type DataTable, type DocString, Then, When } from 'quickpickle';
import { expect } from 'vitest';
import { SEAL } from '../stage.ts';
import { expectFields } from '../table.ts';
import type { HttpAnswer } from '../wire/http-call.ts';
import type { OrchWorld } from '../world.ts';

When('the client sends {word} {string}', async (world: OrchWorld, method: string, path: string) => {
  await world.call({ method, path });
});

When(
  'the client sends {word} {string} with',
  async (world: OrchWorld, ...[method, path, body]: [string, string, DocString]) => {
    await world.call({ method, path, body: body.toString() });
  },
);

When(
  'the client sends {word} {string} with headers',
  async (world: OrchWorld, ...rest: [string, string, DataTable]) => {
    const [method, path, table] = rest;
    await world.call({
      method,
      path,
      headers: Object.fromEntries(table.raw().map(([name = '', value = '']) => [name, value])),
    });
  },
);

When('the client sends {word} {string} without its token', async (world: OrchWorld, method: string, path: string) => {
  world.answers.push(await world.stage.service.call({ method, path }));
});

When('the client sends a prompt of {int} bytes', async (world: OrchWorld, bytes: number) => {
  await world.call({ method: 'POST', path: '/v1/tasks', body: { prompt: SEAL.padEnd(bytes, '.') } });
});

Then('the answer is {int}', (world: OrchWorld, status: number) => {
  expect(world.answer.status, world.answer.text).toBe(status);
});

Then('the answer is {int} {word}', (world: OrchWorld, status: number, code: string) => {
  const { answer } = world;
  expect(answer.json, `${answer.status} ${answer.text}`).toMatchObject({ code });
  expect(answer.status).toBe(status);
  expectProblem(answer);
});

Then('the answer holds', (world: OrchWorld, table: DataTable) => {
  expectFields(world.answer.json, table);
});

Then('the answer has header {string} {string}', (world: OrchWorld, name: string, value: string) => {
  expect(world.answer.headers[name]).toBe(value);
});

Then('the answer has no header {string}', (world: OrchWorld, name: string) => {
  expect(world.answer.headers[name]).toBeUndefined();
});

Then('the answer says when to come back', (world: OrchWorld) => {
  const { headers, json } = world.answer;
  const retryAfterMs = Number(headers['x-backoff-ms']);
  expect(json).toMatchObject({ retry_after_ms: retryAfterMs });
  expect(Number(headers['retry-after'])).toBe(Math.max(1, Math.ceil(retryAfterMs / 1000)));
});

Then('the answer does not show what was sent', (world: OrchWorld) => {
  expect(world.answer.text).not.toContain(SEAL);
});

Then('the error frame of reader {string} is a row of the table', (world: OrchWorld, name: string) => {
  const { code, retriable, message } = world.reader(name).terminal?.data as {
    code: ErrorCode;
    retriable: boolean;
    message: string;
  };
  expect(retriable).toBe(ERROR_TABLE[code].retriable);
  expect(message).not.toBe('');
});

/** ORCH-1050: code, status and `retriable` are one row of the table. */
function expectProblem({ json, status, headers, text }: HttpAnswer): void {
  const body = json as { code: ErrorCode; retriable: boolean; message: string; correlation_id: string };
  expect(Object.keys(ERROR_TABLE)).toContain(body.code);
  const row = ERROR_TABLE[body.code];
  expect({ status, retriable: body.retriable }).toEqual({ status: row.http, retriable: row.retriable });
  expect(body.message).not.toBe('');
  expect(body.correlation_id).toBe(headers['x-correlation-id']);
  expect(text).not.toMatch(/node:internal|\.ts:\d|at \w+ \(/);
}
