// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect, test } from 'vitest';
import { requirementId } from '../testing/repository.ts';
import { parseSpec } from '../specs/read-specs.ts';
import {
  closingLine,
  countRun,
  countTests,
  failureLines,
  unprovenRequirements,
  type TestReport,
} from './test-report.ts';

const [first, second] = [requirementId(3000), requirementId(3001)];
const { requirements } = parseSpec(
  'specs/core.md',
  `### ${first} One\n\nStatus: active\n\nMUST\n\n### ${second} Two\n\nStatus: deferred (later)\n\nMUST\n`,
);

function reportOf(name: string, status: string, fullName = `a fact [${first}]`): TestReport {
  const failed = status === 'failed';
  return {
    numPassedTests: status === 'passed' ? 1 : 0,
    numFailedTests: failed ? 1 : 0,
    numPendingTests: status === 'pending' ? 1 : 0,
    numTodoTests: 0,
    testResults: [{ name, status: failed ? 'failed' : 'passed', assertionResults: [{ status, fullName }] }],
  };
}

verifies('ORCH-9102', 'a test that passed proves the ids of its title', () => {
  expect(unprovenRequirements(requirements, reportOf('/r/x.test.ts', 'passed'))).toEqual([]);
});

verifies('ORCH-9102', 'a skipped or failed test proves nothing', () => {
  for (const status of ['pending', 'failed']) {
    expect(unprovenRequirements(requirements, reportOf('/r/x.test.ts', status))).toEqual([
      `specs/core.md:1: ${first} "One" was proven by no test of this run`,
    ]);
  }
});

verifies('ORCH-9102', 'a scenario that passed proves the ids of its tags', () => {
  const report = reportOf('/r/a.feature', 'passed', `Feature: A > Scenario: It works (@${first} @slow)`);
  expect(unprovenRequirements(requirements, report)).toEqual([]);
});

verifies('ORCH-9200', 'the closing line counts tests, and a file that broke before its tests', () => {
  expect(closingLine({ passedCount: 3, failedCount: 2, skippedCount: 1 })).toBe('3 passed, 2 failed, 1 skipped');
  const broken = { name: '/r/y.test.ts', status: 'failed', assertionResults: [] };
  const report = { ...reportOf('/r/x.test.ts', 'passed'), testResults: [broken] };
  expect(countTests(report)).toEqual({ passedCount: 1, failedCount: 1, skippedCount: 0 });
});

verifies('ORCH-9200', 'a failed check, an error outside the tests and a missing report count as failures', () => {
  const failedCount = (failed: readonly string[], report: TestReport | undefined): number => {
    const results = ['lint', 'tests'].map((name) => ({ name, passed: !failed.includes(name), wallMs: 0 }));
    return countRun(results, report).failedCount;
  };
  const [green, red] = [reportOf('/r/x.test.ts', 'passed'), reportOf('/r/x.test.ts', 'failed')];
  expect(failedCount([], green)).toBe(0);
  expect(failedCount(['lint'], green)).toBe(1);
  expect(failedCount(['tests'], red)).toBe(1);
  expect(failedCount(['lint', 'tests'], red)).toBe(2);
  expect(failedCount(['tests'], green)).toBe(1);
  expect(failedCount([], undefined)).toBe(1);
});

verifies('ORCH-9200', 'a run ends with the name and the first error line of what failed', () => {
  const red = '\u001b[31m';
  const failureMessages = [`\n${red}AssertionError: expected 1 to be 2\u001b[39m\n    at /r/packages/a/x.test.ts:3`];
  const results = ['lint', 'tests'].map((name) => ({ name, passed: false, wallMs: 0 }));
  const report = {
    ...reportOf('/r/packages/a/x.test.ts', 'failed'),
    testResults: [
      {
        name: '/r/packages/a/x.test.ts',
        status: 'failed',
        assertionResults: [
          { status: 'passed', fullName: 'one', failureMessages: [] },
          { status: 'failed', fullName: 'two', failureMessages },
        ],
      },
      { name: '/r/packages/a/y.test.ts', status: 'failed', message: 'SyntaxError: oh\nmore', assertionResults: [] },
    ],
  };
  expect(failureLines('/r', results, report)).toEqual([
    'FAILED packages/a/x.test.ts > two: AssertionError: expected 1 to be 2',
    'FAILED packages/a/y.test.ts: SyntaxError: oh',
    'FAILED stage: lint',
  ]);
  expect(failureLines('/r', [], reportOf('/r/x.test.ts', 'passed'))).toEqual([]);
  expect(failureLines('/r', results, undefined)).toEqual(['FAILED stage: lint', 'FAILED stage: tests']);
});

verifies('ORCH-9200', 'more failures than people read are counted', () => {
  const failed = { status: 'failed', fullName: 'a fact' };
  const testResults = [{ name: '/r/x.test.ts', status: 'failed', assertionResults: Array(25).fill(failed) }];
  const lines = failureLines('/r', [], { ...reportOf('/r/x.test.ts', 'failed'), testResults });
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toBe('FAILED 5 more');
});

test('todo tests count as skipped', () => {
  expect(countTests({ ...reportOf('/r/x.test.ts', 'pending'), numTodoTests: 2 }).skippedCount).toBe(3);
});
