// SPDX-License-Identifier: MIT
import { type DataTable, Given } from 'quickpickle';
import { Stage, TOKEN, type StageSpec } from '../stage.ts';
import type { OrchWorld } from '../world.ts';

/** Rows of `path | JSON value`, as the configuration's overrides. */
function overridesOf(table?: DataTable): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    (table?.raw() ?? []).map(([path = '', value = '']) => [path, JSON.parse(value) as unknown]),
  );
}

function scripted(slots: number, table?: DataTable): StageSpec {
  return { engine: 'scripted', engines: [{ slots }], overrides: overridesOf(table) };
}

Given('a service', async (world: OrchWorld) => world.share(scripted(1)));

Given('a service with', async (world: OrchWorld, table: DataTable) => world.share(scripted(1, table)));

Given('a service with {int} slot(s)', async (world: OrchWorld, slots: number) => world.share(scripted(slots)));

Given('a service with {int} slot(s) and', async (world: OrchWorld, slots: number, table: DataTable) =>
  world.share(scripted(slots, table)),
);

Given('a new service', async (world: OrchWorld) => world.own(await Stage.open(scripted(1))));

Given('a new service with', async (world: OrchWorld, table: DataTable) =>
  world.own(await Stage.open(scripted(1, table))),
);

Given('a new service with {int} slot(s)', async (world: OrchWorld, slots: number) =>
  world.own(await Stage.open(scripted(slots))),
);

Given('a service on the mock engine', async (world: OrchWorld) => world.share({ engine: 'mock' }));

Given('a new service on the mock engine with', async (world: OrchWorld, table: DataTable) =>
  world.own(await Stage.open({ engine: 'mock', overrides: overridesOf(table) })),
);

Given('a service on the real engine', async (world: OrchWorld) => world.share({ engine: 'real' }));

Given('a new service whose engine is loading', async (world: OrchWorld) =>
  world.own(await Stage.open(scripted(1), 'loading')),
);

Given('a new service whose engine is down', async (world: OrchWorld) =>
  world.own(await Stage.open(scripted(1), 'down')),
);

Given('a service in memory that needs a token', async (world: OrchWorld) =>
  world.share({ ...scripted(1), env: { LLORCH_API_TOKEN: TOKEN }, overrides: { 'store.backend': 'memory' } }),
);

Given('a new service whose second engine says', async (world: OrchWorld, table: DataTable) => {
  const second = overridesOf(table);
  world.own(await Stage.open({ engine: 'scripted', engines: [{}, second] }));
});
