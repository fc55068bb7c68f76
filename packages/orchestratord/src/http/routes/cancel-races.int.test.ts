// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { framesOf } from '../../__fixtures__/sse-frames.ts';
import { startTestService, type TestService } from '../../__fixtures__/test-service.ts';

const TRIES = 1_000;
const SIDE_BY_SIDE = 4;

async function cancel(service: TestService, taskId: string): Promise<number> {
  const answer = await service.fetch(`/v1/tasks/${taskId}/cancel`, { method: 'POST' });
  await answer.text();
  return answer.status;
}

/** Reads a stream and calls back at each token. */
async function follow(service: TestService, taskId: string, onToken: (count: number) => void): Promise<string> {
  const answer = await service.fetch(`/v1/tasks/${taskId}/stream`);
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of answer.body ?? new ReadableStream<Uint8Array>()) {
    text += decoder.decode(bytes as Uint8Array, { stream: true });
    onToken(text.split('event: token\n').length - 1);
  }
  return text;
}

/** One task of three tokens whose cancel is sent when so many of them have been seen; -1 sends it with the submit. */
async function race(service: TestService, sentAfter: number): Promise<'completed' | 'canceled'> {
  const taskId = randomUUID();
  let canceling: Promise<number> | undefined;
  const send = (): void => {
    canceling ??= cancel(service, taskId);
  };
  await service.submit({ task_id: taskId, prompt: '[[mock tokens=3]] last', max_tokens: 3 });
  if (sentAfter < 0) send();
  const text = await follow(service, taskId, (count) => {
    if (count >= sentAfter) send();
  });
  send();
  expect(await canceling).toBe(204);
  expect(await cancel(service, taskId)).toBe(204);
  const frames = framesOf(text);
  const terminals = frames.filter(({ event }) => event === 'end' || event === 'error');
  expect(terminals).toEqual([frames.at(-1)]);
  const { state } = (await (await service.fetch(`/v1/tasks/${taskId}`)).json()) as { state: 'completed' | 'canceled' };
  expect(terminals[0]?.data['finish_reason'] === 'canceled').toBe(state === 'canceled');
  const again = framesOf(await service.stream(taskId)).filter(({ event }) => event === 'token').length;
  expect(again).toBe(state === 'canceled' ? 0 : 3);
  return state;
}

verifies(
  ['ORCH-1033', 'ORCH-1031', 'ORCH-2150'],
  'a thousand cancels around the last token tell one end each',
  async () => {
    await using service = await startTestService({
      pool: { slots: SIDE_BY_SIDE },
      config: { store: { backend: 'memory' }, retention: { ended_tasks: 5_000 } },
    });
    const ends = { completed: 0, canceled: 0 };
    const runner = async (offset: number): Promise<void> => {
      for (let round = offset; round < TRIES; round += SIDE_BY_SIDE) ends[await race(service, (round % 5) - 1)] += 1;
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, (_, offset) => runner(offset)));
    expect(ends.completed + ends.canceled).toBe(TRIES);
    // Both ends are met, so it is a race.
    expect(Math.min(ends.completed, ends.canceled)).toBeGreaterThan(0);
    const metrics = await (await service.fetch('/metrics')).text();
    for (const [outcome, count] of Object.entries(ends)) {
      const told = [...metrics.matchAll(new RegExp(`^tasks_ended_total\\{.*outcome="${outcome}".*\\} (\\d+)$`, 'gm'))];
      expect(told.reduce((sum, [, value]) => sum + Number(value), 0)).toBe(count);
    }
    expect((await service.service.orchestrator.pools())[0]?.replicas[0]?.slotsBusy).toBe(0);
  },
);
