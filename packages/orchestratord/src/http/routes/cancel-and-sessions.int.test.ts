// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import { schemaValidators } from '@llama-orch/api-schema';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { framesOf, readUntil, storedFramesOf } from '../../__fixtures__/sse-frames.ts';
import { problemOf, startTestService, type TestService } from '../../__fixtures__/test-service.ts';

const HANG_AFTER_3 = '[[mock tokens=9 fault=hang at=3]]';

async function cancel(service: TestService, taskId: string): Promise<number> {
  const answer = await service.fetch(`/v1/tasks/${taskId}/cancel`, { method: 'POST' });
  await answer.text();
  return answer.status;
}

verifies(['ORCH-2150', 'ORCH-2151'], 'a running task is canceled, twice, and its stream ends so', async () => {
  await using service = await startTestService();
  const { task_id: taskId } = await service.submit({ prompt: HANG_AFTER_3 });
  const reader = service.stream(taskId);
  await readUntil(await service.fetch(`/v1/tasks/${taskId}/stream`), 'token');
  expect(await cancel(service, taskId)).toBe(204);
  expect(await cancel(service, taskId)).toBe(204);
  for (const text of [await reader, await service.stream(taskId)]) {
    const last = framesOf(text).at(-1);
    expect(last).toMatchObject({ event: 'end', data: { finish_reason: 'canceled' } });
  }
  const pools = (await (await service.fetch('/v1/pools')).json()) as { pools: { slots_busy: number }[] };
  expect(pools.pools[0]?.slots_busy).toBe(0);
});

verifies('ORCH-2150', 'a waiting task and an ended task are canceled with the same answer', async () => {
  await using service = await startTestService({ pool: { slots: 1 } });
  await service.submit({ prompt: HANG_AFTER_3 });
  const waiting = await service.submit({ prompt: 'hi' });
  expect(await cancel(service, waiting.task_id)).toBe(204);
  expect(storedFramesOf(await service.stream(waiting.task_id)).map(({ event }) => event)).toEqual(['started', 'end']);
  await using other = await startTestService();
  const ended = await other.submit({ prompt: 'hi' });
  const before = await other.stream(ended.task_id);
  expect(await cancel(other, ended.task_id)).toBe(204);
  expect(storedFramesOf(await other.stream(ended.task_id))).toEqual(storedFramesOf(before));
  expect(await cancel(other, randomUUID())).toBe(404);
});

verifies('ORCH-2151', 'late tokens of an engine reach no reader after the 204', async () => {
  await using service = await startTestService();
  const { task_id: taskId } = await service.submit({ prompt: '[[mock tokens=50 delay_ms=1 fault=late_tokens at=3]]' });
  const reader = service.stream(taskId);
  await readUntil(await service.fetch(`/v1/tasks/${taskId}/stream`), 'token');
  expect(await cancel(service, taskId)).toBe(204);
  const tokensThen = framesOf(await reader).filter(({ event }) => event === 'token').length;
  const tokensLater = framesOf(await service.stream(taskId)).filter(({ event }) => event === 'token').length;
  expect(tokensLater).toBeLessThanOrEqual(tokensThen);
});

verifies(['ORCH-2160', 'ORCH-2161'], 'a session is listed and shown with what is left of it', async () => {
  await using service = await startTestService({ config: { sessions: { token_budget: 10_000 } } });
  const { task_id: taskId } = await service.submit({ prompt: 'hi', session_id: 'editor-7' });
  await service.stream(taskId);
  const session: unknown = await (await service.fetch('/v1/sessions/editor-7')).json();
  if (!schemaValidators.Session(session)) throw new Error(JSON.stringify(session));
  expect(session).toMatchObject({ session_id: 'editor-7', turns: 1 });
  expect(session.ttl_ms_remaining).toBeLessThanOrEqual(600_000);
  expect(session.tokens_budget_remaining).toBeLessThan(10_000);
  const list: unknown = await (await service.fetch('/v1/sessions')).json();
  if (!schemaValidators.SessionList(list)) throw new Error(JSON.stringify(list));
  expect(list.sessions.map(({ session_id: id }) => id)).toEqual(['editor-7']);
});

verifies('ORCH-2161', 'an unknown session is not found', async () => {
  await using service = await startTestService();
  const answer = await service.fetch('/v1/sessions/nobody');
  expect(answer.status).toBe(404);
  expect(await problemOf(answer)).toMatchObject({ code: 'NOT_FOUND', details: { field: 'path.session_id' } });
});

verifies('ORCH-2162', 'a session is forgotten once and its task goes on', async () => {
  await using service = await startTestService();
  const { task_id: taskId } = await service.submit({ prompt: '[[mock tokens=20 delay_ms=2]]', session_id: 's' });
  const remove = (): Promise<Response> => service.fetch('/v1/sessions/s', { method: 'DELETE' });
  expect((await remove()).status).toBe(204);
  expect((await remove()).status).toBe(404);
  expect(framesOf(await service.stream(taskId)).at(-1)).toMatchObject({
    event: 'end',
    data: { finish_reason: 'stop' },
  });
});
