// SPDX-License-Identifier: MIT
export { ERROR_TABLE, type ErrorCode, type ErrorRow } from './errors.ts';
export { METRIC_TABLE, type MetricLabels, type MetricName } from './metrics.ts';
