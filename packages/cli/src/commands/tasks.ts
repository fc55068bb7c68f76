// SPDX-License-Identifier: MIT
import type { OrchClient, Task, TaskQuery } from '@llama-orch/client';
import { Argument, Option, type Command } from 'commander';
import type { Perform } from '../run-cli.ts';
import { formatDuration } from '../terminal/format-duration.ts';
import { formatTable } from '../terminal/table.ts';
import { parseCount } from './parse-options.ts';

const PAGE_TASKS = 500;
const STATES = ['queued', 'running', 'completed', 'canceled', 'evicted', 'failed'] as const;

/** `ps`: what runs and what waits. */
export function addPs(program: Command, perform: Perform): void {
  program
    .command('ps')
    .description('list running and queued tasks')
    .action((_options: object, command: Command) =>
      perform(command, async ({ client, printer }) => {
        const tasks = [
          ...(await listAll(client, { state: 'running' })),
          ...(await listAll(client, { state: 'queued' })),
        ];
        printer.answer({ tasks }, formatTable(HEADING, tasks.map(toRow)));
        return 'ok';
      }),
    );
}

/** `tasks`: the newest tasks, or one in full. */
export function addTasks(program: Command, perform: Perform): void {
  program
    .command('tasks')
    .description('list the newest tasks, or show one')
    .argument('[id]', 'task to show')
    .option('--limit <count>', 'tasks to list', parseCount, 20)
    .addOption(new Option('--state <name>', 'only tasks in this state').choices(STATES))
    .action((id: string | undefined, options: { limit: number; state?: Task['state'] }, command: Command) =>
      perform(command, async ({ client, printer }) => {
        if (id === undefined) {
          const page = await client.list(options);
          printer.answer(page, formatTable(HEADING, page.tasks.map(toRow)));
        } else {
          const task = await client.get(id);
          printer.answer(task, describeTask(task));
        }
        return 'ok';
      }),
    );
}

/** `priority`: moves a waiting task. */
export function addPriority(program: Command, perform: Perform): void {
  program
    .command('priority')
    .description('move a waiting task to the end of a priority')
    .argument('<id>', 'task to move')
    .addArgument(new Argument('<priority>', 'its new rank in the queue').choices(['interactive', 'batch']))
    .action((...[id, priority, , command]: [string, Task['priority'], object, Command]) =>
      perform(command, async ({ client, printer }) => {
        const task = await client.setPriority(id, priority);
        printer.answer(task, describeTask(task));
        return 'ok';
      }),
    );
}

/** `cancel`: ends a task in any phase. */
export function addCancel(program: Command, perform: Perform): void {
  program
    .command('cancel')
    .description('cancel a task in any phase')
    .argument('<id>', 'task to cancel')
    .action((id: string, _options: object, command: Command) =>
      perform(command, async ({ client, printer }) => {
        await client.cancel(id);
        printer.answer({ task_id: id, canceled: true }, [`canceled ${id}`]);
        return 'ok';
      }),
    );
}

async function listAll(client: OrchClient, query: TaskQuery): Promise<readonly Task[]> {
  const tasks: Task[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.list({ ...query, limit: PAGE_TASKS, ...(cursor === undefined ? {} : { cursor }) });
    tasks.push(...page.tasks);
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return tasks;
}

const HEADING = ['TASK', 'POOL', 'STATE', 'PRIORITY', 'POSITION', 'STARTS IN', 'WAITS FOR', 'TOKENS'] as const;

function toRow(task: Task): readonly (string | number | undefined)[] {
  const startsIn = task.predicted_start_ms === undefined ? undefined : formatDuration(task.predicted_start_ms);
  const { task_id, pool_id, state, priority, queue_position, waiting_for, usage } = task;
  return [task_id, pool_id, state, priority, queue_position, startsIn, waiting_for?.reason, usage.tokens_out];
}

function describeTask(task: Task): readonly string[] {
  const { timings, receipt, error, output } = task;
  const facts: readonly (readonly [string, string | number | undefined])[] = [
    ['task', task.task_id],
    ['job', task.job_id],
    ['state', task.finish_reason === undefined ? task.state : `${task.state} (${task.finish_reason})`],
    ['pool', task.pool_id],
    ['session', task.session_id],
    ['priority', task.priority],
    ['position', task.queue_position],
    ['starts in', optionalDuration(task.predicted_start_ms)],
    ['in time with', optionalChance(task.on_time_probability)],
    ['waits for', task.waiting_for && `${task.waiting_for.reason}: ${task.waiting_for.message}`],
    ['cure', task.waiting_for?.cure],
    ['accepted', task.accepted_at],
    ['waited', optionalDuration(timings.queue_time_ms)],
    ['decoded in', optionalDuration(timings.decode_time_ms)],
    ['tokens in', task.usage.tokens_in],
    ['tokens out', task.usage.tokens_out],
    ['error', error && `${error.code}: ${error.message}`],
    ['seed', task.seed],
    ['engine', receipt && `${receipt.engine} ${receipt.engine_version}`],
    ['model', receipt && `${receipt.model_id} ${receipt.model_digest ?? ''}`.trimEnd()],
    ['replica', receipt?.replica_id],
    ['output sha256', receipt?.output_sha256],
  ];
  const lines = facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(13)}  ${value}`]));
  return output?.text === undefined ? lines : [...lines, '', output.text];
}

function optionalChance(probability: number | undefined): string | undefined {
  return probability === undefined ? undefined : `${Math.round(probability * 100)} %`;
}

function optionalDuration(durationMs: number | undefined): string | undefined {
  return durationMs === undefined ? undefined : formatDuration(durationMs);
}
