// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readMetricContract, type MetricContract, type MetricRow } from '../generate/metric-table.ts';
import { repositoryFiles } from '../repository-files.ts';
import type { Gate } from './gate.ts';

const KEYS = new Set(['name', 'type', 'unit', 'labels', 'buckets', 'help', 'status']);
const TYPES = new Set(['counter', 'gauge', 'histogram']);
const LABEL_SOURCES = new Set(['configuration', 'engine', 'errors']);
/** Suffixes that promise a unit. */
const UNIT_SUFFIXES = ['ms', 'bytes', 'ratio'];
/** Values chosen by clients make a series without bound. */
const UNBOUNDED_LABELS = new Set(['task_id', 'job_id', 'session_id', 'correlation_id', 'identity', 'prompt']);

const SOURCE = /^packages\/.*\/src\/.*\.ts$/;
const NOT_SHIPPED = /\.test\.ts$|\/testkit\/|\/__fixtures__\/|^packages\/xtask\//;
const REGISTERED = /new (?:\w+\.)?(?:Counter|Gauge|Histogram|Summary)(?:<[^>]*>)?\(\s*\{\s*name:\s*'([^']+)'/g;

/** Checks `contracts/metrics.yaml`, and that code and contract know the same series. */
export const lintMetrics: Gate = async (root) => {
  const contract = await readMetricContract(root);
  return [...lintMetricContract(contract), ...lintMetricUse(contract, await readSources(root))];
};

/** Names, types, units, labels, buckets and help of the contract itself. */
export function lintMetricContract({ labels, metrics }: MetricContract): string[] {
  const names = metrics.map(({ name }) => name);
  const used = new Set(metrics.flatMap((row) => row.labels));
  return [
    ...names.filter((name, i) => names.indexOf(name) !== i).map((name) => `${name}: is there twice`),
    ...metrics.flatMap((row) => lintRow(row).map((finding) => `${row.name}: ${finding}`)),
    ...[...used].filter((label) => labels[label] === undefined).map((label) => `label ${label}: has no rule`),
    ...Object.keys(labels)
      .filter((label) => !used.has(label))
      .map((label) => `label ${label}: no series has it`),
    ...Object.entries(labels).flatMap(([label, rule]) =>
      'closed' in rule || LABEL_SOURCES.has(rule.from) ? [] : [`label ${label}: values from unknown "${rule.from}"`],
    ),
  ];
}

function lintRow(row: MetricRow): string[] {
  const unknown = Object.keys(row).filter((key) => !KEYS.has(key));
  const suffix = UNIT_SUFFIXES.find((unit) => row.name.endsWith(`_${unit}`));
  const checks: readonly (readonly [boolean, string])[] = [
    [unknown.length === 0, `unknown keys ${unknown.join(', ')}`],
    [/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(row.name), 'the name is not in snake_case'],
    [TYPES.has(row.type), `type ${row.type} is not counter, gauge or histogram`],
    [(row.type === 'counter') === row.name.endsWith('_total'), 'counters, and only they, end in _total'],
    [suffix === undefined || suffix === row.unit, `the name promises ${suffix ?? ''}, the unit is ${row.unit}`],
    [row.type !== 'histogram' || suffix !== undefined, 'the name of a histogram ends in its unit'],
    [row.labels.every((label) => !UNBOUNDED_LABELS.has(label)), 'a label takes its values from clients'],
    [(row.type === 'histogram') === (row.buckets !== undefined), 'histograms, and only they, have buckets'],
    [isIncreasing(row.buckets ?? []), 'the buckets are not positive and increasing'],
    [/^\S.*\.$/.test(row.help), 'help is not a sentence'],
  ];
  return checks.filter(([holds]) => !holds).map(([, finding]) => finding);
}

function isIncreasing(buckets: readonly number[]): boolean {
  return buckets.every((bound, i) => bound > (buckets[i - 1] ?? 0));
}

/** A source file of a shipped package. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
}

/** Series that code registers and the contract lacks, and the other way round. */
export function lintMetricUse({ metrics }: MetricContract, sources: readonly SourceText[]): string[] {
  const known = new Set(metrics.map(({ name }) => name));
  const foreign = sources.flatMap(({ path, text }) =>
    [...text.matchAll(REGISTERED)]
      .filter(([, name = '']) => !known.has(name))
      .map(([, name]) => `${path}: registers ${name}, which contracts/metrics.yaml lacks`),
  );
  const dead = metrics
    .filter(({ name, status }) => status !== 'deferred' && !sources.some(({ text }) => text.includes(`'${name}'`)))
    .map(({ name }) => `${name}: is in the contract, but no package records it`);
  return [...foreign, ...dead];
}

async function readSources(root: string): Promise<SourceText[]> {
  const paths = (await repositoryFiles(root)).filter((path) => SOURCE.test(path) && !NOT_SHIPPED.test(path));
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })));
}
