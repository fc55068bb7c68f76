// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { openSocket } from '../../__fixtures__/raw-http.ts';
import { framesOf } from '../../__fixtures__/sse-frames.ts';
import { startTestService, type TestService } from '../../__fixtures__/test-service.ts';

/** Writes two tokens and then waits for its abort. */
const HANG = '[[mock tokens=9 fault=hang at=2]]';
const ENDINGS: Readonly<Record<string, (socket: Socket) => unknown>> = {
  FIN: (socket) => socket.end(),
  RST: (socket) => socket.resetAndDestroy(),
};
const TRIES = 15;

/** A reader on a connection of its own that has seen a token. */
async function follow(service: TestService, taskId: string): Promise<Socket> {
  const socket = await openSocket(service.port);
  socket.on('error', () => undefined);
  socket.write(`GET /v1/tasks/${taskId}/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  let text = '';
  while (!text.includes('event: token')) text += String((await once(socket, 'data'))[0]);
  return socket;
}

/** Resolves with the state in which the task ends. */
function endOf(service: TestService, taskId: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const unwatch = service.service.orchestrator.watch((event) => {
    if (event.kind !== 'task' || event.taskId !== taskId || event.state === 'running') return;
    unwatch();
    resolve(event.state);
  });
  return promise;
}

async function busySlots(service: TestService): Promise<number | undefined> {
  return (await service.service.orchestrator.pools())[0]?.replicas[0]?.slotsBusy;
}

for (const [name, leave] of Object.entries(ENDINGS)) {
  verifies(
    ['ORCH-1242', 'ORCH-2140'],
    `a connection that ends with ${name} takes its task with it in time`,
    async () => {
      await using service = await startTestService({ config: { store: { backend: 'memory' } } });
      const took: number[] = [];
      for (let round = 0; round < TRIES; round += 1) {
        const { task_id: taskId } = await service.submit({ prompt: HANG, on_disconnect: 'cancel' });
        const socket = await follow(service, taskId);
        const end = endOf(service, taskId);
        const leftAtMs = performance.now();
        leave(socket);
        expect(await end).toBe('canceled');
        took.push(performance.now() - leftAtMs);
        expect(await busySlots(service)).toBe(0);
        socket.destroy();
      }
      // The quickest one, because a busy machine may hold up most of them.
      expect(Math.min(...took)).toBeLessThan(200);
    },
  );
}

verifies('ORCH-1242', 'only the last of several readers counts', async () => {
  await using service = await startTestService();
  const { task_id: taskId } = await service.submit({ prompt: HANG, on_disconnect: 'cancel' });
  const sockets = [await follow(service, taskId), await follow(service, taskId), await follow(service, taskId)];
  const end = endOf(service, taskId);
  for (const socket of sockets.slice(0, 2)) {
    socket.resetAndDestroy();
    // The count of streams is what the service has noticed.
    while (
      Number(/^streams_open (\d+)$/m.exec(await (await service.fetch('/metrics')).text())?.[1]) === sockets.length
    );
    sockets.shift();
  }
  expect(await busySlots(service)).toBe(1);
  sockets[0]?.end();
  expect(await end).toBe('canceled');
});

verifies(
  'ORCH-1242',
  'a task without a policy outlives its readers, and a resumed one its no-reader time',
  async () => {
    await using service = await startTestService({ config: { stream: { no_reader_ms: 600_000 } } });
    const { task_id: taskId } = await service.submit({ prompt: '[[mock tokens=40 delay_ms=5]]', max_tokens: 40 });
    (await follow(service, taskId)).resetAndDestroy();
    const frames = framesOf(await service.stream(taskId));
    expect(frames.filter(({ event }) => event === 'token')).toHaveLength(40);
    expect(frames.at(-1)).toMatchObject({ event: 'end', data: { finish_reason: 'stop' } });
  },
);

verifies('ORCH-1242', 'detach: the configured time without a reader ends the task', async () => {
  await using service = await startTestService({ config: { stream: { no_reader_ms: 50 } } });
  const { task_id: taskId } = await service.submit({ prompt: HANG });
  const end = endOf(service, taskId);
  (await follow(service, taskId)).resetAndDestroy();
  expect(await end).toBe('canceled');
  const task: unknown = await (await service.fetch(`/v1/tasks/${taskId}`)).json();
  expect(task).toMatchObject({ state: 'canceled', finish_reason: 'canceled' });
});

verifies('ORCH-2140', 'the policy is shown with the task, and a repeat of the submit finds the same task', async () => {
  await using service = await startTestService();
  const body = { task_id: crypto.randomUUID(), prompt: 'hi', on_disconnect: 'cancel' } as const;
  const first = await service.submit(body);
  expect(await service.submit(body)).toEqual(first);
  await service.stream(first.task_id);
  const task: unknown = await (await service.fetch(`/v1/tasks/${first.task_id}`)).json();
  expect(task).toMatchObject({ state: 'completed', on_disconnect: 'cancel' });
});
