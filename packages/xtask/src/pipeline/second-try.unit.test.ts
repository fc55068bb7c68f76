// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { filesToTryAgain, flakyLines, withSecondTry } from './second-try.ts';
import { countTests, type TestReport } from './test-report.ts';

type Statuses = readonly string[];

/** A report of files whose tests ended so; one without tests broke before them. */
function reportOf(files: Readonly<Record<string, Statuses>>): TestReport {
  const testResults = Object.entries(files).map(([name, statuses]) => ({
    name: `/r/${name}`,
    status: statuses.length === 0 || statuses.includes('failed') ? 'failed' : 'passed',
    assertionResults: statuses.map((status) => ({ status, fullName: 'a fact' })),
  }));
  const count = (wanted: string): number =>
    Object.values(files)
      .flat()
      .filter((status) => status === wanted).length;
  return {
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('skipped'),
    numTodoTests: 0,
    testResults,
  };
}

const FIRST = reportOf({ a: ['passed', 'skipped'], b: ['passed', 'failed'], c: [] });

verifies('ORCH-9204', 'what failed is tried again, also a file that broke before its tests', () => {
  expect(filesToTryAgain(FIRST)).toEqual(['/r/b', '/r/c']);
});

verifies('ORCH-9204', 'where many files failed none is tried again', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const failed = (count: number): TestReport =>
    reportOf(Object.fromEntries(names.slice(0, count).map((name) => [name, ['failed']])));
  expect([filesToTryAgain(failed(4)).length, filesToTryAgain(failed(5))]).toEqual([4, []]);
});

verifies('ORCH-9204', 'the second try counts, and what passed then is named', () => {
  const last = withSecondTry(FIRST, reportOf({ b: ['passed', 'passed'], c: ['failed'] }));
  expect(countTests(last)).toEqual({ passedCount: 3, failedCount: 1, skippedCount: 1 });
  expect(flakyLines('/r', FIRST, last)).toEqual(['FLAKY b: failed among the others and passed alone']);
});
