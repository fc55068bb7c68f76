// SPDX-License-Identifier: MIT
import { ERROR_TABLE, METRIC_TABLE, type MetricName } from '@llama-orch/api-types';
import { PRIORITIES, type Meter } from '@llama-orch/orchestrator-core';
import { Counter, Gauge, Registry, type CounterConfiguration, type GaugeConfiguration } from 'prom-client';
import { GatheredHistogram } from './gathered-histogram.ts';
import { Series } from './series.ts';

/** Metrics of one service. */
export interface Metrics {
  readonly meter: Meter;
  /** The text exposition. */
  readonly render: () => Promise<string>;
}

/** The values a label takes before anything has happened; labels that are not here are known only later. */
type ZeroValues = Readonly<Record<string, readonly string[]>>;

/**
 * Every metric of the contract in a registry of its own. Between two scrapes there are plain numbers only.
 *
 * @param poolIds The configured pools.
 */
export function createMetrics(poolIds: readonly string[]): Metrics {
  const registry = new Registry();
  const counters = new Map<string, Series<number>>();
  const gauges = new Map<string, Series<number>>();
  const histograms = new Map<string, GatheredHistogram>();
  const zero = zeroValues(poolIds);
  for (const [name, row] of Object.entries(METRIC_TABLE)) {
    const shape = { name, help: row.help, labelNames: [...row.labels], registers: [registry] };
    if (row.type === 'histogram') {
      const histogram = new GatheredHistogram({ ...shape, buckets: [...(row.buckets ?? [])] });
      for (const labels of combinations(row.labels, zero)) histogram.zero(labels);
      histograms.set(name, histogram);
      continue;
    }
    const series = new Series(row.labels, () => 0);
    if (row.type === 'counter') {
      for (const labels of combinations(row.labels, zero)) series.at(labels);
      registerCounter(shape, series);
      counters.set(name, series);
    } else {
      registerGauge(shape, series);
      gauges.set(name, series);
    }
  }
  return {
    meter: {
      add(name, labels, amount) {
        of(counters, name).at(labels).value += amount;
      },
      set(name, labels, value) {
        of(gauges, name).at(labels).value = value;
      },
      observe(name, labels, value) {
        of(histograms, name).observe(labels, value);
      },
    },
    render: () => registry.metrics(),
  };
}

function registerCounter(shape: CounterConfiguration<string>, { cells }: Series<number>): void {
  new Counter({
    ...shape,
    collect() {
      this.reset();
      for (const { labels, value } of cells) this.inc(labels, value);
    },
  });
}

function registerGauge(shape: GaugeConfiguration<string>, { cells }: Series<number>): void {
  new Gauge({
    ...shape,
    collect() {
      for (const { labels, value } of cells) this.set(labels, value);
    },
  });
}

/** ORCH-6002: a counter that appears with its first event hides that event from a rate. */
function zeroValues(poolIds: readonly string[]): ZeroValues {
  const refusals = Object.entries(ERROR_TABLE).filter(([, { phases }]) =>
    phases.some((phase) => phase === 'admission'),
  );
  return {
    pool_id: poolIds,
    priority: PRIORITIES,
    outcome: ['completed', 'canceled', 'evicted', 'failed'],
    verdict: ['match', 'mismatch', 'missing', 'invalid'],
    policy: ['reject', 'drop-lru', 'shed-low-priority'],
    limit: ['wall', 'idle', 'first_token'],
    reason: refusals.map(([code]) => code),
  };
}

/** Every way to fill the labels; none when a label's values are not known yet. */
function combinations(labels: readonly string[], values: ZeroValues): Record<string, string>[] {
  return labels.reduce<Record<string, string>[]>(
    (rows, label) => rows.flatMap((row) => (values[label] ?? []).map((value) => ({ ...row, [label]: value }))),
    [{}],
  );
}

function of<T>(metrics: ReadonlyMap<string, T>, name: MetricName): T {
  const metric = metrics.get(name);
  if (metric === undefined) throw new Error(`The metric ${name} is not of this type.`);
  return metric;
}
