// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { faultCount, noFaults, ReplyJudge, type Faults } from './reply-judge.ts';

const END = 'id: 1a2b3c4d:4\nevent: end\ndata: {}\n\n';

function judged(indexes: readonly number[], end = END): Faults {
  const faults = noFaults();
  const judge = new ReplyJudge(3, faults, () => undefined);
  for (const index of indexes) judge.take(`event: token\ndata: {"t":"@${index}:17;","i":${index}}\n\n`);
  judge.take(end);
  judge.close();
  return faults;
}

verifies('ORCH-8301', 'a whole reply has no faults', () => {
  expect(judged([0, 1, 2])).toEqual(noFaults());
});

verifies('ORCH-8301', 'each kind of fault is counted as itself', () => {
  expect(judged([0, 2])).toMatchObject({ missing: 1, misplaced: 1 });
  expect(judged([0, 1, 1, 2])).toEqual({ ...noFaults(), doubled: 1 });
  expect(judged([1, 0, 2])).toMatchObject({ misplaced: 3 });
  expect(judged([0, 1, 2, 3])).toEqual({ ...noFaults(), surplus: 1 });
  expect(judged([0, 1, 2], 'event: metrics\ndata: {}\n\n')).toEqual({ ...noFaults(), broken: 1 });
  expect(faultCount(judged([], ''))).toBe(4);
});

verifies('ORCH-8301', 'the end of an engine asked directly counts as an end', () => {
  expect(judged([0, 1, 2], 'data: {"content":"","stop":true}\n\n')).toEqual(noFaults());
});
