// SPDX-License-Identifier: MIT

/** One line of a Prometheus text. */
export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LABEL = /([A-Za-z_][\w]*)="((?:[^"\\]|\\.)*)"/g;
const ESCAPE = /\\(.)/g;

/** Samples of one metric in a Prometheus text, in the order they stand in; NaN and infinities are left out. */
export function readSamples(text: string, name: string): readonly MetricSample[] {
  const samples: MetricSample[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith(name)) continue;
    const rest = line.slice(name.length);
    const labelsEnd = rest.startsWith('{') ? rest.lastIndexOf('}') + 1 : 0;
    const [, digits = ''] = /^[ \t]+(\S+)/.exec(rest.slice(labelsEnd)) ?? [];
    const value = digits === '' ? NaN : Number(digits);
    if (Number.isFinite(value)) samples.push({ labels: labelsIn(rest.slice(0, labelsEnd)), value });
  }
  return samples;
}

/** The sum of the samples that carry all these labels; undefined when there is none. */
export function sumSamples(
  text: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const wanted = Object.entries(labels);
  const values = readSamples(text, name)
    .filter((sample) => wanted.every(([label, value]) => sample.labels[label] === value))
    .map(({ value }) => value);
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

function labelsIn(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from(text.matchAll(LABEL), ([, label = '', value = '']) => [label, value.replace(ESCAPE, unescape)]),
  );
}

function unescape(_: string, letter: string): string {
  return letter === 'n' ? '\n' : letter;
}
