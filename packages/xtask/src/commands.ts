// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GATES } from './gates/all.ts';
import type { Gate } from './gates/gate.ts';
import { GENERATORS } from './generate/all.ts';
import { checkAffected, devLoop, fix, runTests, type PipelineContext } from './pipeline/pipelines.ts';
import { staleFiles, writeFiles, type FileGenerator } from './generated-file.ts';

/** What a command gets from the command line. */
export interface CommandContext {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly args: readonly string[];
  readonly print: (line: string) => void;
}

/** One xtask command. */
export interface Command {
  readonly name: string;
  /** One line for `help`. */
  readonly summary: string;
  /** Resolves with the process exit code. */
  readonly run: (context: CommandContext) => Promise<number>;
}

const SUMMARIES: Readonly<Record<keyof typeof GENERATORS | keyof typeof GATES, string>> = {
  'regen-openapi': 'Make types, document and validators from contracts/openapi/openapi.yaml',
  'regen-schema': 'Make types, schema and validator from contracts/config.schema.yaml',
  'regen-errors': 'Make the error table and its page from contracts/errors.yaml',
  'regen-metrics': 'Make the metric table and its page from contracts/metrics.yaml',
  'spec-extract': 'Make specs/requirements.json from specs/*.md',
  'spec-lint': 'Check format, ids and ranges of specs/*.md',
  'contract-lint': 'Check ids, examples and error codes of the contracts',
  'metrics-lint': 'Check names, labels, units and buckets of the metrics, and that code records them',
  links: 'Check, offline, every relative link and anchor of the Markdown pages',
  tour: 'Check that the symbols docs/tour.md links to exist',
  trace: 'Check that tests, code and contracts cite the requirements of specs/',
};

/** One line for each script of the root package. */
const SCRIPTS: Readonly<Record<string, string>> = {
  start: 'Install if needed, start the service with the embedded model, show a first task',
  test: 'Install if needed, check everything, run every test',
  check: 'Check and test what a change affects, cached',
  'dev:loop': 'Generate, fix, format, then check and test everything',
  fix: 'Generate, sync project references, fix lint findings, format',
  format: 'Format every file',
  generate: 'Make every generated file again',
  help: 'List the commands',
  xtask: 'Run one part, see below',
};

/** Scripts npm runs without the word `run`. */
const SHORT = { start: true, test: true };

const generators = Object.entries(GENERATORS) as [keyof typeof GENERATORS, FileGenerator][];
const gates = Object.entries(GATES) as [keyof typeof GATES, Gate][];

/** Every xtask command, in the order `help` lists them. */
export const COMMANDS: readonly Command[] = [
  { name: 'help', summary: 'List the commands', run: help },
  { name: 'generate', summary: 'Run every generator', run: (context) => generate(context, generators) },
  { name: 'check', summary: 'Check that generated files are fresh, then run every gate', run: check },
  pipeline('test', 'Check everything, run every test, print how many passed', runTests),
  pipeline('check-affected', 'The same for what a change affects, cached', checkAffected),
  pipeline('dev-loop', 'Generate, fix and format, then test everything', devLoop),
  pipeline('fix', 'Generate, sync project references, fix lint findings, format', fix),
  ...generators.map(([name, generator]): Command => ({
    name,
    summary: SUMMARIES[name],
    run: (context) => generate(context, [[name, generator]]),
  })),
  ...gates.map(([name, gate]): Command => ({
    name,
    summary: SUMMARIES[name],
    run: (context) => judge(context, [[name, gate]]),
  })),
];

function pipeline(name: string, summary: string, run: (context: PipelineContext) => Promise<number>): Command {
  return {
    name,
    summary,
    run: (context) =>
      run({
        ...context,
        check: async () => (await check(context)) === 0,
        generate: async () => (await generate(context, generators)) === 0,
      }),
  };
}

async function help({ root, print }: CommandContext): Promise<number> {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: object };
  print('Commands of this repository:');
  printTable(
    Object.keys(scripts).map((name) => [name in SHORT ? `npm ${name}` : `npm run ${name}`, SCRIPTS[name] ?? '']),
    print,
  );
  print('Parts of them, each as npm run xtask NAME:');
  printTable(
    COMMANDS.map(({ name, summary }) => [name, summary]),
    print,
  );
  print('A new engine adapter: npx nx g @llama-orch/xtask:new-adapter NAME');
  return 0;
}

function printTable(rows: readonly (readonly [string, string])[], print: (line: string) => void): void {
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, summary] of rows) print(`  ${name.padEnd(width)}  ${summary}`);
}

async function generate({ root, print }: CommandContext, chosen: readonly [string, FileGenerator][]): Promise<number> {
  for (const [, generator] of chosen) {
    for (const path of await writeFiles(root, await generator(root))) print(`wrote ${path}`);
  }
  return 0;
}

async function check(context: CommandContext): Promise<number> {
  const freshness = generators.map(([name, generator]): [string, Gate] => [
    `${name} (fresh)`,
    freshnessGate(name, generator),
  ]);
  return judge(context, [...freshness, ...gates]);
}

/** Fails on each file that the generator would write differently, and names the command that mends it. */
export function freshnessGate(name: string, generator: FileGenerator): Gate {
  return async (root) => {
    const stale = await staleFiles(root, await generator(root));
    return stale.map((path) => `${path} is stale; run: npm run xtask ${name}`);
  };
}

async function judge({ root, print }: CommandContext, chosen: readonly [string, Gate][]): Promise<number> {
  let failedCount = 0;
  for (const [name, gate] of chosen) {
    const findings = await findingsOf(gate, root);
    if (findings.length > 0) failedCount += 1;
    print(`${findings.length === 0 ? 'ok    ' : 'FAILED'} ${name}`);
    for (const finding of findings) print(`       ${finding}`);
  }
  return failedCount === 0 ? 0 : 1;
}

/** A gate that cannot do its work has not passed. */
async function findingsOf(gate: Gate, root: string): Promise<readonly string[]> {
  try {
    return await gate(root);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
