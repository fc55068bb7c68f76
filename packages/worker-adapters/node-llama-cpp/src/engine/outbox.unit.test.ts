// SPDX-License-Identifier: MIT
import { setImmediate as immediate } from 'node:timers/promises';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import type { FromEngine } from '../engine-protocol.ts';
import { Outbox } from './outbox.ts';

const END = { finishReason: 'stop', tokensIn: 1, tokensOut: 3, decodeTimeMs: 1, prefixReuse: false } as const;

verifies('ORCH-4211', 'what two runs produce in one turn leaves as one message', async () => {
  const posted = Promise.withResolvers<readonly FromEngine[]>();
  const outbox = new Outbox(posted.resolve);
  outbox.addTokens(1, 'a', 1);
  outbox.addTokens(2, 'x', 1);
  outbox.addTokens(1, 'b', 2);
  outbox.add({ type: 'end', runId: 1, end: END });
  expect(await posted.promise).toEqual([
    { type: 'tokens', runId: 1, texts: ['a', 'b'], tokenCount: 3 },
    { type: 'tokens', runId: 2, texts: ['x'], tokenCount: 1 },
    { type: 'end', runId: 1, end: END },
  ]);
});

verifies('ORCH-4211', 'what comes in the next turn is another message', async () => {
  const posted: (readonly FromEngine[])[] = [];
  const outbox = new Outbox((messages) => posted.push(messages));
  outbox.addTokens(1, 'a', 1);
  outbox.flush();
  outbox.addTokens(1, 'b', 1);
  outbox.flush();
  outbox.flush();
  expect(posted.map((messages) => messages.length)).toEqual([1, 1]);
});

verifies('ORCH-4211', 'a flood waits for its pace, and leaves at once with anything else', async () => {
  const posted: (readonly FromEngine[])[] = [];
  const outbox = new Outbox(
    (messages) => posted.push(messages),
    () => 0,
  );
  outbox.addTokens(1, 'a', 1);
  await immediate();
  outbox.addTokens(1, 'b', 1);
  outbox.addTokens(1, 'c', 1);
  await immediate();
  expect(posted).toHaveLength(1);
  outbox.add({ type: 'end', runId: 1, end: END });
  outbox.flush();
  expect(posted[1]).toEqual([
    { type: 'tokens', runId: 1, texts: ['b', 'c'], tokenCount: 2 },
    { type: 'end', runId: 1, end: END },
  ]);
});

verifies(
  'ORCH-4211',
  'text that comes 2 ms after the last, or 16 ms after the last that left, is not held',
  async () => {
    const posted: (readonly FromEngine[])[] = [];
    let nowMs = 0;
    const outbox = new Outbox(
      (messages) => posted.push(messages),
      () => nowMs,
    );
    outbox.addTokens(1, 'a', 1);
    await immediate();
    nowMs = 2;
    outbox.addTokens(1, 'b', 1);
    await immediate();
    expect(posted).toHaveLength(2);
    for (nowMs = 3; nowMs < 18; nowMs += 1) outbox.addTokens(1, 'c', 1);
    await immediate();
    expect(posted).toHaveLength(2);
    outbox.flush();
    nowMs = 34;
    outbox.addTokens(1, 'd', 1);
    await immediate();
    expect(posted).toHaveLength(4);
  },
);

verifies('ORCH-4211', 'text that waits for its pace leaves by itself', async () => {
  const second = Promise.withResolvers<readonly FromEngine[]>();
  let count = 0;
  const outbox = new Outbox(
    (messages) => {
      count += 1;
      if (count === 2) second.resolve(messages);
    },
    () => 0,
  );
  outbox.addTokens(1, 'a', 1);
  await immediate();
  outbox.addTokens(1, 'b', 1);
  expect(await second.promise).toEqual([{ type: 'tokens', runId: 1, texts: ['b'], tokenCount: 1 }]);
});
