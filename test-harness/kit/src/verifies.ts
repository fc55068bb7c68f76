// SPDX-License-Identifier: MIT
import { test, type TestFunction } from 'vitest';
import { requirementOf } from './requirements.ts';

/**
 * Registers a vitest test that proves one or more requirements. The ids end the test's title, so a report says which
 * requirement failed. A requirement marked `known-failure` runs as `test.fails`: it turns red on the day it is mended.
 *
 * @param ids Requirement id, or several, as in `ORCH-1000`.
 * @param title A fact in the present tense, as in "a full queue stores nothing".
 * @param body The test; receives the vitest test context.
 * @param timeoutMs Time limit in milliseconds; default is the project's.
 * @throws Error at registration when an id is not in `specs/`.
 */
// eslint-disable-next-line max-params -- same order as vitest's own `test`, so that suites can take either
export function verifies(ids: string | readonly string[], title: string, body: TestFunction, timeoutMs?: number): void {
  const cited = typeof ids === 'string' ? [ids] : ids;
  const requirements = cited.map((id) => requirementOf(id));
  const register = requirements.some(({ status }) => status === 'known-failure') ? test.fails : test;
  register(`${title} [${cited.join(' ')}]`, body, timeoutMs);
}
