// SPDX-License-Identifier: MIT
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Gate } from '../gates/gate.ts';
import { readSpecs } from '../specs/read-specs.ts';
import { filesToTryAgain, flakyLines, withSecondTry } from './second-try.ts';
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
const SECOND_REPORT = 'reports/vitest-again.json';

/** `npm test`: every check of the repository, then every test; ends with the closing line. */
export async function runTests(context: PipelineContext): Promise<boolean> {
  const { root, print } = context;
  for (const report of [REPORT, SECOND_REPORT]) await rm(join(root, report), { force: true });
  await mkdir(join(root, 'reports'), { recursive: true });
  const results = await runStages([...staticStages(context), testsStage(context), provenStage(context)], { print });
  const report = await readReport(root, REPORT);
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

/** ORCH-9204: what failed among the others is told from what fails alone, too. */
function testsStage({ root, print }: PipelineContext): Stage {
  const all = nx(TESTS_STAGE, root, 'run-many', '-t', 'all-tests', '-p', 'llama-orch', '--skipNxCache');
  return {
    name: TESTS_STAGE,
    run: async () => {
      if (await all.run()) return true;
      const first = await readReport(root, REPORT);
      const files = first === undefined ? [] : filesToTryAgain(first);
      if (first === undefined || files.length === 0) return false;
      for (const line of failureLines(root, [], first)) print(line);
      const output = ['--reporter=default', '--reporter=json', `--outputFile.json=${SECOND_REPORT}`];
      const passed = await programStage(TESTS_STAGE, root, [
        'vitest',
        'run',
        '--maxWorkers=1',
        ...output,
        ...files,
      ]).run();
      const second = await readReport(root, SECOND_REPORT);
      if (second === undefined) return false;
      const last = withSecondTry(first, second);
      await writeFile(join(root, REPORT), JSON.stringify(last));
      for (const line of flakyLines(root, first, last)) print(line);
      return passed;
    },
  };
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
  const report = await readReport(root, REPORT);
  if (report === undefined) return [`${REPORT} is missing: the tests did not run to their end`];
  const { requirements } = await readSpecs(root);
  return unprovenRequirements(requirements, report);
};

async function readReport(root: string, file: string): Promise<TestReport | undefined> {
  try {
    return await readTestReport(join(root, file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function allPassed(results: readonly StageResult[]): boolean {
  return results.every(({ passed }) => passed);
}
