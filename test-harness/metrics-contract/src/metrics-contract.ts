// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** A label of the contract. */
export interface LabelRule {
  /** Who decides its values: `configuration`, `engine` or `errors`. */
  readonly from?: string;
  /** The only values it may take. */
  readonly closed?: readonly string[];
}

/** `contracts/metrics.yaml`, as far as a scrape is compared with it. */
export interface MetricsContract {
  readonly labels: Readonly<Record<string, LabelRule>>;
  readonly metrics: readonly {
    readonly name: string;
    readonly type: 'counter' | 'gauge' | 'histogram';
    readonly labels: readonly string[];
    readonly help: string;
    readonly buckets?: readonly number[];
    readonly status?: 'deferred';
  }[];
}

/** The contract itself, not what was generated from it. */
export function readMetricsContract(): MetricsContract {
  return parse(readFileSync(new URL('../../../contracts/metrics.yaml', import.meta.url), 'utf8')) as MetricsContract;
}
