// SPDX-License-Identifier: MIT

/** One metric of a scrape. */
export interface ScrapedMetric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly series: readonly ScrapedSeries[];
}

/** One series: a histogram has several per combination of labels. */
export interface ScrapedSeries {
  /** With the suffix of a histogram's series. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SERIES = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/;

/** Reads Prometheus text of version 0.0.4. */
export function parseScrape(text: string): readonly ScrapedMetric[] {
  const metrics: { name: string; type: string; help: string; series: ScrapedSeries[] }[] = [];
  for (const line of text.split('\n')) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') metrics.push({ name, help: rest, type: '', series: [] });
    else if (keyword === 'TYPE') Object.assign(metrics.at(-1) ?? {}, { type: rest });
    else if (line !== '') metrics.at(-1)?.series.push(parseSeries(line));
  }
  return metrics;
}

function parseSeries(line: string): ScrapedSeries {
  const [, name = '', labelText = '', value = ''] = SERIES.exec(line) ?? [];
  if (name === '') throw new Error(`Not a series: ${line}`);
  const labels = [...labelText.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', text = '']) => [
    label,
    text,
  ]);
  return { name, labels: Object.fromEntries(labels) as Record<string, string>, value: Number(value) };
}

/** Sum of all series of a metric whose labels fit. */
export function sumOf(
  metrics: readonly ScrapedMetric[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const series = metrics.flatMap((metric) => metric.series.filter((one) => one.name === name));
  const fitting = series.filter((one) => Object.entries(labels).every(([label, value]) => one.labels[label] === value));
  return fitting.reduce((sum, { value }) => sum + value, 0);
}
