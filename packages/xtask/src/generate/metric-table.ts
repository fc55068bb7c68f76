// SPDX-License-Identifier: MIT
import { markdownFile, typescriptFile, type FileGenerator } from '../generated-file.ts';
import { readYaml } from '../read-yaml.ts';

const SOURCE = 'contracts/metrics.yaml';
const ORIGIN = { source: SOURCE, command: 'regen-metrics' };

/** One series of `contracts/metrics.yaml`. */
export interface MetricRow {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly unit: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
  readonly help: string;
  readonly status?: 'deferred';
}

/** Where the values of a label come from. */
export type LabelRule = { readonly closed: readonly string[] } | { readonly from: string };

/** The whole of `contracts/metrics.yaml`. */
export interface MetricContract {
  readonly labels: Readonly<Record<string, LabelRule>>;
  readonly metrics: readonly MetricRow[];
}

/** Reads the metrics contract. */
export async function readMetricContract(root: string): Promise<MetricContract> {
  return (await readYaml(root, SOURCE)) as MetricContract;
}

/** `contracts/metrics.yaml` as a typed table and as a documentation page; deferred series appear on the page only. */
export const generateMetricTable: FileGenerator = async (root) => {
  const contract = await readMetricContract(root);
  return [
    await typescriptFile('contracts/api-types/src/generated/metrics.ts', ORIGIN, metricTableCode(contract)),
    await markdownFile('docs/metrics.md', ORIGIN, metricTablePage(contract)),
  ];
};

function metricTableCode({ labels, metrics }: MetricContract): string {
  const active = metrics.filter(({ status }) => status !== 'deferred');
  const shapes = active.map((row) => {
    const fields = row.labels.map((label) => `readonly ${label}: ${labelType(labels[label])};`);
    return `readonly ${row.name}: ${fields.length === 0 ? 'Readonly<Record<never, string>>' : `{ ${fields.join(' ')} }`};`;
  });
  const entries = active.map(({ name, ...entry }) => `${name}: ${JSON.stringify(entry)},`);
  return `
import type { ErrorCode } from './errors.ts';

/** The labels of every exported series. */
export interface MetricLabels { ${shapes.join('\n')} }

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
export const METRIC_TABLE: Readonly<Record<MetricName, MetricRow>> = { ${entries.join('\n')} };
`;
}

function labelType(rule: LabelRule | undefined): string {
  if (rule === undefined) return 'string';
  if ('closed' in rule) return rule.closed.map((value) => `'${value}'`).join(' | ');
  return rule.from === 'errors' ? 'ErrorCode' : 'string';
}

function metricTablePage({ labels, metrics }: MetricContract): string {
  const series = metrics.map((row) => {
    const help = row.status === 'deferred' ? `${row.help} (Deferred.)` : row.help;
    return `| \`${row.name}\` | ${row.type} | ${row.unit} | ${row.labels.join(', ')} | ${help} |`;
  });
  const rules = Object.entries(labels).map(([label, rule]) => {
    const values = 'closed' in rule ? rule.closed.map((value) => `\`${value}\``).join(' ') : `from the ${rule.from}`;
    return `| \`${label}\` | ${values} |`;
  });
  return `# Metrics

Every series that \`GET /metrics\` exports. Label values never come from clients.

| Name | Type | Unit | Labels | Meaning |
| --- | --- | --- | --- | --- |
${series.join('\n')}

## Label values

| Label | Values |
| --- | --- |
${rules.join('\n')}
`;
}
