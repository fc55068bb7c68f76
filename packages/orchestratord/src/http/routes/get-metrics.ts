// SPDX-License-Identifier: MIT
import { route, type Route } from '../route.ts';

/** Version of the Prometheus text exposition format. */
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** `GET /metrics`; ORCH-2240. */
export function getMetrics(renderMetrics: () => Promise<string>): Route {
  return route('getMetrics', async () => ({
    status: 200,
    headers: ['Content-Type', CONTENT_TYPE],
    body: await renderMetrics(),
  }));
}
