// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { samplesOf, sumOf } from './metrics-scrape.ts';

const SCRAPE = [
  '# HELP tasks_ended_total Tasks that reached a terminal state.',
  '# TYPE tasks_ended_total counter',
  'tasks_ended_total{pool_id="a",outcome="completed"} 2',
  'tasks_ended_total{pool_id="b",outcome="failed"} 3',
  'streams_open 1',
].join('\n');

verifies('ORCH-8001', 'what is left behind is read from every series of a name', () => {
  expect(samplesOf(SCRAPE)).toHaveLength(3);
  expect(sumOf(SCRAPE, 'tasks_ended_total')).toBe(5);
  expect(sumOf(SCRAPE, 'tasks_ended_total', { outcome: 'failed' })).toBe(3);
  expect(sumOf(SCRAPE, 'streams_open')).toBe(1);
});
