// SPDX-License-Identifier: MIT
export { parseScrape, sumOf, type ScrapedMetric, type ScrapedSeries } from './parse-scrape.ts';
export { readMetricsContract, type LabelRule, type MetricsContract } from './metrics-contract.ts';
