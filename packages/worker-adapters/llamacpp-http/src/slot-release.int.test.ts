// SPDX-License-Identifier: MIT
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { OrchError, type WorkerEnd } from '@llama-orch/worker-adapter-api';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { beginningOf, jsonAnswer, rawAnswer } from './__fixtures__/recorded-answer.ts';
import { startReplay, type Answer, type Replay } from './__fixtures__/replay-server.ts';
import { requestOf } from './__fixtures__/request-of.ts';

const NOTICED_AFTER_MS = 1_200;

/** Two events of progress and two pieces, and then nothing. */
const BEGINNING = beginningOf('recorded/limit', 4);
const stall: Answer = (socket) => void socket.write(BEGINNING);

/** Answers with one after the other, the last one again and again. */
function sequence(answers: readonly Buffer[]): Answer {
  let next = 0;
  return (socket: Socket) => {
    socket.end(answers[Math.min(next, answers.length - 1)] ?? '');
    next += 1;
  };
}

const slots = (isBusy: boolean): Buffer => jsonAnswer(200, [{ id: 0, is_processing: isBusy }]);
const processing = (count: number): Buffer =>
  Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nllamacpp:requests_processing ${count}\n`);
const unsupported = jsonAnswer(501, { error: { code: 501, type: 'not_supported_error' } });

/** Aborts a run at its first piece. */
async function cancelRun({ adapter }: Replay): Promise<WorkerEnd> {
  const controller = new AbortController();
  return adapter.run(requestOf('a'), { onTokens: () => controller.abort() }, controller.signal);
}

const looks = ({ seen }: Replay, path: string): number => seen.filter((request) => request.path === path).length;

verifies('ORCH-4315', 'a canceled run waits until its slot is idle', async () => {
  await using _leaks = watchLeaks();
  await using replay = await startReplay({
    '/completion': stall,
    '/slots': sequence([slots(true), slots(true), slots(true), slots(false)]),
  });
  expect(await cancelRun(replay)).toMatchObject({ finishReason: 'canceled', tokensIn: 14, tokensOut: 2 });
  expect(looks(replay, '/slots')).toBe(4);
});

verifies('ORCH-4315', 'slots of 2024 builds are understood', async () => {
  await using replay = await startReplay({
    '/completion': stall,
    '/slots': sequence([rawAnswer('written/2024-slots'), jsonAnswer(200, [{ id: 0, state: 0 }])]),
  });
  await cancelRun(replay);
  expect(looks(replay, '/slots')).toBe(2);
});

verifies('ORCH-4315', 'without /slots the metrics tell', async () => {
  await using replay = await startReplay({
    '/completion': stall,
    '/slots': unsupported,
    '/metrics': sequence([processing(1), processing(1), processing(0)]),
  });
  await cancelRun(replay);
  expect(looks(replay, '/metrics')).toBe(3);
});

verifies('ORCH-4315', 'without both, the time passes in which the engine notices', async () => {
  await using replay = await startReplay({ '/completion': stall, '/slots': unsupported, '/metrics': unsupported });
  const startMs = performance.now();
  expect((await cancelRun(replay)).finishReason).toBe('canceled');
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(NOTICED_AFTER_MS);
});

verifies('ORCH-4315', 'a request the engine may not have begun is watched as long', async () => {
  const controller = new AbortController();
  await using replay = await startReplay({ '/completion': () => controller.abort(), '/slots': slots(false) });
  const startMs = performance.now();
  const end = await replay.adapter.run(
    requestOf('a'),
    { onTokens: () => expect.fail('no piece was sent') },
    controller.signal,
  );
  expect(end).toMatchObject({ finishReason: 'canceled', tokensOut: 0 });
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(NOTICED_AFTER_MS);
  expect(looks(replay, '/slots')).toBeGreaterThan(2);
});

verifies('ORCH-4315', 'a slot that stays busy is a reset', async () => {
  await using replay = await startReplay({ '/completion': stall, '/slots': slots(true) }, { releaseTimeoutMs: 50 });
  await expect(cancelRun(replay)).rejects.toMatchObject({
    code: 'WORKER_RESET',
    details: { reason: 'slot_stuck', limit_ms: 50 },
  });
});

verifies('ORCH-4315', 'an engine that is gone works on nothing', async () => {
  await using replay = await startReplay({ '/completion': stall, '/slots': (socket) => socket.resetAndDestroy() });
  expect((await cancelRun(replay)).finishReason).toBe('canceled');
});

verifies('ORCH-4315', 'the connection is closed at once, not when the slot is proven free', async () => {
  let connection: Socket | undefined;
  let wasClosed = false;
  await using replay = await startReplay({
    '/completion': (socket) => {
      connection = socket;
      socket.write(BEGINNING);
    },
    '/slots': (socket) => {
      const answer = (): void => {
        wasClosed = connection?.closed ?? false;
        socket.end(slots(false));
      };
      if (connection?.closed === false) void once(connection, 'close').then(answer);
      else answer();
    },
  });
  await cancelRun(replay);
  expect(wasClosed).toBe(true);
});

verifies(
  'ORCH-4341',
  'an engine that stalls times out, comments notwithstanding, and its slot is looked at',
  async () => {
    await using _leaks = watchLeaks();
    await using replay = await startReplay(
      {
        '/completion': (socket) => {
          socket.write(BEGINNING);
          const timer = setInterval(() => socket.write(':\n\n'), 5);
          socket.on('close', () => clearInterval(timer));
        },
        '/slots': slots(false),
      },
      { idleTimeoutMs: 60 },
    );
    const pieces: string[] = [];
    const error: unknown = await replay.adapter
      .run(requestOf('a'), { onTokens: (texts) => pieces.push(...texts) }, new AbortController().signal)
      .catch((reason: unknown) => reason);
    if (!OrchError.is(error)) throw error;
    expect([error.code, error.details['reason']]).toEqual(['DECODE_TIMEOUT', 'idle_timeout']);
    expect(pieces).toEqual(['rain', ' on']);
    expect(looks(replay, '/slots')).toBe(1);
  },
);

verifies('ORCH-4340', 'metrics read what the build offers', async () => {
  const { signal } = new AbortController();
  await using recorded = await startReplay();
  expect(await recorded.adapter.metrics(signal)).toEqual({ slotsBusy: 0, contexts: [] });
  const old = 'llamacpp:requests_processing 2\nllamacpp:kv_cache_usage_ratio 0.25\n';
  await using before2025 = await startReplay({
    '/metrics': Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n${old}`),
  });
  expect(await before2025.adapter.metrics(signal)).toEqual({ slotsBusy: 2, kvCacheUsageRatio: 0.25, contexts: [] });
  await using slotsOnly = await startReplay({
    '/metrics': rawAnswer('recorded/no-metrics'),
    '/slots': rawAnswer('written/2024-slots'),
  });
  expect(await slotsOnly.adapter.metrics(signal)).toEqual({ slotsBusy: 1, contexts: [] });
  await using neither = await startReplay({ '/metrics': rawAnswer('recorded/no-metrics'), '/slots': unsupported });
  expect(await neither.adapter.metrics(signal)).toEqual({ contexts: [] });
});
