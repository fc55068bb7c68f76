// SPDX-License-Identifier: MIT
import { Histogram, type HistogramConfiguration } from 'prom-client';
import { Series, type Labels } from './series.ts';

/** Most values of one combination of labels that wait: memory stays bounded where nobody scrapes. */
const MAX_WAITING = 256;

/** A histogram whose values wait as plain numbers until a scrape: many counted at once cost far less. */
export class GatheredHistogram {
  readonly #histogram: Histogram;
  readonly #waiting: Series<number[]>;

  constructor(shape: Omit<HistogramConfiguration<string>, 'collect'> & { readonly labelNames: readonly string[] }) {
    this.#waiting = new Series(shape.labelNames, () => []);
    this.#histogram = new Histogram({
      ...shape,
      collect: () => {
        for (const { labels, value } of this.#waiting.cells) this.#count(labels, value);
      },
    });
  }

  /** Shows the labels before anything is observed. */
  zero(labels: Labels): void {
    this.#histogram.zero(labels);
  }

  observe(labels: Labels, value: number): void {
    const { value: waiting } = this.#waiting.at(labels);
    waiting.push(value);
    if (waiting.length === MAX_WAITING) this.#count(labels, waiting);
  }

  #count(labels: Labels, waiting: number[]): void {
    for (const value of waiting) this.#histogram.observe(labels, value);
    waiting.length = 0;
  }
}
