// SPDX-License-Identifier: MIT
import type { OrchClient, TaskRequest } from '@llama-orch/client';
import type { Command } from 'commander';
import { EXIT_CODES, type ExitReason } from '../exit-codes.ts';
import { describeVerdict, findReplayable, judgeReplay, ReplayRefusal, requestOfReplay } from '../replay/replay-task.ts';
import type { CommandContext, Perform } from '../run-cli.ts';
import { createInterrupt, type Interrupt } from '../terminal/interrupt.ts';

/** `replay`: runs a completed task again and compares, token by token; ORCH-1238. */
export function addReplay(program: Command, perform: Perform): void {
  program
    .command('replay')
    .description('run a completed task again from its request and receipt, and compare')
    .argument('<id>', 'task to replay')
    .option('--anyway', 'also where the engine or its model is not the same any more')
    .action((id: string, { anyway = false }: { anyway?: boolean }, command: Command) =>
      perform(command, async (context) => {
        try {
          return await replay(context, id, anyway);
        } catch (error) {
          if (!(error instanceof ReplayRefusal)) throw error;
          return refuse(context, error.message);
        }
      }),
    );
}

async function replay({ client, host, printer }: CommandContext, id: string, anyway: boolean): Promise<ExitReason> {
  const replayable = await findReplayable(client, id, anyway);
  const request = requestOfReplay(replayable);
  printer.note(`replaying ${id} as ${request.task_id ?? ''}`);
  const interrupt = createInterrupt();
  const ignoreFurther = host.onInterrupt(interrupt.signal);
  try {
    const pieces = await runToEnd(client, request, interrupt);
    if (interrupt.hasFired()) return 'interrupted';
    const verdict = await judgeReplay(client, replayable, { taskId: request.task_id ?? '', pieces });
    printer.answer(verdict, describeVerdict(verdict, replayable));
    return verdict.identical ? 'ok' : 'different';
  } finally {
    ignoreFurther();
  }
}

/** The pieces of a new task; an interrupt cancels it. */
async function runToEnd(client: OrchClient, request: TaskRequest, interrupt: Interrupt): Promise<readonly string[]> {
  const { task_id: taskId } = await client.submit(request);
  interrupt.onFirst(() => client.cancel(taskId, { signal: interrupt.hard }));
  const { pieces, error } = await read(client, taskId);
  await interrupt.settled();
  if (error !== undefined) throw new Error(`The replay failed with ${error}.`);
  return pieces;
}

async function read(
  client: OrchClient,
  taskId: string,
): Promise<{ readonly pieces: readonly string[]; readonly error: string | undefined }> {
  const pieces: string[] = [];
  let error: string | undefined;
  for await (const frame of client.stream(taskId)) {
    if (frame.event === 'token') pieces.push(frame.data.t);
    if (frame.event === 'error') error = `${frame.data.code}: ${frame.data.message}`;
  }
  return { pieces, error };
}

function refuse({ printer }: CommandContext, message: string): ExitReason {
  printer.note(`llama-orch: ${message}`);
  if (printer.isJson) printer.item({ error: { message, exit_code: EXIT_CODES.refused.code } });
  return 'refused';
}
