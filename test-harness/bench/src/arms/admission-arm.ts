// SPDX-License-Identifier: MIT
import { createHistogram } from 'node:perf_hooks';
import { ServiceUnderTest } from '@llama-orch/harness-bdd';
import { nowUs } from '../engine/token-stamp.ts';
import { LoadClient } from '../load/http-client.ts';
import { createLoopDelay } from '../measure/loop-delay.ts';
import { usageOf } from '../measure/process-usage.ts';

/** One line of the admission table. */
export interface AdmissionRow {
  readonly backend: Backend;
  /** Whether the tasks wait behind a job that never ends, or run. */
  readonly work: Work;
  readonly connections: number;
  readonly acceptedPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** The 99th percentile of the event loop's delay, in milliseconds. */
  readonly loopP99Ms: number;
  /** CPU of the whole service per accepted task; running it is part of it where it runs. */
  readonly cpuUsPerTask: number;
  /** Answers other than 202. */
  readonly refused: number;
}

type Backend = 'memory' | 'sqlite';
type Work = 'waits' | 'runs';

/** What to measure. */
export interface AdmissionPlan {
  readonly backend: Backend;
  readonly work: Work;
  readonly connections: number;
  readonly seconds: number;
  readonly entry?: 'source' | 'built';
}

/** ORCH-1216: what durable admission promises, at this many connections. */
export const ADMISSION_BAR = { connections: 64, acceptedPerSecond: 3_000, p99Us: 50_000, loopP99Ms: 20 } as const;

/** Whether the bar holds; undefined where the rows have no durable line at its connections. */
export function keepsAdmissionBar(rows: readonly AdmissionRow[]): boolean | undefined {
  const judged = rows.filter(
    ({ backend, connections }) => backend === 'sqlite' && connections === ADMISSION_BAR.connections,
  );
  if (judged.length === 0) return undefined;
  return judged.every(
    ({ acceptedPerSecond, p99Us, loopP99Ms, refused }) =>
      acceptedPerSecond >= ADMISSION_BAR.acceptedPerSecond &&
      p99Us < ADMISSION_BAR.p99Us &&
      loopP99Ms < ADMISSION_BAR.loopP99Ms &&
      refused === 0,
  );
}

/** Submits one-token tasks over `connections` connections for `seconds`, to a service of its own. */
export async function measureAdmission(plan: AdmissionPlan): Promise<AdmissionRow> {
  const { backend, work, connections, seconds, entry = 'built' } = plan;
  await using loop = await createLoopDelay();
  const service = await ServiceUnderTest.start({
    entry,
    nodeFlags: loop.nodeFlags,
    env: loop.env,
    config: {
      store: { backend },
      queue: { interactive_tasks: 1_000_000 },
      pools: [{ id: 'main', adapter: 'mock', slots: work === 'runs' ? 512 : 1, options: { delay_ms: 0, start_ms: 0 } }],
      shutdown: { grace_ms: 0 },
    },
  });
  const client = new LoadClient(service.baseUrl);
  try {
    await service.ready();
    const bodyOf = (prompt: string): string => JSON.stringify({ prompt, max_tokens: 1 });
    if (work === 'waits')
      await client.exchange('/v1/tasks', bodyOf('[[mock tokens=1 fault=hang at=0]]'), () => undefined);
    const body = bodyOf(`[[mock tokens=1]] ${'a haiku about rain '.repeat(6)}`);
    // Warm code and open connections first.
    await submitFor(client, body, { connections, seconds: 1 });
    await loop.read(service.pid);
    const before = usageOf(service.pid);
    const { accepted, refused, answeredUs, tookUs } = await submitFor(client, body, { connections, seconds });
    const cpuUs = usageOf(service.pid).cpuUs - before.cpuUs;
    return {
      backend,
      work,
      connections,
      acceptedPerSecond: accepted / (tookUs / 1e6),
      p50Us: answeredUs.percentile(50),
      p99Us: answeredUs.percentile(99),
      loopP99Ms: await loop.read(service.pid),
      cpuUsPerTask: cpuUs / accepted,
      refused,
    };
  } finally {
    client.close();
    service.signal('SIGKILL');
    await service.exited;
  }
}

async function submitFor(
  client: LoadClient,
  body: string,
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
) {
  const answeredUs = createHistogram();
  let refused = 0;
  const startUs = nowUs();
  const submit = async (): Promise<void> => {
    while (nowUs() < startUs + seconds * 1e6) {
      const askedUs = nowUs();
      if ((await client.exchange('/v1/tasks', body, () => undefined)) !== 202) refused += 1;
      answeredUs.record(Math.max(1, Math.round(nowUs() - askedUs)));
    }
  };
  await Promise.all(Array.from({ length: connections }, submit));
  return { accepted: answeredUs.count - refused, refused, answeredUs, tookUs: nowUs() - startUs };
}
