// SPDX-License-Identifier: MIT
// Generated from contracts/metrics.yaml by: npm run xtask regen-metrics

import type { ErrorCode } from './errors.ts';

/** The labels of every exported series. */
export interface MetricLabels {
  readonly tasks_enqueued_total: { readonly pool_id: string; readonly priority: 'interactive' | 'batch' };
  readonly tasks_started_total: {
    readonly engine: string;
    readonly engine_version: string;
    readonly pool_id: string;
    readonly replica_id: string;
    readonly priority: 'interactive' | 'batch';
  };
  readonly tasks_canceled_total: { readonly pool_id: string; readonly priority: 'interactive' | 'batch' };
  readonly tasks_ended_total: {
    readonly pool_id: string;
    readonly priority: 'interactive' | 'batch';
    readonly outcome: 'completed' | 'canceled' | 'evicted' | 'failed';
  };
  readonly fenced_writes_total: { readonly pool_id: string };
  readonly tasks_replayed_total: { readonly pool_id: string };
  readonly watchdog_aborts_total: { readonly pool_id: string; readonly limit: 'wall' | 'idle' | 'first_token' };
  readonly engine_restarts_total: { readonly pool_id: string };
  readonly tasks_rejected_total: { readonly reason: ErrorCode };
  readonly queue_depth: { readonly pool_id: string; readonly priority: 'interactive' | 'batch' };
  readonly queue_paused: { readonly pool_id: string };
  readonly tokens_in_total: { readonly engine: string; readonly pool_id: string; readonly replica_id: string };
  readonly tokens_out_total: { readonly engine: string; readonly pool_id: string; readonly replica_id: string };
  readonly latency_first_token_ms: {
    readonly engine: string;
    readonly pool_id: string;
    readonly priority: 'interactive' | 'batch';
  };
  readonly latency_decode_ms: { readonly engine: string; readonly pool_id: string; readonly replica_id: string };
  readonly admission_backpressure_events_total: { readonly policy: 'reject' | 'drop-lru' | 'shed-low-priority' };
  readonly prediction_error_ms: { readonly pool_id: string };
  readonly predictions_omitted_total: { readonly pool_id: string };
  readonly kv_cache_usage_ratio: { readonly engine: string; readonly pool_id: string; readonly replica_id: string };
  readonly gpu_utilization: { readonly device: string };
  readonly vram_used_bytes: { readonly device: string };
  readonly model_state: { readonly pool_id: string; readonly model_id: string };
  readonly catalog_verifications_total: { readonly verdict: 'match' | 'mismatch' | 'missing' | 'invalid' };
  readonly slots_busy: { readonly pool_id: string; readonly replica_id: string };
  readonly streams_open: Readonly<Record<never, string>>;
  readonly store_lost_records: Readonly<Record<never, string>>;
  readonly artifacts_damaged_total: Readonly<Record<never, string>>;
  readonly memory_pressure: Readonly<Record<never, string>>;
}

/** The closed list of exported series. */
export type MetricName = keyof MetricLabels;

/** What the contract says about one series. */
export interface MetricRow {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly unit: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly buckets?: readonly number[];
  readonly help: string;
}

/** Every exported series with its type, unit, labels and buckets. */
export const METRIC_TABLE: Readonly<Record<MetricName, MetricRow>> = {
  tasks_enqueued_total: {
    type: 'counter',
    unit: 'tasks',
    labels: ['pool_id', 'priority'],
    help: 'Tasks accepted into a queue.',
  },
  tasks_started_total: {
    type: 'counter',
    unit: 'tasks',
    labels: ['engine', 'engine_version', 'pool_id', 'replica_id', 'priority'],
    help: 'Jobs handed to an engine.',
  },
  tasks_canceled_total: {
    type: 'counter',
    unit: 'tasks',
    labels: ['pool_id', 'priority'],
    help: 'Tasks that ended canceled.',
  },
  tasks_ended_total: {
    type: 'counter',
    unit: 'tasks',
    labels: ['pool_id', 'priority', 'outcome'],
    help: 'Tasks that reached a terminal state.',
  },
  fenced_writes_total: {
    type: 'counter',
    unit: 'writes',
    labels: ['pool_id'],
    help: 'Pieces and ends of executions that no longer had the right to run, dropped.',
  },
  tasks_replayed_total: {
    type: 'counter',
    unit: 'tasks',
    labels: ['pool_id'],
    help: 'Executions begun to replay a job whose earlier one was lost.',
  },
  watchdog_aborts_total: {
    type: 'counter',
    unit: 'tasks',
    labels: ['pool_id', 'limit'],
    help: 'Jobs aborted because their engine took too long, by the limit that was passed.',
  },
  engine_restarts_total: {
    type: 'counter',
    unit: 'restarts',
    labels: ['pool_id'],
    help: 'Engines killed and started anew because they ignored an abort.',
  },
  tasks_rejected_total: {
    type: 'counter',
    unit: 'tasks',
    labels: ['reason'],
    help: 'Tasks refused at admission, by error code.',
  },
  queue_depth: { type: 'gauge', unit: 'tasks', labels: ['pool_id', 'priority'], help: 'Tasks waiting now.' },
  queue_paused: {
    type: 'gauge',
    unit: 'state',
    labels: ['pool_id'],
    help: "1 while the pool's queue takes tasks and starts none, else 0.",
  },
  tokens_in_total: {
    type: 'counter',
    unit: 'tokens',
    labels: ['engine', 'pool_id', 'replica_id'],
    help: 'Prompt tokens the engine evaluated for finished jobs.',
  },
  tokens_out_total: {
    type: 'counter',
    unit: 'tokens',
    labels: ['engine', 'pool_id', 'replica_id'],
    help: 'Tokens generated by finished jobs.',
  },
  latency_first_token_ms: {
    type: 'histogram',
    unit: 'ms',
    labels: ['engine', 'pool_id', 'priority'],
    buckets: [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 120000, 600000],
    help: 'From acceptance to the first token.',
  },
  latency_decode_ms: {
    type: 'histogram',
    unit: 'ms',
    labels: ['engine', 'pool_id', 'replica_id'],
    buckets: [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 120000, 600000],
    help: 'From hand-over to the engine to the last token.',
  },
  admission_backpressure_events_total: {
    type: 'counter',
    unit: 'events',
    labels: ['policy'],
    help: 'Times a full queue refused, evicted or shed a task.',
  },
  prediction_error_ms: {
    type: 'histogram',
    unit: 'ms',
    labels: ['pool_id'],
    buckets: [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 120000, 600000],
    help: 'Absolute difference between the predicted and the true start of a job.',
  },
  predictions_omitted_total: {
    type: 'counter',
    unit: 'tasks',
    labels: ['pool_id'],
    help: 'Accepted tasks whose start could not be predicted.',
  },
  kv_cache_usage_ratio: {
    type: 'gauge',
    unit: 'ratio',
    labels: ['engine', 'pool_id', 'replica_id'],
    help: 'Share of the context memory in use, where the engine tells.',
  },
  gpu_utilization: {
    type: 'gauge',
    unit: 'ratio',
    labels: ['device'],
    help: 'Share of time the device was busy, where it can be read.',
  },
  vram_used_bytes: {
    type: 'gauge',
    unit: 'bytes',
    labels: ['device'],
    help: 'Device memory in use by all processes, where it can be read.',
  },
  model_state: {
    type: 'gauge',
    unit: 'state',
    labels: ['pool_id', 'model_id'],
    help: "1 when the pool's model is ready to serve, else 0.",
  },
  catalog_verifications_total: {
    type: 'counter',
    unit: 'checks',
    labels: ['verdict'],
    help: 'Verifications of model files by what they found.',
  },
  slots_busy: { type: 'gauge', unit: 'slots', labels: ['pool_id', 'replica_id'], help: 'Slots that run a job now.' },
  streams_open: { type: 'gauge', unit: 'streams', labels: [], help: 'Stream connections open now.' },
  store_lost_records: {
    type: 'gauge',
    unit: 'records',
    labels: [],
    help: 'Committed records of the journal that were found missing at the start, until acknowledged.',
  },
  artifacts_damaged_total: {
    type: 'counter',
    unit: 'artifacts',
    labels: [],
    help: 'Readings that found an artifact to be something else than its id says.',
  },
  memory_pressure: {
    type: 'gauge',
    unit: 'ratio',
    labels: [],
    help: '1 while the service is short of memory and takes nothing new, else 0.',
  },
};
