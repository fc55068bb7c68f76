// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { readSamples, sumSamples } from './prometheus-text.ts';

const TEXT = `# HELP queue_size Requests that wait
# TYPE queue_size gauge
queue_size 3
queue_size_limit 128
busy{model="a}b",kind="say \\"x\\"\\\\"} 2 1700000000000
busy{model="c",kind="y"} 1.5e1
busy{model="d"} NaN
`;

verifies('ORCH-4072', 'samples are found by their whole name and their labels', () => {
  expect(readSamples(TEXT, 'queue_size')).toEqual([{ labels: {}, value: 3 }]);
  expect(readSamples(TEXT, 'busy')).toEqual([
    { labels: { model: 'a}b', kind: 'say "x"\\' }, value: 2 },
    { labels: { model: 'c', kind: 'y' }, value: 15 },
  ]);
});

verifies('ORCH-4072', 'samples of several engines add up; none is undefined', () => {
  expect(sumSamples(TEXT, 'busy')).toBe(17);
  expect(sumSamples(TEXT, 'busy', { model: 'c' })).toBe(15);
  expect(sumSamples(TEXT, 'busy', { model: 'e' })).toBeUndefined();
  expect(sumSamples(TEXT, 'queue')).toBeUndefined();
});
