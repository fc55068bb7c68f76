// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Requirement } from '../specs/read-specs.ts';
import type { StageResult } from './stage.ts';

/** The parts of a vitest JSON report that are read here. */
export interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    /** Absolute path of the test file. */
    readonly name: string;
    readonly status: string;
    /** Why the file broke before its tests ran. */
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

/** How many tests ended how. */
export interface TestCounts {
  readonly passedCount: number;
  readonly failedCount: number;
  readonly skippedCount: number;
}

/** Reads a report that `vitest --reporter=json` wrote. */
export async function readTestReport(path: string): Promise<TestReport> {
  return JSON.parse(await readFile(path, 'utf8')) as TestReport;
}

/** Counts tests; a file that failed before any of its tests ran counts as one failure. */
export function countTests(report: TestReport): TestCounts {
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  );
  return {
    passedCount: report.numPassedTests,
    failedCount: report.numFailedTests + brokenFiles.length,
    skippedCount: report.numPendingTests + report.numTodoTests,
  };
}

/** Name of the stage whose failures are counted test by test. */
export const TESTS_STAGE = 'tests';

/** Counts a whole run: every test, and every other stage that failed. A run without a report has failed. */
export function countRun(results: readonly StageResult[], report: TestReport | undefined): TestCounts {
  const counts = report === undefined ? { passedCount: 0, failedCount: 0, skippedCount: 0 } : countTests(report);
  const uncounted = failedStages(results, counts);
  const missing = report === undefined && uncounted.length === 0 ? 1 : 0;
  return { ...counts, failedCount: counts.failedCount + uncounted.length + missing };
}

/** Stages that count as failures; a runner can fail without a failed test, by an error outside of all tests. */
function failedStages(results: readonly StageResult[], { failedCount }: TestCounts): readonly StageResult[] {
  return results.filter(({ name, passed }) => !passed && (name !== TESTS_STAGE || failedCount === 0));
}

/** Most failures that are listed by name; the rest are counted. */
const MOST_LISTED = 20;

/** What failed, one line each, for the end of a run that may be all that is kept of it. */
export function failureLines(root: string, results: readonly StageResult[], report: TestReport | undefined): string[] {
  const tests = (report?.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name);
    const failed = assertionResults.filter((assertion) => assertion.status === 'failed');
    if (failed.length === 0) return status === 'failed' ? [`${file}: ${firstLine(message)}`] : [];
    return failed.map(({ fullName, failureMessages }) => `${file} > ${fullName}: ${firstLine(failureMessages?.[0])}`);
  });
  const counts = report === undefined ? { passedCount: 0, failedCount: 0, skippedCount: 0 } : countTests(report);
  const stages = failedStages(results, counts).map(({ name }) => `stage: ${name}`);
  const all = [...tests, ...stages].map((line) => `FAILED ${line}`);
  const more = all.length > MOST_LISTED ? [`FAILED ${all.length - MOST_LISTED} more`] : [];
  return [...all.slice(0, MOST_LISTED), ...more];
}

function firstLine(message: string | undefined): string {
  const lines = stripVTControlCharacters(message ?? '').split('\n');
  return lines.find((line) => line.trim() !== '')?.trim() ?? 'no message';
}

/** The line that ends every test run; machines read it. */
export function closingLine({ passedCount, failedCount, skippedCount }: TestCounts): string {
  return `${passedCount} passed, ${failedCount} failed, ${skippedCount} skipped`;
}

/**
 * Active requirements that no test of the report proved: a citation in a test that was skipped proves nothing. Tests and
 * scenarios carry their ids in the title.
 */
export function unprovenRequirements(requirements: readonly Requirement[], report: TestReport): string[] {
  const passed = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'passed');
  const proven = new Set(passed.flatMap(({ fullName }) => fullName.match(/ORCH-\d{4}/g) ?? []));
  return requirements
    .filter(({ id, status }) => status === 'active' && !proven.has(id))
    .map(({ id, title, file, line }) => `${file}:${line}: ${id} "${title}" was proven by no test of this run`);
}
