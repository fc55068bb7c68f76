// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
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
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
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
  const failedStages = results.filter(({ passed }) => !passed);
  const counts = report === undefined ? { passedCount: 0, failedCount: 0, skippedCount: 0 } : countTests(report);
  // A runner can fail without a failed test, by an error outside of all tests.
  const uncounted = failedStages.filter(({ name }) => name !== TESTS_STAGE || counts.failedCount === 0);
  const missing = report === undefined && uncounted.length === 0 ? 1 : 0;
  return { ...counts, failedCount: counts.failedCount + uncounted.length + missing };
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
