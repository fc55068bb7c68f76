// SPDX-License-Identifier: MIT
import { COMMAND_SUMMARIES, type CommandName } from './command-summaries.ts';
import { GATES } from './gates/all.ts';
import { GENERATORS } from './generate/all.ts';
import { printHelp } from './help.ts';
import { checkAffected, devLoop, fix, runTests, type PipelineContext } from './pipeline/pipelines.ts';
import { freshnessGate, runGates, runGenerators, type RunContext } from './run-gates.ts';

/** A command; true when it passed. */
export type Command = (context: RunContext) => Promise<boolean>;

/** Every xtask command. */
export const COMMANDS: Readonly<Record<CommandName, Command>> = {
  help: printHelp,
  generate,
  check,
  test: pipeline(runTests),
  'check-affected': pipeline(checkAffected),
  'dev-loop': pipeline(devLoop),
  fix: pipeline(fix),
  'regen-openapi': generating('regen-openapi'),
  'regen-schema': generating('regen-schema'),
  'regen-errors': generating('regen-errors'),
  'regen-metrics': generating('regen-metrics'),
  'spec-extract': generating('spec-extract'),
  'spec-lint': judging('spec-lint'),
  'contract-lint': judging('contract-lint'),
  'metrics-lint': judging('metrics-lint'),
  trace: judging('trace'),
  links: judging('links'),
  tour: judging('tour'),
};

/** True when `name` is a command. */
export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMAND_SUMMARIES, name);
}

async function generate(context: RunContext): Promise<boolean> {
  await runGenerators(context, Object.values(GENERATORS));
  return true;
}

async function check(context: RunContext): Promise<boolean> {
  const fresh = Object.entries(GENERATORS).map(
    ([name, make]) => [`${name} (fresh)`, freshnessGate(name, make)] as const,
  );
  return runGates(context, { ...Object.fromEntries(fresh), ...GATES });
}

function generating(name: keyof typeof GENERATORS): Command {
  return async (context) => {
    await runGenerators(context, [GENERATORS[name]]);
    return true;
  };
}

function judging(name: keyof typeof GATES): Command {
  return (context) => runGates(context, { [name]: GATES[name] });
}

function pipeline(run: (context: PipelineContext) => Promise<boolean>): Command {
  return (context) => run({ ...context, check: () => check(context), generate: () => generate(context) });
}
