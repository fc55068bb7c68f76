// SPDX-License-Identifier: MIT
import type { Command } from 'commander';
import type { Perform } from '../run-cli.ts';
import { formatTable } from '../terminal/table.ts';

const STEERINGS = [
  ['pause', 'take tasks into the queue and start none; what runs goes on'],
  ['resume', 'start tasks again'],
] as const;

/** `pools`: what serves, and how busy it is; `pools pause` and `pools resume`: whether its queue starts anything. */
export function addPools(program: Command, perform: Perform): void {
  const pools = program
    .command('pools')
    .description('list pools with readiness, slots and queues')
    .action((_options: object, command: Command) =>
      perform(command, async ({ client, printer }) => {
        const pools = await client.pools();
        const rows = pools.map((pool) => [
          pool.pool_id,
          pool.draining ? 'draining' : pool.paused ? 'paused' : pool.ready ? 'ready' : pool.live ? 'loading' : 'down',
          pool.engine,
          pool.model_id,
          `${pool.slots_busy}/${pool.slots}`,
          pool.queue_depth.interactive,
          pool.queue_depth.batch,
        ]);
        const heading = ['POOL', 'STATE', 'ENGINE', 'MODEL', 'SLOTS BUSY', 'INTERACTIVE', 'BATCH'];
        printer.answer({ pools }, formatTable(heading, rows));
        return 'ok';
      }),
    );
  for (const [name, what] of STEERINGS) {
    pools
      .command(name)
      .description(what)
      .argument('<pool>', 'pool to steer')
      .action((poolId: string, _options: object, command: Command) =>
        perform(command, async ({ client, printer }) => {
          const pool = await (name === 'pause' ? client.pausePool(poolId) : client.resumePool(poolId));
          printer.answer(pool, [`${name}d ${pool.pool_id}`]);
          return 'ok';
        }),
      );
  }
}

/** `capabilities`: what every pool can do. */
export function addCapabilities(program: Command, perform: Perform): void {
  program
    .command('capabilities')
    .description('show the API version and what each pool can do')
    .action((_options: object, command: Command) =>
      perform(command, async ({ client, printer }) => {
        const capabilities = await client.capabilities();
        const rows = capabilities.pools.map((pool) => [
          pool.pool_id,
          pool.engine === undefined ? undefined : `${pool.engine} ${pool.engine_version ?? ''}`.trimEnd(),
          pool.model_id,
          pool.model_digest,
          pool.slots,
          pool.ctx_max,
          pool.max_tokens_out,
          pool.workloads.join(' '),
        ]);
        const heading = ['POOL', 'ENGINE', 'MODEL', 'DIGEST', 'SLOTS', 'CTX', 'MAX OUT', 'WORKLOADS'];
        printer.answer(capabilities, [`API version ${capabilities.api_version}`, ...formatTable(heading, rows)]);
        return 'ok';
      }),
    );
}
