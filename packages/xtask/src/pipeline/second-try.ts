// SPDX-License-Identifier: MIT
import { relative } from 'node:path';
import type { TestReport } from './test-report.ts';

/** Most files that are tried again; where more have failed it was not by chance. */
const MOST_FILES = 4;

/** Absolute paths of the files that failed, when they are so few that a second try may tell why. */
export function filesToTryAgain({ testResults }: TestReport): readonly string[] {
  const failed = testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
  return failed.length > MOST_FILES ? [] : failed;
}

/** The first report with what the second try says of its files. */
export function withSecondTry(first: TestReport, second: TestReport): TestReport {
  const again = new Map(second.testResults.map((result) => [result.name, result]));
  const testResults = first.testResults.map((result) => again.get(result.name) ?? result);
  const statuses = testResults.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const count = (wanted: string): number => statuses.filter((status) => status === wanted).length;
  const [numPassedTests, numFailedTests, numTodoTests] = [count('passed'), count('failed'), count('todo')];
  const numPendingTests = statuses.length - numPassedTests - numFailedTests - numTodoTests;
  return { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults };
}

/** The files that failed at first and passed alone, one line each: each is a fault of the test or of what it tests. */
export function flakyLines(root: string, first: TestReport, last: TestReport): readonly string[] {
  const passed = new Set(last.testResults.filter(({ status }) => status === 'passed').map(({ name }) => name));
  return filesToTryAgain(first)
    .filter((name) => passed.has(name))
    .map((name) => `FLAKY ${relative(root, name)}: failed among the others and passed alone`);
}
