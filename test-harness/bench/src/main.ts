// SPDX-License-Identifier: MIT
import { writeFile } from 'node:fs/promises';
import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { ADMISSION_BAR, keepsAdmissionBar, measureAdmission, type AdmissionRow } from './arms/admission-arm.ts';
import { DECODER_BAR, keepsDecoderBar, measureDecoder } from './arms/decoder-arm.ts';
import { DURABILITY_BAR, keepsDurabilityBar, measureDurability, type DurabilityRow } from './arms/durability-arm.ts';
import { measureEmbedded, type EmbeddedRow } from './arms/embedded-arm.ts';
import { measureMemory } from './arms/memory-arm.ts';
import { measureRelay, startRelayRig, type RelayRow } from './arms/relay-arm.ts';
import { calibrateInSimulation, calibrateOnMock } from './calibration/calibrate.ts';
import { tableOf } from './print-table.ts';
import { compareSwapPolicies } from './swap/compare-swap-policies.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'relay,durability,admission,memory,embedded,calibration,swap,decoder' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const chosen = new Set(values.only.split(','));
const seconds = values.quick ? 1 : 4;
const rounds = values.quick ? 1 : 3;
const report: Record<string, unknown> = {
  at: new Date().toISOString(),
  node: process.version,
  kernel: release(),
  cpu: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
  quick: values.quick,
};
console.log(
  `Node ${process.version}, ${String(report['cpu'])}, ${values.quick ? 'quick run' : `medians of ${rounds} rounds or more`}\n`,
);

if (chosen.has('relay')) {
  await using memory = await startRelayRig({ entry: 'built' });
  await using durable = await startRelayRig({ backend: 'sqlite', entry: 'built' });
  const plans = [1, 32, 256].flatMap((streams) => [20_000, 0].map((delayUs) => ({ streams, delayUs })));
  const rows: (RelayRow & { readonly backend: string })[] = [];
  for (const { streams, delayUs } of plans) {
    for (const [backend, rig] of Object.entries({ memory, sqlite: durable })) {
      rows.push({
        backend,
        ...(await measureRelay(rig, { streams, shape: { tokens: 64, delayUs }, seconds, rounds })),
      });
    }
  }
  report['relay'] = rows;
  const head = [
    'relay: store',
    'streams',
    'pace ms',
    'tokens/s',
    '× direct',
    'TTFT added p50 µs',
    'token added p50 µs',
    'CPU µs/token',
    'faults',
  ];
  const cells = rows.map((row) => [
    row.backend,
    String(row.streams),
    row.delayUs / 1000,
    row.tokensPerSecond,
    row.shareOfDirect,
    row.firstTokenAddedUs,
    row.tokenAddedUs,
    row.cpuUsPerToken,
    row.faults,
  ]);
  console.log(`${tableOf(head, cells)}\n`);
}

if (chosen.has('durability')) {
  await using memory = await startRelayRig({ entry: 'built' });
  await using sqlite = await startRelayRig({ backend: 'sqlite', entry: 'built' });
  const rows: DurabilityRow[] = [];
  // Both services run at once: 128 streams of each are what the machine carries of 256.
  for (const streams of [32, 128]) {
    const plan = {
      streams,
      delayUs: 20_000,
      rounds: 2 * rounds,
      warmReplies: 20_000,
      lengths: [64, 512],
    } as const;
    rows.push(await measureDurability({ memory, sqlite }, plan));
  }
  report['durability'] = rows;
  const head = [
    'durability: streams',
    'token µs: memory',
    'sqlite',
    '× memory',
    'task µs: memory',
    'sqlite',
    'bare sync µs',
    'faults',
  ];
  const cells = rows.map((row) => [
    String(row.streams),
    row.memoryTokenUs,
    row.sqliteTokenUs,
    row.sqliteTokenUs / row.memoryTokenUs,
    row.memoryTaskUs,
    row.sqliteTaskUs,
    row.bareSyncUs,
    row.faults,
  ]);
  console.log(`${tableOf(head, cells)}\n`);
  const isKept = keepsDurabilityBar(rows);
  console.log(`The bar for tasks on disk (${DURABILITY_BAR} x memory a token) is ${isKept ? 'kept' : 'MISSED'}.\n`);
  if (!isKept) process.exitCode = 1;
}

if (chosen.has('admission')) {
  const rows: AdmissionRow[] = [];
  const ratios = new Map<AdmissionRow, string>();
  for (const work of ['waits', 'runs'] as const) {
    for (const connections of [16, 64]) {
      const memory = await measureAdmission({ backend: 'memory', work, connections, seconds });
      const durable = await measureAdmission({ backend: 'sqlite', work, connections, seconds });
      rows.push(memory, durable);
      // ORCH-8303
      ratios.set(durable, (durable.acceptedPerSecond / memory.acceptedPerSecond).toFixed(2));
    }
  }
  report['admission'] = rows;
  const head = [
    'admission: store',
    'the task',
    'connections',
    'accepted/s',
    '× memory',
    'p50 µs',
    'p99 µs',
    'loop p99 ms',
    'CPU µs/task',
    'refused',
  ];
  const cells = rows.map((row) => [
    row.backend,
    row.work,
    String(row.connections),
    row.acceptedPerSecond,
    ratios.get(row) ?? '',
    row.p50Us,
    row.p99Us,
    row.loopP99Ms,
    row.cpuUsPerTask,
    row.refused,
  ]);
  console.log(`${tableOf(head, cells)}\n`);
  const { connections, acceptedPerSecond, p99Us, loopP99Ms } = ADMISSION_BAR;
  const bar = `${acceptedPerSecond}/s, p99 ${p99Us / 1000} ms, loop p99 ${loopP99Ms} ms at ${connections} connections`;
  const isKept = keepsAdmissionBar(rows) ?? false;
  console.log(`The bar for durable admission (${bar}) is ${isKept ? 'kept' : 'MISSED'}.\n`);
  if (!isKept) process.exitCode = 1;
}

if (chosen.has('memory')) {
  const rows = await measureMemory(values.quick ? 200 : 1000);
  report['memory'] = rows;
  const head = ['memory: streams open', 'kind', 'before MB', 'open MB', 'KB per stream', 'faults'];
  const cells = rows.map((row) => [
    String(row.streams),
    row.kind,
    row.beforeMb,
    row.openMb,
    row.kbPerStream,
    row.faults,
  ]);
  console.log(`${tableOf(head, cells)}\n`);
}

if (chosen.has('embedded')) {
  const rows: EmbeddedRow[] = [];
  for (const backend of ['memory', 'sqlite'] as const) {
    rows.push(await measureEmbedded({ backend, tokens: 400, rounds: values.quick ? 4 : 32 }));
  }
  report['embedded'] = rows;
  const head = ['embedded: store', 'tokens a reply', 'direct tokens/s', 'service tokens/s', 'service / direct'];
  const cells = rows.map((row) => [
    row.backend,
    String(row.tokens),
    row.directTokensPerSecond,
    row.serviceTokensPerSecond,
    row.ratio,
  ]);
  console.log(`${tableOf(head, cells)}\n`);
}

if (chosen.has('calibration')) {
  const seeds = values.quick ? [1, 2] : [1, 2, 3, 4, 5];
  const arms = {
    simulation: await calibrateInSimulation({ seeds, tasks: values.quick ? 300 : 600 }),
    mock: await calibrateOnMock({ seeds: values.quick ? [1] : [1, 2, 3], tasks: values.quick ? 120 : 240 }),
  };
  report['calibration'] = arms;
  for (const [arm, rows] of Object.entries(arms)) {
    const errors = ['service', 'position × mean', 'constant'];
    const head = [
      `calibration: ${arm}`,
      ...errors.map((way) => `start error ms: ${way}`),
      ...errors.map((way) => `Brier: ${way}`),
      'starts',
      'deadlines',
      'omitted',
      'jobs took × known',
    ];
    const cells = rows.map(({ scenario, scores: { service, positionMean, constant, ...counts }, serviceRatio }) => {
      const ways = [service, positionMean, constant];
      const figures = [...ways.map(({ startMs }) => startMs), ...ways.map(({ brier }) => brier)];
      return [scenario, ...figures, counts.startCount, counts.deadlineCount, counts.omittedCount, serviceRatio];
    });
    console.log(`${tableOf(head, cells)}\n`);
  }
}

if (chosen.has('swap')) {
  const rows = await compareSwapPolicies({ seeds: values.quick ? 2 : 8, steps: values.quick ? 100 : 400 });
  report['swap'] = rows;
  const head = [
    'swap: three agents, three models, one card',
    'policy',
    'tasks',
    'swaps',
    '× FIFO',
    'wait p50 s',
    'wait p95 s',
    'longest s',
    'bound s',
    'took min',
    'card busy',
  ];
  const cells = rows.map((row) => [
    row.scenario,
    row.policy,
    row.taskCount,
    row.swapCount,
    row.ofFifoRatio,
    row.waitP50Ms / 1000,
    row.waitP95Ms / 1000,
    row.longestSettledWaitMs / 1000,
    row.boundMs / 1000,
    row.tookMs / 60_000,
    row.busyRatio,
  ]);
  console.log(`${tableOf(head, cells)}\n`);
  const isKept = rows.every(({ keepsBar }) => keepsBar);
  console.log(
    `The bar for swapping (half the swaps of FIFO, no wait beyond the bound) is ${isKept ? 'kept' : 'MISSED'}.\n`,
  );
  if (!isKept) process.exitCode = 1;
}

if (chosen.has('decoder')) {
  const events = values.quick ? 500_000 : 4_000_000;
  const rows = [1, 16, 1_000].map((packetEvents) => measureDecoder({ packetEvents, events, rounds }));
  report['decoder'] = rows;
  const head = ['decoder: events a packet', 'M events/s of CPU', 'MB/s of CPU', 'bytes held an event'];
  const cells = rows.map((row) => [
    String(row.packetEvents),
    row.eventsPerSecond / 1e6,
    row.bytesPerSecond / 1e6,
    row.heldBytesPerEvent,
  ]);
  console.log(`${tableOf(head, cells)}\n`);
  const { eventsPerSecond, bytesPerSecond } = DECODER_BAR;
  const isKept = keepsDecoderBar(rows);
  const bar = `${eventsPerSecond / 1e6} M events/s or ${bytesPerSecond / 1e6} MB/s, no object held`;
  console.log(`The bar for the decoder (${bar}) is ${isKept ? 'kept' : 'MISSED'}.\n`);
  if (!isKept) process.exitCode = 1;
}

if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
