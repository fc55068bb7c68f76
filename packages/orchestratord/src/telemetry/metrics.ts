// SPDX-License-Identifier: MIT
import { ERROR_TABLE, METRIC_TABLE } from '@llama-orch/api-types';
import { PRIORITIES, type Meter } from '@llama-orch/orchestrator-core';
import { AggregatorRegistry } from 'prom-client';
import { Distribution } from './distribution.ts';
import { Series, type Sample } from './series.ts';

/** Metrics of one service. */
export interface Metrics {
  readonly meter: Meter;
  /** The text exposition. */
  readonly render: () => Promise<string>;
}

/** The values a label takes before anything has happened; labels that are not here are known only later. */
type ZeroValues = Readonly<Record<string, readonly string[]>>;

/**
 * Every metric of the contract. An event costs a number; what the numbers look like is made up at a scrape.
 *
 * @param poolIds The configured pools.
 */
export function createMetrics(poolIds: readonly string[]): Metrics {
  const counters = new Map<string, Series<number>>();
  const gauges = new Map<string, Series<number>>();
  const histograms = new Map<string, Series<Distribution>>();
  const zero = zeroValues(poolIds);
  for (const [name, { type, labels, buckets = [] }] of Object.entries(METRIC_TABLE)) {
    // A gauge says nothing before it is set, unless it stands alone.
    const shown = combinations(labels, type === 'gauge' ? {} : zero);
    if (type === 'histogram')
      histograms.set(name, new Series(labels, { shown, first: () => new Distribution(buckets) }));
    else (type === 'counter' ? counters : gauges).set(name, new Series(labels, { shown, first: () => 0 }));
  }
  const samplesOf = (name: string): readonly Sample[] =>
    (counters.get(name) ?? gauges.get(name))?.cells ??
    of(histograms, name).cells.flatMap(({ labels, value }) => value.samples(name, labels));
  return {
    meter: {
      add(name, labels, amount) {
        of(counters, name).at(labels).value += amount;
      },
      set(name, labels, value) {
        of(gauges, name).at(labels).value = value;
      },
      observe(name, labels, value) {
        of(histograms, name).at(labels).value.add(value);
      },
    },
    render: () => expose(samplesOf),
  };
}

/** The text is that of prom-client, which takes the numbers as it takes those of another process. */
function expose(samplesOf: (name: string) => readonly Sample[]): Promise<string> {
  const metrics = Object.entries(METRIC_TABLE).map(([name, { type, help }]) => {
    return { name, type, help, aggregator: 'sum', values: samplesOf(name) };
  });
  return AggregatorRegistry.aggregate([metrics]).metrics();
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

function of<T>(metrics: ReadonlyMap<string, T>, name: string): T {
  const metric = metrics.get(name);
  if (metric === undefined) throw new Error(`The metric ${name} is not of this type.`);
  return metric;
}
