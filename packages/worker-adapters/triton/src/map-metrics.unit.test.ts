// SPDX-License-Identifier: MIT
import { bodyOf } from '@llama-orch/adapter-kit/testkit';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { writtenAnswer } from './__fixtures__/written-answer.ts';
import { activeCount, metricsUrlBeside, parseMetrics } from './map-metrics.ts';

verifies('ORCH-4653', 'the metrics of a server at the usual port lie beside it', () => {
  expect(metricsUrlBeside('http://triton.local:8000/prefix')).toBe('http://triton.local:8002');
  expect(metricsUrlBeside('http://triton.local:9000')).toBeUndefined();
  expect(metricsUrlBeside('https://triton.local')).toBeUndefined();
});

verifies(
  ['ORCH-4653', 'ORCH-1516'],
  'TensorRT-LLM tells its requests and blocks; a server without it tells neither',
  () => {
    const text = bodyOf(writtenAnswer('metrics')).toString();
    expect([activeCount(text), parseMetrics(text)]).toEqual([3, { slotsBusy: 3, kvCacheUsageRatio: 0.25 }]);
    const others = text.replaceAll('nv_trt_llm_', 'nv_other_');
    expect([activeCount(others), parseMetrics(others)]).toEqual([undefined, {}]);
  },
);
