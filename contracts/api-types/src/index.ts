// SPDX-License-Identifier: MIT
export { ERROR_TABLE, type ErrorCode, type ErrorRow } from './generated/errors.ts';
export { METRIC_TABLE, type MetricLabels, type MetricName, type MetricRow } from './generated/metrics.ts';
