// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ERROR_TABLE, METRIC_TABLE } from './index.ts';

verifies('ORCH-9010', 'clients rely on these codes, statuses and answers to "retry?"', () => {
  const surface = Object.entries(ERROR_TABLE).map(([code, { http, retriable }]) => `${code} ${http} ${retriable}`);
  expect(surface).toEqual([
    'INVALID_PARAMS 400 false',
    'ADMISSION_REJECT 429 true',
    'QUEUE_FULL_DROP_LRU 429 true',
    'RATE_LIMITED 429 true',
    'BUDGET_EXHAUSTED 429 false',
    'DEADLINE_UNMET 422 false',
    'MODEL_DEPRECATED 410 false',
    'UNTRUSTED_ARTIFACT 422 false',
    'POOL_UNREADY 503 true',
    'POOL_UNAVAILABLE 404 false',
    'REPLICA_EXHAUSTED 503 true',
    'DECODE_TIMEOUT 504 true',
    'WORKER_RESET 502 true',
    'TASK_POISONED 422 false',
    'SESSION_LIMIT 409 false',
    'TASK_CONFLICT 409 false',
    'STREAM_GAP 410 false',
    'NOT_FOUND 404 false',
    'METHOD_NOT_ALLOWED 405 false',
    'UNSUPPORTED_MEDIA_TYPE 415 false',
    'MISSING_TOKEN 401 false',
    'BAD_TOKEN 403 false',
    'FOREIGN_ORIGIN 403 false',
    'PAYLOAD_TOO_LARGE 413 false',
    'HEADERS_TOO_LARGE 431 false',
    'REQUEST_TIMEOUT 408 true',
    'TOO_MANY_STREAMS 503 true',
    'STORE_UNAVAILABLE 503 true',
    'MEMORY_PRESSURE 503 true',
    'RELOAD_FAILED 502 false',
    'FETCH_REFUSED 403 false',
    'FETCH_FAILED 502 true',
    'DISK_BUDGET_EXCEEDED 507 false',
    'INTERNAL 500 true',
  ]);
});

verifies('ORCH-9010', 'dashboards rely on these series and labels', () => {
  const surface = Object.entries(METRIC_TABLE).map(
    ([name, { type, labels }]) => `${type} ${name}{${labels.join(',')}}`,
  );
  expect(surface).toEqual([
    'counter tasks_enqueued_total{pool_id,priority}',
    'counter tasks_started_total{engine,engine_version,pool_id,replica_id,priority}',
    'counter tasks_canceled_total{pool_id,priority}',
    'counter tasks_ended_total{pool_id,priority,outcome}',
    'counter fenced_writes_total{pool_id}',
    'counter tasks_replayed_total{pool_id}',
    'counter watchdog_aborts_total{pool_id,limit}',
    'counter engine_restarts_total{pool_id}',
    'counter tasks_rejected_total{reason}',
    'gauge queue_depth{pool_id,priority}',
    'gauge queue_paused{pool_id}',
    'counter tokens_in_total{engine,pool_id,replica_id}',
    'counter tokens_out_total{engine,pool_id,replica_id}',
    'histogram latency_first_token_ms{engine,pool_id,priority}',
    'histogram latency_decode_ms{engine,pool_id,replica_id}',
    'counter admission_backpressure_events_total{policy}',
    'histogram prediction_error_ms{pool_id}',
    'counter predictions_omitted_total{pool_id}',
    'gauge kv_cache_usage_ratio{engine,pool_id,replica_id}',
    'gauge gpu_utilization{device}',
    'gauge vram_used_bytes{device}',
    'gauge model_state{pool_id,model_id}',
    'counter catalog_verifications_total{verdict}',
    'gauge slots_busy{pool_id,replica_id}',
    'gauge streams_open{}',
    'gauge store_lost_records{}',
    'counter artifacts_damaged_total{}',
    'gauge memory_pressure{}',
  ]);
});
