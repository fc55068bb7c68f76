// SPDX-License-Identifier: MIT
import { createHistogram } from 'node:perf_hooks';
import { nowUs, promptFor } from '../engine/token-stamp.ts';
import { LoadClient } from '../load/http-client.ts';
import { usageOf } from '../measure/process-usage.ts';
import type { RelayRig } from './relay-arm.ts';

/** One line of the admission table. */
export interface AdmissionRow {
  readonly connections: number;
  readonly acceptedPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** CPU of the service per accepted task; running it on the engine is part of it. */
  readonly cpuUsPerTask: number;
  /** Answers other than 202. */
  readonly refused: number;
}

/** Submits one-token tasks over `connections` connections for `seconds`. */
export async function measureAdmission(
  { service }: RelayRig,
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
): Promise<AdmissionRow> {
  const client = new LoadClient(service.baseUrl);
  const body = JSON.stringify({
    prompt: promptFor({ tokens: 1, delayUs: 0 }),
    max_tokens: 1,
    determinism: 'best_effort',
  });
  const answeredUs = createHistogram();
  let refused = 0;
  const before = usageOf(service.pid);
  const startUs = nowUs();
  const submit = async (): Promise<void> => {
    while (nowUs() < startUs + seconds * 1e6) {
      const askedUs = nowUs();
      if ((await client.exchange('/v1/tasks', body, () => undefined)) !== 202) refused += 1;
      answeredUs.record(Math.max(1, Math.round(nowUs() - askedUs)));
    }
  };
  await Promise.all(Array.from({ length: connections }, submit));
  const accepted = answeredUs.count - refused;
  const cpuUs = usageOf(service.pid).cpuUs - before.cpuUs;
  client.close();
  return {
    connections,
    acceptedPerSecond: accepted / ((nowUs() - startUs) / 1e6),
    p50Us: answeredUs.percentile(50),
    p99Us: answeredUs.percentile(99),
    cpuUsPerTask: cpuUs / accepted,
    refused,
  };
}
