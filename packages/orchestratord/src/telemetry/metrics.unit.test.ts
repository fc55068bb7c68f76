// SPDX-License-Identifier: MIT
import { METRIC_TABLE } from '@llama-orch/api-types';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { createMetrics } from './metrics.ts';

verifies('ORCH-6000', 'every metric of the contract is registered with its type and help', async () => {
  const text = await createMetrics(['a']).render();
  for (const [name, { type, help }] of Object.entries(METRIC_TABLE)) {
    expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
  }
  expect(text.match(/^# TYPE/gm)).toHaveLength(Object.keys(METRIC_TABLE).length);
});

verifies('ORCH-6002', 'series whose labels are known begin at zero', async () => {
  const text = await createMetrics(['a', 'b']).render();
  for (const pool of ['a', 'b']) {
    for (const priority of ['interactive', 'batch']) {
      expect(text).toContain(`tasks_enqueued_total{pool_id="${pool}",priority="${priority}"} 0\n`);
      for (const outcome of ['completed', 'canceled', 'evicted', 'failed']) {
        expect(text).toContain(`tasks_ended_total{pool_id="${pool}",priority="${priority}",outcome="${outcome}"} 0\n`);
      }
    }
    expect(text).toContain(`prediction_error_ms_count{pool_id="${pool}"} 0\n`);
  }
  for (const policy of ['reject', 'drop-lru', 'shed-low-priority']) {
    expect(text).toContain(`admission_backpressure_events_total{policy="${policy}"} 0\n`);
  }
  expect(text).toContain('tasks_rejected_total{reason="ADMISSION_REJECT"} 0\n');
});

verifies('ORCH-6000', 'the meter counts, sets and observes what it is told', async () => {
  const { meter, render } = createMetrics(['a']);
  meter.add('tasks_enqueued_total', { pool_id: 'a', priority: 'batch' }, 3);
  meter.set('queue_depth', { pool_id: 'a', priority: 'batch' }, 2);
  meter.observe('prediction_error_ms', { pool_id: 'a' }, 7);
  const text = await render();
  expect(text).toContain('tasks_enqueued_total{pool_id="a",priority="batch"} 3\n');
  expect(text).toContain('queue_depth{pool_id="a",priority="batch"} 2\n');
  expect(text).toContain('prediction_error_ms_bucket{le="5",pool_id="a"} 0\n');
  expect(text).toContain('prediction_error_ms_bucket{le="10",pool_id="a"} 1\n');
});

verifies('ORCH-6000', 'a histogram counts a value in every bucket that it does not exceed', async () => {
  const { meter, render } = createMetrics(['a']);
  for (const value of [0.5, 5, 5.25, 1e9]) meter.observe('prediction_error_ms', { pool_id: 'a' }, value);
  const shown = [
    'bucket{le="5",pool_id="a"} 2',
    'bucket{le="10",pool_id="a"} 3',
    'bucket{le="+Inf",pool_id="a"} 4',
    'sum{pool_id="a"} 1000000010.75',
    'count{pool_id="a"} 4',
  ];
  for (const look of [await render(), await render()]) {
    for (const line of shown) expect(look).toContain(`prediction_error_ms_${line}\n`);
  }
});

verifies('ORCH-6000', 'two services in one process share no metric', async () => {
  const [first, second] = [createMetrics(['a']), createMetrics(['a'])];
  first.meter.set('streams_open', {}, 5);
  expect(await second.render()).toContain('streams_open 0\n');
});
