// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { findDifference } from './find-difference.ts';

verifies('ORCH-1238', 'equal streams have no difference', () => {
  expect(findDifference([], [])).toBeUndefined();
  expect(findDifference(['a', ' b'], ['a', ' b'])).toBeUndefined();
});

verifies('ORCH-1238', 'the first piece that differs is told with what stands around it', () => {
  expect(findDifference(['a', ' b', ' c', ' d'], ['a', ' b', ' x', ' d'])).toEqual({
    index: 2,
    original: ' c',
    replay: ' x',
    before: 'a b',
    original_after: ' d',
    replay_after: ' d',
  });
});

verifies('ORCH-1238', 'the same text in other pieces is a difference, and so is an early end', () => {
  expect(findDifference(['ab'], ['a', 'b'])).toMatchObject({
    index: 0,
    original: 'ab',
    replay: 'a',
    replay_after: 'b',
  });
  expect(findDifference(['a', 'b'], ['a'])).toEqual({
    index: 1,
    original: 'b',
    before: 'a',
    original_after: '',
    replay_after: '',
  });
  expect(findDifference(['a'], ['a', 'b'])).toMatchObject({ index: 1, replay: 'b' });
});

verifies('ORCH-1238', 'what is shown around a difference is short', () => {
  const pieces = Array.from({ length: 100 }, (_, index) => `${index} `);
  const difference = findDifference(pieces, pieces.with(50, 'x'));
  expect(difference?.before).toBe('42 43 44 45 46 47 48 49 ');
  expect(difference?.original_after).toBe('51 52 53 54 55 56 57 58 ');
});
