// SPDX-License-Identifier: MIT
import type { MetricLabels, MetricName } from '@llama-orch/api-types';
import type { Meter } from '../ports.ts';

/** A meter whose series can be asked. */
export class CountingMeter implements Meter {
  readonly #series = new Map<string, number>();

  add<N extends MetricName>(name: N, labels: MetricLabels[N], amount: number): void {
    const key = keyOf(name, labels);
    this.#series.set(key, (this.#series.get(key) ?? 0) + amount);
  }

  set<N extends MetricName>(name: N, labels: MetricLabels[N], value: number): void {
    this.#series.set(keyOf(name, labels), value);
  }

  observe<N extends MetricName>(name: N, labels: MetricLabels[N], _value: number): void {
    this.add(name, labels, 1);
  }

  /** Sum of all series of that name whose labels hold `part`. */
  total(name: MetricName, part: Readonly<Record<string, string>> = {}): number {
    const parts = Object.entries(part).map(([label, value]) => `,${label}=${value},`);
    let sum = 0;
    for (const [key, value] of this.#series) {
      if (key.startsWith(`${name}{`) && parts.every((wanted) => key.includes(wanted))) sum += value;
    }
    return sum;
  }
}

function keyOf(name: MetricName, labels: Readonly<Record<string, string>>): string {
  let key = `${name}{,`;
  for (const label in labels) key += `${label}=${labels[label] ?? ''},`;
  return key;
}
