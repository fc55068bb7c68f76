// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COMMAND_SUMMARIES } from './command-summaries.ts';
import type { RunContext } from './run-gates.ts';

/** One line for each script of the root package. */
const SCRIPT_SUMMARIES: Readonly<Record<string, string>> = {
  start: 'Install if needed, start the service with the embedded model, show a first task',
  test: 'Install if needed, check everything, run every test',
  check: 'Check and test what a change affects, cached',
  'dev:loop': 'Generate, fix, format, then check and test everything',
  fix: 'Generate, sync project references, fix lint findings, format',
  format: 'Format every file',
  generate: 'Make every generated file again',
  bench: 'Measure relay, admission, memory and the embedded engine beside their baselines',
  chaos: 'Kill, soak and damage a running service, and count what its clients notice',
  simulate: 'Run whole services through random lives in virtual time',
  proof: 'Write a bundle of transcripts, metrics and logs of a real run',
  help: 'List the commands',
  xtask: 'Run one part, see below',
};

/** Scripts npm runs without the word `run`. */
const SHORT = new Set(['start', 'test']);

/** `npm run help`: every root script and every xtask command, one line each. */
export async function printHelp({ root, print }: RunContext): Promise<boolean> {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { readonly scripts: object };
  const scripts = Object.keys(manifest.scripts).map(
    (name) => [SHORT.has(name) ? `npm ${name}` : `npm run ${name}`, SCRIPT_SUMMARIES[name] ?? ''] as const,
  );
  print('Commands of this repository:');
  printTable(scripts, print);
  print('Parts of them, each as npm run xtask NAME or npx nx run xtask:NAME:');
  printTable(Object.entries(COMMAND_SUMMARIES), print);
  print('A new engine adapter: npx nx g @llama-orch/xtask:new-adapter NAME');
  return true;
}

function printTable(rows: readonly (readonly [string, string])[], print: (line: string) => void): void {
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, summary] of rows) print(`  ${name.padEnd(width)}  ${summary}`);
}
