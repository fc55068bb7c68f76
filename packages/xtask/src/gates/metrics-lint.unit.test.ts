// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect, test } from 'vitest';
import type { MetricContract, MetricRow } from '../generate/metric-table.ts';
import { lintMetricContract, lintMetricUse } from './metrics-lint.ts';

const counter: MetricRow = { name: 'tasks_total', type: 'counter', unit: 'tasks', labels: ['pool_id'], help: 'Tasks.' };
const histogram: MetricRow = {
  name: 'wait_ms',
  type: 'histogram',
  unit: 'ms',
  labels: ['pool_id'],
  buckets: [1, 2],
  help: 'Waits.',
};
const contractOf = (...metrics: readonly MetricRow[]): MetricContract => ({
  labels: { pool_id: { from: 'configuration' } },
  metrics,
});

test('a contract in order has no findings', () => {
  expect(lintMetricContract(contractOf(counter, histogram))).toEqual([]);
});

verifies('ORCH-9104', 'each breach of the conventions is a finding', () => {
  const breaches: readonly (readonly [MetricRow, string])[] = [
    [{ ...counter, name: 'Tasks_total' }, 'Tasks_total: the name is not in snake_case'],
    [{ ...counter, name: 'tasks' }, 'tasks: counters, and only they, end in _total'],
    [{ ...histogram, unit: 's' }, 'wait_ms: the name promises ms, the unit is s'],
    [{ ...histogram, name: 'wait' }, 'wait: the name of a histogram ends in its unit'],
    [{ ...histogram, buckets: [2, 1] }, 'wait_ms: the buckets are not positive and increasing'],
    [{ ...counter, buckets: [1] }, 'tasks_total: histograms, and only they, have buckets'],
    [{ ...counter, help: 'Tasks' }, 'tasks_total: help is not a sentence'],
  ];
  for (const [row, finding] of breaches) expect(lintMetricContract(contractOf(row))).toEqual([finding]);
});

verifies('ORCH-9104', 'a label from clients, without rule or without use is a finding', () => {
  const { metrics } = contractOf(counter);
  const rule = { from: 'configuration' };
  const fromClients = { labels: { task_id: rule }, metrics: [{ ...counter, labels: ['task_id'] }] };
  expect(lintMetricContract(fromClients)).toEqual(['tasks_total: a label takes its values from clients']);
  expect(lintMetricContract({ labels: {}, metrics })).toEqual(['label pool_id: has no rule']);
  expect(lintMetricContract({ labels: { pool_id: rule, device: rule }, metrics })).toEqual([
    'label device: no series has it',
  ]);
  expect(lintMetricContract({ labels: { pool_id: { from: 'requests' } }, metrics })).toEqual([
    'label pool_id: values from unknown "requests"',
  ]);
});

verifies('ORCH-9104', 'a name that is there twice is a finding', () => {
  expect(lintMetricContract(contractOf(counter, counter))).toEqual(['tasks_total: is there twice']);
});

verifies('ORCH-9104', 'code and contract know the same series', () => {
  const path = 'packages/x/src/x.ts';
  const text = `meter.add('tasks_total', {}, 1); new Gauge({ name: 'foreign', help: 'x' });`;
  expect(lintMetricUse(contractOf(counter, histogram), [{ path, text }])).toEqual([
    `${path}: registers foreign, which contracts/metrics.yaml lacks`,
    'wait_ms: is in the contract, but no package records it',
  ]);
  expect(
    lintMetricUse(contractOf(counter, { ...histogram, status: 'deferred' }), [{ path, text: text.slice(0, 34) }]),
  ).toEqual([]);
});
