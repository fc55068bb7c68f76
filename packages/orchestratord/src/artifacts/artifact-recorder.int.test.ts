// SPDX-License-Identifier: MIT
import { mkdtempDisposable, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  openArtifactStore,
  type ArtifactId,
  type ArtifactStore,
  type ArtifactStoreOptions,
} from '@llama-orch/artifacts';
import { canonicalJson, type ControlEvent, type Orchestrator, type TaskView } from '@llama-orch/orchestrator-core';
import { FakeClock } from '@llama-orch/orchestrator-core/testkit';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { expect } from 'vitest';
import { startTestService, type TestService } from '../__fixtures__/test-service.ts';
import { toWireTrace } from '../http/to-wire-trace.ts';
import { ArtifactRecorder } from './artifact-recorder.ts';

function storeOptions(directory: string): ArtifactStoreOptions {
  return {
    directory,
    maxBytes: 1 << 20,
    maxTotalBytes: 1 << 30,
    maxAgeMs: 1 << 30,
    wallNowMs: () => 0,
    isTaskKept: async () => true,
    onDamaged: () => undefined,
  };
}

/** The contents of all artifacts of a service that has stopped. */
async function tracesIn(directory: string): Promise<Record<string, Record<string, Record<string, unknown>>>[]> {
  const store = await openArtifactStore(storeOptions(directory));
  const { artifacts } = await store.list({ kind: 'trace', limit: 1_000 });
  const traces = await Promise.all(artifacts.map(({ id }) => contentOf(store, id)));
  await store.close();
  return traces as never;
}

async function contentOf(store: ArtifactStore, id: ArtifactId): Promise<unknown> {
  await using reading = await store.read(id);
  return JSON.parse(Buffer.concat(await Array.fromAsync(reading!.chunks)).toString());
}

/** Runs tasks to every kind of end, stops the service and answers what it left. */
async function tracesOf(
  config: Record<string, unknown>,
  use: (service: TestService) => Promise<void>,
): Promise<unknown[]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'traces-'));
  const artifacts = { directory: join(folder.path, 'here'), ...config };
  const service = await startTestService({ config: { artifacts, store: { backend: 'memory' } }, pool: { slots: 1 } });
  await use(service);
  await service[Symbol.asyncDispose]();
  return await tracesIn(artifacts.directory);
}

verifies('ORCH-1331', 'every job leaves one trace, however it ended, without its prompt', async () => {
  await using _leaks = watchLeaks();
  const traces = await tracesOf({}, async (service) => {
    const completed = await service.submit({ prompt: '[[mock tokens=3]] canary', metadata: { agent: 'a' } });
    await service.stream(completed.task_id);
    const canceled = await service.submit({ prompt: '[[mock tokens=9 fault=hang at=1]] canary' });
    await service.fetch(`/v1/tasks/${canceled.task_id}/cancel`, { method: 'POST' });
    await service.submit({ messages: [{ role: 'user', content: '[[mock fault=hang at=1]] canary' }], seed: 7 });
    const late = await service.submit({ prompt: 'waits for ever, canary', session_id: 's', deadline_ms: 1 });
    await service.stream(late.task_id);
    await service.submit({ prompt: 'waits for ever, canary' });
  });
  const text = JSON.stringify(traces);
  expect(text).not.toContain('canary');
  expect(traces).toHaveLength(5);
  const states = traces.map((trace) => (trace as { task: { state: string } }).task.state);
  expect(states.sort()).toEqual(['canceled', 'canceled', 'canceled', 'completed', 'failed']);
  expect(traces).toContainEqual({
    task: expect.objectContaining({
      state: 'completed',
      timings: expect.objectContaining({ total_time_ms: expect.any(Number) }),
    }),
    request: expect.objectContaining({
      workload: 'completion',
      prompt: '[redacted]',
      max_tokens: 512,
      metadata: { agent: 'a' },
    }),
    receipt: expect.objectContaining({ tokens_out: 3, prompt_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }),
    transcript: {
      stream: expect.stringMatching(/^\/v1\/tasks\/[0-9a-f-]{36}\/stream$/),
      output_sha256: expect.any(String),
    },
  });
  expect(traces).toContainEqual(
    expect.objectContaining({
      request: expect.objectContaining({ messages: [{ role: 'user', content: '[redacted]' }], seed: 7 }),
    }),
  );
  expect(traces).toContainEqual(
    expect.objectContaining({
      task: expect.objectContaining({ error: expect.objectContaining({ code: 'DEADLINE_UNMET' }) }),
    }),
  );
});

verifies('ORCH-1331', 'the prompt is kept where the configuration says so', async () => {
  const traces = await tracesOf({ keep_prompts: true }, async (service) => {
    const { task_id: taskId } = await service.submit({
      prompt: '[[mock tokens=1]] \ud800 kept',
      metadata: { k: '\udc00' },
    });
    await service.stream(taskId);
  });
  expect(traces).toEqual([
    expect.objectContaining({
      request: expect.objectContaining({ prompt: '[[mock tokens=1]] \ufffd kept', metadata: { k: '\ufffd' } }),
    }),
  ]);
});

verifies('ORCH-1331', 'a trace is found by its task', async () => {
  await using service = await startTestService();
  const { task_id: taskId } = await service.submit({ prompt: '[[mock tokens=1]]' });
  await service.stream(taskId);
  for (;;) {
    const page = (await (await service.fetch(`/v1/artifacts?task_id=${taskId.toUpperCase()}`)).json()) as {
      artifacts: unknown[];
    };
    if (page.artifacts.length === 0) continue;
    expect(page.artifacts).toEqual([expect.objectContaining({ kind: 'trace', task_id: taskId, tags: [] })]);
    break;
  }
});

verifies('ORCH-1330', 'a trace is written in the order of its canonical form, so that nothing is sorted', async () => {
  await using service = await startTestService();
  const chat = { messages: [{ role: 'user', content: '[[mock tokens=2]]' }] } as const;
  for (const work of [{ prompt: '[[mock tokens=2 fault=crash at=1]]', metadata: { a: 'b' } }, chat]) {
    const { task_id: taskId } = await service.submit(work);
    await service.stream(taskId);
  }
  const { tasks } = await service.service.orchestrator.list({ limit: 2 });
  expect(tasks.map(({ state }) => state).sort()).toEqual(['completed', 'failed']);
  for (const view of tasks) {
    const trace = toWireTrace(view, { keepPrompts: true });
    expect(JSON.stringify(trace)).toBe(canonicalJson(trace));
  }
});

/** A domain with one ended task, as far as a recorder sees it. */
async function endedTask(): Promise<TaskView> {
  await using service = await startTestService();
  const { task_id: taskId } = await service.submit({ prompt: '[[mock tokens=1]]' });
  await service.stream(taskId);
  const { tasks } = await service.service.orchestrator.list({ limit: 1 });
  return tasks[0]!;
}

verifies('ORCH-1331', 'what a died process or a full disk left out is caught up, and never twice', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'traces-'));
  const view = await endedTask();
  let see: (event: ControlEvent) => void = () => undefined;
  const orchestrator: Pick<Orchestrator, 'get' | 'list' | 'watch'> = {
    get: async () => view,
    list: async () => ({ tasks: [view] }),
    watch(listener) {
      see = listener;
      return () => undefined;
    },
  };
  const store = await openArtifactStore(storeOptions(folder.path));
  let isFull = true;
  const artifacts: Pick<ArtifactStore, 'leaveTrace' | 'flush' | 'missingJobs'> = {
    leaveTrace: (trace) => (isFull ? Promise.reject(new OrchError('STORE_UNAVAILABLE')) : store.leaveTrace(trace)),
    flush: () => store.flush(),
    missingJobs: (jobs) => store.missingJobs(jobs),
  };
  const clock = new FakeClock();
  const lines: string[] = [];
  const logger = { log: (_level: string, human: string) => void lines.push(human) };
  const parts = { orchestrator, artifacts, clock, logger, keepPrompts: false };
  const recorder = new ArtifactRecorder(parts);
  const ended = { kind: 'task', at: 0, taskId: view.task.id, poolId: view.task.poolId, state: 'completed' } as const;
  see(ended);
  see(ended);
  await recorder.catchUp();
  expect(lines).toEqual(['Traces of ended tasks cannot be stored now.']);
  isFull = false;
  await clock.advance(1_000);
  await recorder.stop();
  const traced = await store.list({ limit: 9 });
  expect(traced.artifacts).toHaveLength(1);
  const next = new ArtifactRecorder(parts);
  await next.catchUp();
  see(ended);
  await next.stop();
  expect(await store.list({ limit: 9 })).toEqual(traced);
  await store.close();
});

verifies('ORCH-1335', 'a directory that cannot be used ends the start with its name and the cause', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'refused-'));
  await symlink(folder.path, join(folder.path, 'link'));
  const directory = join(folder.path, 'link');
  const starting = startTestService({ config: { artifacts: { directory } } });
  await expect(starting).rejects.toMatchObject({
    name: 'ConfigError',
    faults: [{ path: '$.artifacts.directory', actual: expect.stringMatching(/link \(Error: (ELOOP|ENOTDIR)/) }],
  });
  await using service = await startTestService();
  const second = startTestService({ config: { artifacts: { directory: service.artifactDirectory } } });
  await expect(second).rejects.toMatchObject({ faults: [{ actual: expect.stringContaining('database is locked') }] });
});
