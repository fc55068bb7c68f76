// SPDX-License-Identifier: MIT
import { writeFile } from 'node:fs/promises';
import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { measureAdmission } from './arms/admission-arm.ts';
import { measureEmbedded } from './arms/embedded-arm.ts';
import { measureMemory } from './arms/memory-arm.ts';
import { measureRelay, startRelayRig } from './arms/relay-arm.ts';
import { calibrateInSimulation, calibrateOnMock } from './calibration/calibrate.ts';
import { tableOf } from './print-table.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'relay,admission,memory,embedded,calibration' },
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
  `Node ${process.version}, ${String(report['cpu'])}, ${values.quick ? 'quick run' : `medians of ${rounds} rounds`}\n`,
);

if (chosen.has('relay')) {
  await using rig = await startRelayRig({ entry: 'built' });
  const plans = [1, 32, 256].flatMap((streams) => [20_000, 0].map((delayUs) => ({ streams, delayUs })));
  const rows = [];
  for (const { streams, delayUs } of plans) {
    rows.push(await measureRelay(rig, { streams, shape: { tokens: 64, delayUs }, seconds, rounds }));
  }
  report['relay'] = rows;
  const head = [
    'relay: streams',
    'pace ms',
    'tokens/s',
    '× direct',
    'TTFT added p50 µs',
    'token added p50 µs',
    'CPU µs/token',
    'faults',
  ];
  const cells = rows.map((row) => [
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

if (chosen.has('admission')) {
  const rows = [];
  for (const connections of [16, 64]) {
    await using rig = await startRelayRig({ entry: 'built' });
    await measureAdmission(rig, { connections, seconds: 1 });
    rows.push(await measureAdmission(rig, { connections, seconds }));
  }
  report['admission'] = rows;
  const head = ['admission: connections', 'accepted/s', 'p50 µs', 'p99 µs', 'CPU µs/task', 'refused'];
  const cells = rows.map((row) => [
    String(row.connections),
    row.acceptedPerSecond,
    row.p50Us,
    row.p99Us,
    row.cpuUsPerTask,
    row.refused,
  ]);
  console.log(`${tableOf(head, cells)}\n`);
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
  const row = await measureEmbedded({ tokens: 400, rounds: values.quick ? 4 : 16 });
  report['embedded'] = row;
  const head = ['embedded: tokens a reply', 'direct tokens/s', 'service tokens/s', 'service / direct'];
  const cells = [[String(row.tokens), row.directTokensPerSecond, row.serviceTokensPerSecond, row.ratio]];
  console.log(`${tableOf(head, cells)}\n`);
}

if (chosen.has('calibration')) {
  const seeds = values.quick ? [1] : [1, 2, 3, 4, 5];
  const arms = {
    simulation: await calibrateInSimulation({ seeds, tasks: values.quick ? 200 : 600 }),
    mock: await calibrateOnMock({ seed: 1, tasks: values.quick ? 60 : 200 }),
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
    ];
    const cells = rows.map(({ scenario, scores: { service, positionMean, constant, ...counts } }) => {
      const ways = [service, positionMean, constant];
      const figures = [...ways.map(({ startMs }) => startMs), ...ways.map(({ brier }) => brier)];
      return [scenario, ...figures, counts.startCount, counts.deadlineCount, counts.omittedCount];
    });
    console.log(`${tableOf(head, cells)}\n`);
  }
}

if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
