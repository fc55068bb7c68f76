// SPDX-License-Identifier: MIT
export { ERROR_TABLE, type ErrorCode, type ErrorEntry } from './generated/errors.ts';
export { METRIC_TABLE, type MetricEntry, type MetricLabels, type MetricName } from './generated/metrics.ts';
