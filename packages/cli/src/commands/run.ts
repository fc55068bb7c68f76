// SPDX-License-Identifier: MIT
import type { TaskAccepted, TaskRequest } from '@llama-orch/client';
import { Option, type Command } from 'commander';
import type { ExitReason } from '../exit-codes.ts';
import type { CommandContext, Perform } from '../run-cli.ts';
import { createInterrupt, type Interrupt } from '../terminal/interrupt.ts';
import { createRunView } from '../terminal/run-view.ts';
import { parseCount, parseDuration, parseSeed } from './parse-options.ts';
import { showPlan } from './show-plan.ts';

interface RunOptions {
  readonly chat?: boolean;
  readonly maxTokens?: number;
  readonly seed?: number;
  readonly priority?: 'interactive' | 'batch';
  readonly session?: string;
  readonly model?: string;
  readonly pool?: string;
  readonly deadline?: number;
  readonly detach?: boolean;
  readonly dryRun?: boolean;
  readonly onDisconnect?: 'detach' | 'cancel';
}

/** `run`: submits a task and streams its text. */
export function addRun(program: Command, perform: Perform): void {
  program
    .command('run')
    .description('submit a task and stream its text')
    .argument('<prompt>', 'the prompt; - reads standard input')
    .option('--chat', 'send the prompt as a chat message')
    .option('--max-tokens <count>', 'most tokens to generate', parseCount)
    .option('--seed <number>', 'seed of the sampler; drawn by the service when absent', parseSeed)
    .addOption(new Option('--priority <name>', 'rank in the queue').choices(['interactive', 'batch']))
    .option('--session <id>', 'session this is a turn of')
    .option('--model <ref>', 'model to use')
    .option('--pool <id>', 'pool to use, without fallback')
    .option('--deadline <time>', 'must have started by then, such as 1500ms, 30s or 5m', parseDuration)
    .addOption(new Option('--on-disconnect <what>', 'when the last reader leaves').choices(['detach', 'cancel']))
    .option('--detach', 'print the accepted task and do not follow it')
    .option('--dry-run', 'only say whether, where and when it would run')
    .action((prompt: string, options: RunOptions, command: Command) =>
      perform(command, async (context) => {
        const input = prompt === '-' ? await context.host.readInput() : prompt;
        const request = toTaskRequest(input, options);
        if (options.dryRun === true) return showPlan(context, request);
        return submitAndFollow(context, request, options.detach === true);
      }),
    );
}

/** The request the options ask for; nothing is sent that was not asked for. */
export function toTaskRequest(prompt: string, options: RunOptions): TaskRequest {
  // ORCH-2613: defaults are the service's business.
  const fields: Readonly<Record<string, unknown>> = {
    max_tokens: options.maxTokens,
    seed: options.seed,
    priority: options.priority,
    session_id: options.session,
    model_ref: options.model,
    pool_id: options.pool,
    deadline_ms: options.deadline,
    on_disconnect: options.onDisconnect,
  };
  const asked = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return options.chat === true ? { ...asked, messages: [{ role: 'user', content: prompt }] } : { ...asked, prompt };
}

async function submitAndFollow(
  context: CommandContext,
  request: TaskRequest,
  isDetached: boolean,
): Promise<ExitReason> {
  const { client, host, printer } = context;
  if (isDetached) {
    const accepted = await client.submit(request);
    printer.answer(accepted, [accepted.task_id]);
    return 'ok';
  }
  const interrupt = createInterrupt();
  const ignoreFurther = host.onInterrupt(interrupt.signal);
  try {
    const accepted = await client.submit(request, { signal: interrupt.hard });
    interrupt.onFirst(() => {
      printer.note('canceling…');
      return client.cancel(accepted.task_id, { signal: interrupt.hard });
    });
    return await followTask(context, accepted, interrupt);
  } catch (error) {
    if (interrupt.hard.aborted) return 'interrupted';
    throw error;
  } finally {
    ignoreFurther();
  }
}

async function followTask(
  { client, host, printer }: CommandContext,
  { task_id }: TaskAccepted,
  interrupt: Interrupt,
): Promise<ExitReason> {
  const view = createRunView(host, printer);
  let reason: ExitReason = 'ok';
  try {
    for await (const frames of client.stream(task_id, { signal: interrupt.hard }).batches()) {
      view.show(frames);
      if (frames.some(({ event }) => event === 'error')) reason = 'failed';
    }
  } finally {
    view.close();
  }
  if (!interrupt.hasFired()) return reason;
  await interrupt.settled();
  printer.note(`canceled ${task_id}`);
  return 'interrupted';
}
