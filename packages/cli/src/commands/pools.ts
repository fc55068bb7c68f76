// SPDX-License-Identifier: MIT
import type { Command } from 'commander';
import type { Perform } from '../run-cli.ts';
import { formatTable } from '../terminal/table.ts';

/** `pools`: what serves, and how busy it is. */
export function addPools(program: Command, perform: Perform): void {
  program
    .command('pools')
    .description('list pools with readiness, slots and queues')
    .action((_options: object, command: Command) =>
      perform(command, async ({ client, printer }) => {
        const pools = await client.pools();
        const rows = pools.map((pool) => [
          pool.pool_id,
          pool.draining ? 'draining' : pool.ready ? 'ready' : pool.live ? 'loading' : 'down',
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
