// SPDX-License-Identifier: MIT
import { createClient, type OrchClient } from '@llama-orch/client';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { createFakeHost, json, type Responder } from '../__fixtures__/fake-host.ts';
import { describeVerdict, findReplayable, judgeReplay, requestOfReplay } from './replay-task.ts';

const TASK_ID = '3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1';
const REPLAY_ID = '4f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1';
const RECEIPT = {
  seed: 7,
  determinism: 'strict',
  engine: 'mock',
  engine_version: '1',
  model_digest: 'sha256:aa',
  max_tokens: 5,
  output_sha256: 'ff',
  tokens_out: 2,
};
const TASK = {
  task_id: TASK_ID,
  pool_id: 'words',
  state: 'completed',
  workload: 'completion',
  receipt: RECEIPT,
  request: { prompt: 'hi', session_id: 's', deadline_ms: 5, kv_hint: 'reuse', temperature: 0.5, metadata: { a: 'b' } },
};
const POOL = { pool_id: 'words', engine: 'mock', engine_version: '1', model_digest: 'sha256:aa' };

function clientWith(routes: Readonly<Record<string, Responder>>): OrchClient {
  const { fetch } = createFakeHost({ routes });
  return createClient({ baseUrl: 'http://localhost:1', ...(fetch === undefined ? {} : { fetch }) });
}

function service(task: object = TASK, pools: readonly object[] = [POOL]): OrchClient {
  return clientWith({
    [`GET /v1/tasks/${TASK_ID}`]: json(task),
    'GET /v1/capabilities': json({ api_version: '1', pools }),
  });
}

verifies('ORCH-1238', 'a replay asks for the same tokens as a new task, without session and deadline', async () => {
  const request = requestOfReplay(await findReplayable(service(), TASK_ID, false));
  expect(request).toMatchObject({ prompt: 'hi', seed: 7, max_tokens: 5, pool_id: 'words', temperature: 0.5 });
  expect(request).toMatchObject({ kv_hint: 'cold', metadata: { replay_of: TASK_ID } });
  expect(Object.keys(request)).not.toContain('session_id');
  expect(Object.keys(request)).not.toContain('deadline_ms');
  expect(request.task_id).not.toBe(TASK_ID);
});

verifies(
  ['ORCH-1238', 'ORCH-1508'],
  'a task that had the limit of its pool gets it again and names no number',
  async () => {
    const replayable = await findReplayable(service(TASK, [{ ...POOL, max_tokens_out: 5 }]), TASK_ID, false);
    expect(Object.keys(requestOfReplay(replayable))).not.toContain('max_tokens');
  },
);

verifies('ORCH-1238', 'another engine or model is refused, unless any will do', async () => {
  for (const other of [{ engine: 'x' }, { engine_version: '2' }, { model_digest: 'sha256:bb' }]) {
    const [name, value] = Object.entries(other)[0] ?? [];
    const client = service(TASK, [{ ...POOL, ...other }]);
    await expect(findReplayable(client, TASK_ID, false)).rejects.toThrow(`-> ${value ?? ''}`);
    await expect(findReplayable(client, TASK_ID, false)).rejects.toThrow(`${name ?? ''}: `);
    expect(await findReplayable(client, TASK_ID, true)).toMatchObject({ receipt: RECEIPT });
  }
  await expect(findReplayable(service(TASK, []), TASK_ID, true)).rejects.toThrow('Its pool words is gone.');
});

verifies('ORCH-1238', 'a request that is not kept is refused', async () => {
  const { request: _request, ...bare } = TASK;
  await expect(findReplayable(service(bare), TASK_ID, true)).rejects.toThrow('not kept');
});

verifies('ORCH-1238', 'without the transcript the digests decide, and changes are told', async () => {
  const gap = json({ code: 'STREAM_GAP', message: 'gone', retriable: false, correlation_id: 'x' }, 410);
  for (const [digest, identical] of [
    ['ff', true],
    ['00', false],
  ] as const) {
    const client = clientWith({
      [`GET /v1/tasks/${REPLAY_ID}`]: json({ receipt: { ...RECEIPT, engine_version: '2', output_sha256: digest } }),
      [`GET /v1/tasks/${TASK_ID}/stream`]: gap,
    });
    const replayable = await findReplayable(service(), TASK_ID, true);
    const verdict = await judgeReplay(client, replayable, { taskId: REPLAY_ID, pieces: ['a', 'b'] });
    expect(verdict).toMatchObject({ identical, replay_task_id: REPLAY_ID });
    expect(verdict.changed).toContain('engine_version: 1 -> 2');
    expect(describeVerdict(verdict, replayable)[0]).toMatch(identical ? /^identical/ : /^different, by the digest/);
  }
});
