// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { ERROR_TABLE } from '@llama-orch/api-types';
import { configOf, createLogger, startService, type RunningService } from '@llama-orch/orchestratord';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { readMetricsContract, type LabelRule } from './metrics-contract.ts';
import { parseScrape, sumOf, type ScrapedMetric } from './parse-scrape.ts';

const LIVE_VALUES: Readonly<Record<string, readonly string[]>> = {
  engine: ['mock'],
  engine_version: ['1.0.0'],
  pool_id: ['first', 'second'],
  replica_id: ['first-0', 'first-1', 'second-0'],
  model_id: ['mock-words'],
};

/** One series that a client can make would be as many more. */
const HOSTILE_ROUNDS = 60;

interface Bench extends AsyncDisposable {
  readonly service: RunningService;
  submit(body: object): Promise<string | undefined>;
  finish(taskId: string | undefined): Promise<void>;
  scrape(): Promise<readonly ScrapedMetric[]>;
}

async function startBench(): Promise<Bench> {
  const raw = {
    listen: { port: 0 },
    queue: { interactive_tasks: 2, batch_tasks: 2 },
    shutdown: { grace_ms: 0 },
    sessions: { max_turns: 1000 },
    pools: [
      { id: 'first', adapter: 'mock', replicas: 2, slots: 1 },
      { id: 'second', adapter: 'mock', slots: 1 },
    ],
  };
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const logger = createLogger({ level: 'error', format: 'json', stream: nowhere, secrets: [] });
  const state = await mkdtempDisposable(join(tmpdir(), 'metrics-contract-'));
  const env = { XDG_STATE_HOME: state.path };
  const service = await startService(configOf(raw, { env, folder: state.path }), logger);
  await service.settled;
  return {
    service,
    async submit(body) {
      const headers = { 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body: JSON.stringify(body) };
      const answer = await fetch(`${service.url}/v1/tasks`, init);
      return ((await answer.json()) as { task_id?: string }).task_id;
    },
    async finish(taskId) {
      if (taskId !== undefined) await (await fetch(`${service.url}/v1/tasks/${taskId}/stream`)).text();
    },
    scrape: async () => parseScrape(await (await fetch(`${service.url}/metrics`)).text()),
    async [Symbol.asyncDispose]() {
      await service.stop('the test is over');
      await state.remove();
    },
  };
}

/** A replica that comes back from a fault has no figures of its engine. */
async function everyReplicaReady({ service: { orchestrator } }: Bench): Promise<void> {
  const ready = Promise.withResolvers<void>();
  const look = async (): Promise<void> => {
    const pools = await orchestrator.pools();
    if (pools.every(({ replicas }) => replicas.every(({ state }) => state === 'ready'))) ready.resolve();
  };
  const unwatch = orchestrator.watch(() => void look());
  await look();
  await ready.promise;
  unwatch();
}

/** Every kind of end and refusal, on both pools and priorities; resolves when all have ended. */
async function makeTraffic({ submit, finish, service }: Bench): Promise<void> {
  const ids: (string | undefined)[] = [];
  for (const pool_id of ['first', 'second']) {
    for (const priority of ['interactive', 'batch']) {
      for (const prompt of ['hi', '[[mock tokens=3 fault=refuse]]', '[[mock tokens=3 fault=malformed at=1]]']) {
        const id = await submit({ prompt, pool_id, priority });
        await finish(id);
        ids.push(id);
      }
    }
    const hanging: (string | undefined)[] = [];
    for (let i = 0; i < 6; i++) hanging.push(await submit({ prompt: '[[mock tokens=9 fault=hang at=1]]', pool_id }));
    for (const id of hanging) {
      if (id !== undefined) await fetch(`${service.url}/v1/tasks/${id}/cancel`, { method: 'POST' });
    }
  }
  await submit({ prompt: 'hi', pool_id: 'nowhere' });
  await submit({ prompt: 'hi', max_tokens: 16_777_216 });
}

function seriesCount(metrics: readonly ScrapedMetric[]): number {
  return metrics.reduce((sum, { series }) => sum + series.length, 0);
}

function allowedValues(label: string, { from, closed }: LabelRule): readonly string[] {
  if (closed !== undefined) return closed;
  return from === 'errors' ? Object.keys(ERROR_TABLE) : (LIVE_VALUES[label] ?? []);
}

verifies(
  ['ORCH-6000', 'ORCH-6001'],
  'a scrape after traffic is the contract: names, types, help, labels, values',
  async () => {
    await using bench = await startBench();
    await makeTraffic(bench);
    const scraped = await bench.scrape();
    const { labels: rules, metrics } = readMetricsContract();
    const active = metrics.filter(({ status }) => status !== 'deferred');
    expect(scraped.map(({ name }) => name).toSorted()).toEqual(active.map(({ name }) => name).toSorted());
    for (const metric of active) {
      const live = scraped.find(({ name }) => name === metric.name);
      expect(live, metric.name).toMatchObject({ type: metric.type, help: metric.help });
      // A machine may have no card.
      if (!metric.labels.includes('device')) expect(live?.series.length, metric.name).toBeGreaterThan(0);
      for (const { name, labels } of live?.series ?? []) {
        const { le, ...own } = labels;
        expect(Object.keys(own).toSorted(), name).toEqual(metric.labels.toSorted());
        if (le !== undefined) expect([...(metric.buckets ?? []).map(String), '+Inf'], name).toContain(le);
        for (const [label, value] of Object.entries(own)) {
          expect(allowedValues(label, rules[label] ?? {}), `${name} ${label}`).toContain(value);
        }
      }
    }
  },
);

verifies('ORCH-6003', 'what was counted in is counted out, and nothing is left over', async () => {
  await using bench = await startBench();
  await makeTraffic(bench);
  const scraped = await bench.scrape();
  const accepted = sumOf(scraped, 'tasks_enqueued_total');
  expect(accepted).toBeGreaterThan(12);
  expect(sumOf(scraped, 'tasks_ended_total')).toBe(accepted);
  expect(sumOf(scraped, 'tasks_canceled_total')).toBe(sumOf(scraped, 'tasks_ended_total', { outcome: 'canceled' }));
  for (const outcome of ['completed', 'canceled', 'failed']) {
    expect(sumOf(scraped, 'tasks_ended_total', { outcome }), outcome).toBeGreaterThan(0);
  }
  for (const gauge of ['queue_depth', 'slots_busy', 'streams_open']) expect(sumOf(scraped, gauge), gauge).toBe(0);
  expect(sumOf(scraped, 'tasks_rejected_total', { reason: 'POOL_UNAVAILABLE' })).toBe(1);
  expect(sumOf(scraped, 'tasks_rejected_total', { reason: 'ADMISSION_REJECT' })).toBeGreaterThan(0);
  expect(sumOf(scraped, 'admission_backpressure_events_total', { policy: 'reject' })).toBe(
    sumOf(scraped, 'tasks_rejected_total', { reason: 'ADMISSION_REJECT' }),
  );
});

verifies('ORCH-6002', 'the first scrape has the counters of the configured pools at zero', async () => {
  await using bench = await startBench();
  const scraped = await bench.scrape();
  for (const name of ['tasks_enqueued_total', 'tasks_ended_total', 'tasks_canceled_total', 'tasks_rejected_total']) {
    const series = scraped.find((metric) => metric.name === name)?.series ?? [];
    expect(series.length, name).toBeGreaterThan(3);
    expect(sumOf(scraped, name), name).toBe(0);
  }
});

verifies('ORCH-6001', 'hostile ids and texts make no series', async () => {
  await using bench = await startBench();
  await makeTraffic(bench);
  await everyReplicaReady(bench);
  const before = seriesCount(await bench.scrape());
  for (let i = 0; i < HOSTILE_ROUNDS; i++) {
    const text = randomUUID();
    const id = await bench.submit({ prompt: text, session_id: text, pool_id: 'first', metadata: { [`k${i}`]: text } });
    await bench.submit({ prompt: text, pool_id: `p${i}`, model_ref: text });
    await bench.submit({ prompt: text, engine: `e${i}`, sampler_profile_version: `v${i}` });
    await bench.submit({ prompt: text, [`field_${i}`]: text });
    await fetch(`${bench.service.url}/v1/pools/p${i}/health`);
    await fetch(`${bench.service.url}/${text}`, { method: 'POST', headers: { 'x-correlation-id': text } });
    await bench.finish(id);
  }
  const after = await bench.scrape();
  expect(seriesCount(after)).toBe(before);
  expect(sumOf(after, 'tasks_enqueued_total')).toBeGreaterThan(HOSTILE_ROUNDS);
});
