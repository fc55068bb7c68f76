// SPDX-License-Identifier: MIT
import { type DataTable, Given, Then, When } from 'quickpickle';
import { expect } from 'vitest';
import { ServiceUnderTest } from '../service-under-test.ts';
import type { OrchWorld } from '../world.ts';

When('the service is told to stop', (world: OrchWorld) => {
  world.stage.service.signal('SIGTERM');
});

When('the service refuses new tasks', async (world: OrchWorld) => {
  // The signal is noticed in the service's own time; the first refusal marks it.
  let status = 202;
  while (status === 202) status = (await world.submit(`probe ${world.answers.length}`, { held: false })).answer.status;
  expect(status).toBe(503);
});

Then('the service exits with {int}', async (world: OrchWorld, code: number) => {
  const exit = await world.stage.service.exited;
  expect(exit, world.stage.service.outputLines.slice(-20).join('\n')).toEqual({ code, signal: null });
});

Given('the service is started with', async (world: OrchWorld, table: DataTable) => {
  const rows = Object.fromEntries(table.raw().map(([key = '', value = '']) => [key, JSON.parse(value) as unknown]));
  const { env, ...config } = rows;
  const service = await ServiceUnderTest.launch({ config, env: (env ?? {}) as Record<string, string> });
  world.data['failed'] = { service, exit: await service.exited };
});

Then('it did not start and exited with {int}', (world: OrchWorld, code: number) => {
  const { exit, service } = failed(world);
  expect(exit, service.outputLines.join('\n')).toEqual({ code, signal: null });
});

Then('its standard error names {string}', (world: OrchWorld, path: string) => {
  expect(failed(world).service.errorLines.join('\n')).toContain(path);
});

Then('its standard error does not show {string}', (world: OrchWorld, secret: string) => {
  const { service } = failed(world);
  expect([...service.errorLines, ...service.outputLines].join('\n')).not.toContain(secret);
});

interface FailedStart {
  readonly service: ServiceUnderTest;
  readonly exit: { readonly code: number | null; readonly signal: string | null };
}

function failed(world: OrchWorld): FailedStart {
  return world.data['failed'] as FailedStart;
}
