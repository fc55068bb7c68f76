// SPDX-License-Identifier: MIT
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Gate } from '../gates/gate.ts';
import { readSpecs } from '../specs/read-specs.ts';
import { programStage, runStages, type Stage, type StageResult } from './stage.ts';
import {
  closingLine,
  countRun,
  failureLines,
  readTestReport,
  TESTS_STAGE,
  unprovenRequirements,
  type TestReport,
} from './test-report.ts';

/** What the pipelines are made from. */
export interface PipelineContext {
  readonly root: string;
  readonly print: (line: string) => void;
  /** Everything `xtask check` runs. */
  readonly check: () => Promise<boolean>;
  /** Everything `xtask generate` runs. */
  readonly generate: () => Promise<boolean>;
}

const REPORT = 'reports/vitest.json';

/** `npm test`: every check of the repository, then every test; ends with the closing line. */
export async function runTests(context: PipelineContext): Promise<boolean> {
  const { root, print } = context;
  await rm(join(root, REPORT), { force: true });
  await mkdir(join(root, 'reports'), { recursive: true });
  const results = await runStages(
    [
      ...staticStages(context),
      nx(TESTS_STAGE, root, 'run-many', '-t', 'all-tests', '-p', 'llama-orch', '--skipNxCache'),
      provenStage(context),
    ],
    { print },
  );
  const report = await readReport(root);
  const counts = countRun(results, report);
  print('');
  for (const line of failureLines(root, results, report)) print(line);
  print(closingLine(counts));
  return counts.failedCount === 0;
}

/** `npm run check`: the same for what a change affects, cached, ending at the first failure. */
export async function checkAffected(context: PipelineContext): Promise<boolean> {
  const stages = [
    ...staticStages(context),
    nx('affected tests', context.root, 'affected', '-t', 'test'),
    nx('release plan', context.root, 'release', 'plan:check'),
  ];
  return allPassed(await runStages(stages, { print: context.print, stopAtFirst: true }));
}

/** `npm run dev:loop`: format, lint, types, generated files, all tests, links. */
export async function devLoop(context: PipelineContext): Promise<boolean> {
  const stages = [{ name: 'generate', run: context.generate }, ...fixStages(context.root)];
  const fixed = await runStages(stages, { print: context.print, stopAtFirst: true });
  return allPassed(fixed) && runTests(context);
}

/** `npm run fix`: mends what a program can mend. */
export async function fix({ root, print, generate }: PipelineContext): Promise<boolean> {
  return allPassed(await runStages([{ name: 'generate', run: generate }, ...fixStages(root)], { print }));
}

function fixStages(root: string): Stage[] {
  return [
    nx('project references', root, 'sync'),
    programStage('lint, with fixes', root, ['eslint', '--fix', '.']),
    programStage('format', root, ['prettier', '--write', '--log-level', 'warn', '.']),
  ];
}

function staticStages({ root, check }: PipelineContext): Stage[] {
  return [
    nx('project references', root, 'sync:check'),
    { name: 'generated files and gates', run: check },
    programStage('unused files, exports and dependencies', root, ['knip', '--no-progress', '--no-config-hints']),
    nx('format, lint and types', root, 'run-many', '-t', 'format-check,lint,typecheck', '-p', 'llama-orch'),
  ];
}

function nx(name: string, root: string, ...args: string[]): Stage {
  return programStage(name, root, ['nx', ...args]);
}

function provenStage({ root, print }: PipelineContext): Stage {
  return {
    name: 'every active requirement was proven',
    run: async () => {
      const findings = await proveRequirements(root);
      for (const finding of findings) print(`       ${finding}`);
      return findings.length === 0;
    },
  };
}

/** Compares the report of the last test run with the active requirements. */
export const proveRequirements: Gate = async (root) => {
  const report = await readReport(root);
  if (report === undefined) return [`${REPORT} is missing: the tests did not run to their end`];
  const { requirements } = await readSpecs(root);
  return unprovenRequirements(requirements, report);
};

async function readReport(root: string): Promise<TestReport | undefined> {
  try {
    return await readTestReport(join(root, REPORT));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function allPassed(results: readonly StageResult[]): boolean {
  return results.every(({ passed }) => passed);
}
