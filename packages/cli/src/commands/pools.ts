// SPDX-License-Identifier: MIT
import type { OrchClient, Pool } from '@llama-orch/client';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Perform } from '../run-cli.ts';
import { formatTable } from '../terminal/table.ts';

interface Operation {
  readonly name: string;
  readonly what: string;
  /** What has been done to the pool, as in `paused haiku`. */
  readonly done: string;
  readonly option?: readonly [flags: string, description: string];
  readonly run: (client: OrchClient, poolId: string, options: OperationOptions) => Promise<Pool>;
}

interface OperationOptions {
  readonly deadline?: string;
  readonly model?: string;
}

const OPERATIONS: readonly Operation[] = [
  {
    name: 'pause',
    what: 'take tasks into the queue and start none; what runs goes on',
    done: 'paused',
    run: (client, poolId) => client.pausePool(poolId),
  },
  {
    name: 'drain',
    what: 'refuse new tasks and wait until nothing runs any more',
    done: 'drained',
    option: ['--deadline <ms>', 'how long what runs may go on (default: 30000)'],
    run: (client, poolId, { deadline }) =>
      client.drainPool(poolId, deadline === undefined ? {} : { deadlineMs: Number(deadline) }),
  },
  {
    name: 'resume',
    what: 'start tasks again, after a pause as after a drain',
    done: 'resumed',
    run: (client, poolId) => client.resumePool(poolId),
  },
  {
    name: 'reload',
    what: 'load the engines anew and change over when they are ready',
    done: 'reloaded',
    option: ['--model <ref>', 'the new model (default: the one it has)'],
    run: (client, poolId, { model }) => client.reloadPool(poolId, model === undefined ? {} : { newModelRef: model }),
  },
  { name: 'load', what: 'load the engines', done: 'loaded', run: (client, poolId) => client.loadPool(poolId) },
  {
    name: 'unload',
    what: 'unload the engines once their jobs have ended',
    done: 'unloaded',
    run: (client, poolId) => client.unloadPool(poolId),
  },
];

/** `pools`: what serves, and how busy it is; `pools <operation>`: what operators do to one. ORCH-1456 */
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
  for (const operation of OPERATIONS) addOperation(pools, perform, operation);
}

function addOperation(pools: Command, perform: Perform, { name, what, done, option, run }: Operation): void {
  const command = pools.command(name).description(what).argument('<pool>', 'pool to steer');
  if (option !== undefined) command.addOption(new Option(...option).argParser(checked(name)));
  command.action((poolId: string, options: OperationOptions, self: Command) =>
    perform(self, async ({ client, printer }) => {
      const pool = await run(client, poolId, options);
      printer.answer(pool, [`${done} ${pool.pool_id}`]);
      return 'ok';
    }),
  );
}

function checked(name: string): (value: string) => string {
  return (value) => {
    if (name === 'drain' && !/^\d{1,8}$/.test(value))
      throw new InvalidArgumentError('It is no number of milliseconds.');
    return value;
  };
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
