// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { OrchError } from '../orch-error.ts';
import type { WorkerAdapter, WorkerFeatures } from '../worker-adapter.ts';
import type { WorkerInput, WorkerRequest, Workload } from '../worker-request.ts';
import { provided } from './adapter-fixture.ts';
import type { CheckContext, Obligation } from './obligation.ts';
import { quiet, within } from './recorded-run.ts';
import { readProps } from './run-obligations.ts';

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Duties around aborts, probes and the adapter's own life. */
export const lifecycleObligations: readonly Obligation[] = [
  { id: 'ORCH-4003', title: 'no piece after an abort', needs: ['endless'], check: fallsSilent },
  { id: 'ORCH-4004', title: 'an aborted run ends canceled', needs: ['endless'], check: endsCanceled },
  {
    id: 'ORCH-4004',
    title: 'a canceled run settles when its slot is free',
    needs: ['endless', 'observation'],
    check: freesSlot,
  },
  { id: 'ORCH-4005', title: 'an aborted signal sends nothing', needs: [], check: sendsNothing },
  {
    id: 'ORCH-4005',
    title: 'an aborted signal costs the engine nothing',
    needs: ['observation'],
    check: startsNothing,
  },
  { id: 'ORCH-4010', title: 'a probe never rejects', needs: [], check: probesAborted },
  { id: 'ORCH-4010', title: 'an engine that is down probes as failed', needs: ['outage'], check: probesOutage },
  { id: 'ORCH-4011', title: 'props are complete and stable', needs: [], check: describesItself },
  { id: 'ORCH-4012', title: 'metrics are readings in range', needs: [], check: readsMetrics },
  { id: 'ORCH-4013', title: 'close is idempotent and final', needs: [], check: closesTwice },
  { id: 'ORCH-4013', title: 'close ends what runs', needs: ['endless'], check: closesBusy },
  { id: 'ORCH-4016', title: 'a slot works on after a cancel', needs: ['endless'], check: worksOn },
  { id: 'ORCH-4017', title: 'a feature the props deny is refused', needs: [], check: refusesDenied },
  { id: 'ORCH-4018', title: 'a restart ends what runs and works on', needs: ['endless', 'restart'], check: restarts },
  { id: 'ORCH-4019', title: 'a change of health is told to who listens', needs: ['outage'], check: tellsHealth },
];

async function fallsSilent({ fixture, run }: CheckContext): Promise<void> {
  const endless = provided(fixture.endless, 'endless request');
  const outside = run(endless);
  await outside.firstPiece();
  outside.abort();
  await quiet();
  await outside.settled();
  const inside = run(endless, { abortInSink: true });
  await inside.firstPiece();
  await quiet();
  await inside.settled();
  await quiet();
  assert.equal(outside.callsAfterAbort + outside.callsAfterSettle, 0, 'pieces came after an abort');
  assert.equal(inside.callsAfterAbort + inside.callsAfterSettle, 0, 'pieces came after an abort inside the sink');
}

async function endsCanceled({ fixture, run }: CheckContext): Promise<void> {
  const recorded = run(provided(fixture.endless, 'endless request'));
  await recorded.firstPiece();
  recorded.abort();
  assert.equal((await recorded.end()).finishReason, 'canceled');
}

async function freesSlot({ fixture, run }: CheckContext): Promise<void> {
  const observer = provided(fixture.observer, 'observer');
  const recorded = run(provided(fixture.endless, 'endless request'));
  await recorded.firstPiece();
  assert.equal(await observer.busySlots(), 1, 'the engine does not work on the run');
  recorded.abort();
  await recorded.settled();
  assert.equal(await observer.busySlots(), 0, 'the run settled while the engine still worked on it');
}

async function sendsNothing({ fixture, run }: CheckContext): Promise<void> {
  const recorded = run(fixture.brief, { abortedBefore: true });
  const end = await recorded.end();
  assert.equal(end.finishReason, 'canceled');
  assert.equal(end.tokensOut, 0);
  assert.equal(recorded.pieces.length, 0, 'pieces came for an aborted signal');
}

async function startsNothing({ fixture, run }: CheckContext): Promise<void> {
  const observer = provided(fixture.observer, 'observer');
  const before = await observer.startedCount();
  await run(fixture.brief, { abortedBefore: true }).settled();
  await quiet();
  assert.equal(await observer.startedCount(), before, 'the engine began a generation');
}

async function probesAborted({ fixture, limitMs }: CheckContext): Promise<void> {
  await within(fixture.adapter.probe(AbortSignal.abort()), limitMs, 'The probe');
}

async function probesOutage({ fixture, limitMs }: CheckContext): Promise<void> {
  await readProps(fixture);
  await provided(fixture.stopEngine, 'way to stop the engine')();
  const health = await within(fixture.adapter.probe(new AbortController().signal), limitMs, 'The probe');
  assert.equal(health.state, 'failed');
  assert.ok(OrchError.is(health.error), 'the error is not an OrchError');
}

async function describesItself({ fixture }: CheckContext): Promise<void> {
  assert.ok(fixture.adapter.kind !== '', 'kind is empty');
  const props = await readProps(fixture);
  for (const key of ['engine', 'engineVersion', 'modelId'] as const) assert.ok(props[key] !== '', `${key} is empty`);
  assert.ok(Number.isInteger(props.slots) && props.slots >= 1, `slots is ${props.slots}`);
  assert.ok(Number.isInteger(props.ctxMaxTokens) && props.ctxMaxTokens >= 1, `ctxMaxTokens is ${props.ctxMaxTokens}`);
  assert.ok(props.workloads.length > 0, 'no workload');
  assert.ok(props.modelDigest === undefined || DIGEST.test(props.modelDigest), `digest is ${props.modelDigest}`);
  assert.deepEqual(await readProps(fixture), props);
}

async function readsMetrics({ fixture, limitMs }: CheckContext): Promise<void> {
  const reading = await within(fixture.adapter.metrics(new AbortController().signal), limitMs, 'The reading');
  const { slotsBusy = 0, kvCacheUsageRatio = 0, contexts = [], devices = [] } = reading;
  assert.ok(Number.isInteger(slotsBusy) && slotsBusy >= 0, `slotsBusy is ${slotsBusy}`);
  assert.ok(kvCacheUsageRatio >= 0 && kvCacheUsageRatio <= 1, `kvCacheUsageRatio is ${kvCacheUsageRatio}`);
  const sessions = new Set(contexts.map(({ sessionId }) => sessionId));
  assert.equal(sessions.size, contexts.length, 'a session is named twice in contexts');
  for (const { bytes = 0 } of contexts)
    assert.ok(Number.isInteger(bytes) && bytes >= 0, `a context has ${bytes} bytes`);
  assert.equal(new Set(devices.map(({ id }) => id)).size, devices.length, 'a device is named twice');
  for (const { id, freeBytes } of devices)
    assert.ok(Number.isInteger(freeBytes) && freeBytes >= 0, `device ${id} has ${freeBytes} bytes left`);
}

async function closesTwice({ fixture, run, limitMs }: CheckContext): Promise<void> {
  await run(fixture.brief).end();
  await within(fixture.adapter.close(), limitMs, 'The first close');
  await within(fixture.adapter.close(), limitMs, 'The second close');
  await run(fixture.brief).fault();
}

async function closesBusy({ fixture, run, limitMs }: CheckContext): Promise<void> {
  const recorded = run(provided(fixture.endless, 'endless request'));
  await recorded.firstPiece();
  await within(fixture.adapter.close(), limitMs, 'The close');
  await Promise.resolve();
  assert.ok(recorded.outcome !== undefined, 'close resolved while a run was going on');
  await quiet();
  assert.equal(recorded.callsAfterSettle, 0, 'pieces came after close');
}

async function worksOn({ fixture, run }: CheckContext): Promise<void> {
  const { features } = await readProps(fixture);
  const before = run(fixture.brief);
  await before.end();
  const canceled = run(provided(fixture.endless, 'endless request'));
  await canceled.firstPiece();
  canceled.abort();
  await canceled.end();
  const after = run(fixture.brief);
  assert.notEqual((await after.end()).finishReason, 'canceled');
  if (features.determinism === 'strict') assert.equal(after.text, before.text);
}

async function restarts({ fixture, run, limitMs }: CheckContext): Promise<void> {
  const { adapter } = fixture;
  const before = run(fixture.brief);
  await before.end();
  const stuck = run(provided(fixture.endless, 'endless request'));
  await stuck.firstPiece();
  provided(adapter.restart === undefined ? undefined : adapter, 'restart').restart?.();
  assert.equal((await stuck.fault()).code, 'WORKER_RESET');
  await within(ready(adapter), limitMs, 'The restart');
  const after = run(fixture.brief);
  await after.end();
  const { features } = await readProps(fixture);
  if (features.determinism === 'strict') assert.equal(after.text, before.text);
  assert.equal(stuck.callsAfterSettle, 0, 'pieces of a killed engine came after its restart');
}

async function tellsHealth({ fixture, limitMs }: CheckContext): Promise<void> {
  const { adapter } = fixture;
  if (adapter.onHealthChange === undefined) return;
  await readProps(fixture);
  let lateCalls = 0;
  const told = Promise.withResolvers<undefined>();
  const leave = adapter.onHealthChange(() => (lateCalls += 1));
  const unsubscribe = adapter.onHealthChange(() => told.resolve(undefined));
  leave();
  await provided(fixture.stopEngine, 'way to stop the engine')();
  await within(told.promise, limitMs, 'The word that the engine is down');
  unsubscribe();
  await quiet();
  assert.equal(lateCalls, 0, 'a listener was called that had been taken away');
}

async function ready(adapter: WorkerAdapter): Promise<void> {
  while ((await adapter.probe(new AbortController().signal)).state !== 'ready') await quiet();
}

async function refusesDenied({ fixture, run }: CheckContext): Promise<void> {
  const { features, workloads } = await readProps(fixture);
  for (const request of deniedRequests(fixture.brief, features, workloads)) {
    const fault = await run(request).fault();
    assert.equal(fault.code, 'INVALID_PARAMS');
    assert.equal(typeof fault.details['field'], 'string', 'details.field does not name what is refused');
  }
}

function deniedRequests(
  brief: WorkerRequest,
  features: WorkerFeatures,
  workloads: readonly Workload[],
): readonly WorkerRequest[] {
  const inputs: readonly WorkerInput[] = [
    { workload: 'completion', prompt: 'a' },
    { workload: 'chat', messages: [{ role: 'user', content: 'a' }], tools: [] },
    { workload: 'embedding', inputs: ['a'] },
    { workload: 'rerank', query: 'a', documents: ['b'] },
  ];
  const denied: WorkerRequest[] = inputs
    .filter(({ workload }) => !workloads.includes(workload))
    .map((input) => ({ ...brief, input }));
  const schema = { type: 'object' };
  if (!features.jsonSchema) denied.push({ ...brief, responseFormat: { type: 'json_schema', schema } });
  if (!features.grammar) denied.push({ ...brief, responseFormat: { type: 'grammar', grammar: 'root ::= "a"' } });
  if (!features.tools && workloads.includes('chat')) {
    const tools = [{ name: 'f', parameters: schema }];
    denied.push({ ...brief, input: { workload: 'chat', messages: [{ role: 'user', content: 'a' }], tools } });
  }
  if (features.determinism !== 'strict') denied.push({ ...brief, determinism: 'strict' });
  return denied;
}
