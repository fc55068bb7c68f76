// SPDX-License-Identifier: MIT
import { createClient, type OrchClient } from '@llama-orch/client';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import type { CliHost } from './cli-host.ts';
import { COMMANDS } from './commands/all.ts';
import { EXIT_CODES, formatExitCodes, type ExitReason } from './exit-codes.ts';
import { reportFailure } from './report-failure.ts';
import { createPrinter, type Printer } from './terminal/printer.ts';

const DEFAULT_URL = 'http://127.0.0.1:8080';

/** What every command gets. */
export interface CommandContext {
  readonly host: CliHost;
  readonly printer: Printer;
  /** Address of the service. */
  readonly url: string;
  readonly client: OrchClient;
}

/** The work of one command; resolves with why it ended. */
export type Work = (context: CommandContext) => Promise<ExitReason>;

/** Performs the work of the command that was named on the command line. */
export type Perform = (command: Command, work: Work) => Promise<void>;

/** Adds one command to the program. */
export type AddCommand = (program: Command, perform: Perform) => void;

/**
 * Runs `llama-orch` with the given arguments.
 *
 * @returns The exit code; a row of EXIT_CODES.
 */
export async function runCli(args: readonly string[], host: CliHost): Promise<number> {
  let reason: ExitReason = 'ok';
  const perform: Perform = async (command, work) => {
    const { json = false, url = urlFrom(host, command) } = command.optsWithGlobals<{ json?: boolean; url?: string }>();
    const printer = createPrinter(host, json);
    try {
      reason = await work({ host, printer, url, client: clientOf(url, host) });
    } catch (error) {
      reason = reportFailure(error, printer);
    }
  };
  try {
    await createProgram(host, perform).parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // ORCH-2604: commander tells what is wrong and ends with 1; here 1 is a failed task.
    reason = error.exitCode === 0 ? 'ok' : 'usage';
    if (reason === 'usage' && args.includes('--json')) {
      createPrinter(host, true).item({ error: { message: error.message, exit_code: EXIT_CODES.usage.code } });
    }
  }
  return EXIT_CODES[reason].code;
}

function createProgram(host: CliHost, perform: Perform): Command {
  const program = new Command('llama-orch')
    .description('Submit, follow and steer tasks of a llama-orch service')
    .option('--json', 'write JSON for programs to standard output')
    .option('--url <address>', `address of the service (default: LLORCH_URL, else ${DEFAULT_URL})`, parseUrl)
    .addHelpText('after', `\n${formatExitCodes()}\n\nA bearer token is read from LLORCH_API_TOKEN.`)
    .showHelpAfterError('(add --help for usage)');
  for (const add of COMMANDS) add(program, perform);
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
    });
  }
  return program;
}

/** A command and all below it. */
function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function clientOf(url: string, { env, fetch }: CliHost): OrchClient {
  // ORCH-2603: an option would leave the token in the shell's history and in the list of processes.
  const token = env.LLORCH_API_TOKEN;
  return createClient({ baseUrl: url, ...(token ? { token } : {}), ...(fetch === undefined ? {} : { fetch }) });
}

function urlFrom({ env }: CliHost, command: Command): string {
  const url = env.LLORCH_URL || DEFAULT_URL;
  return isHttpUrl(url) ? url : command.error(`error: LLORCH_URL '${url}' is no http address.`);
}

function parseUrl(value: string): string {
  if (!isHttpUrl(value)) throw new InvalidArgumentError('It is no http address.');
  return value;
}

function isHttpUrl(value: string): boolean {
  return /^https?:$/.test(URL.parse(value)?.protocol ?? '');
}
