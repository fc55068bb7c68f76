// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { drain } from '../__fixtures__/rig.ts';
import type { JobId, PoolId, TaskId } from '../task/ids.ts';
import { sha256Digest } from '../testkit/index.ts';
import { EventLog, type LiveFigures } from './event-log.ts';
import type { StartedChunk } from './task-reader.ts';

const STARTED: StartedChunk = {
  kind: 'started',
  seq: 0,
  taskId: 'task' as TaskId,
  jobId: 'job' as JobId,
  poolId: 'pool' as PoolId,
  queuePosition: 0,
  seed: 1,
};
const END = { kind: 'end', tokensOut: 3, decodeTimeMs: 1, finishReason: 'stop' } as const;
const WAITING: LiveFigures = { state: 'queued', queuePosition: 2, queueDepth: 3 };

function openLog(maxBytes = 1_000): EventLog {
  const log = new EventLog({ maxBytes, digest: sha256Digest });
  log.start(STARTED);
  return log;
}

function ignore(): void {
  // A reader that is not listening.
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (fault) {
    return OrchError.is(fault) ? fault.code : String(fault);
  }
  return 'nothing was thrown';
}

verifies('ORCH-3410', 'frames are numbered from started to the terminal one', () => {
  const log = openLog();
  log.append(['a', 'b']);
  log.append(['c']);
  log.seal(END);
  expect(drain(log.read({ onReady: ignore }))).toEqual([
    STARTED,
    { kind: 'tokens', firstIndex: 0, texts: ['a', 'b', 'c'] },
    { ...END, seq: 4 },
  ]);
});

verifies('ORCH-3411', 'the first terminal frame stands and later tokens are dropped', () => {
  const log = openLog();
  expect(log.seal(END)).toBe(true);
  expect(log.seal({ ...END, finishReason: 'canceled' })).toBe(false);
  log.append(['late']);
  log.setLive(WAITING);
  expect(drain(log.read({ onReady: ignore }))).toEqual([STARTED, { ...END, seq: 1 }]);
  expect(log.tokenCount).toBe(0);
});

verifies('ORCH-3412', 'readers that come early, late and slowly get the same frames', () => {
  const log = openLog();
  const early = log.read({ onReady: ignore });
  const slow = log.read({ onReady: ignore });
  const leaver = log.read({ onReady: ignore });
  const seen = drain(early);
  log.append(['a']);
  seen.push(...drain(early));
  leaver.next();
  leaver.close();
  leaver.close();
  log.append(['b']);
  log.seal(END);
  seen.push(...drain(early));
  const textOf = (chunks: typeof seen): string =>
    chunks.map((chunk) => (chunk.kind === 'tokens' ? chunk.texts.join('') : chunk.kind)).join(' ');
  expect(textOf(seen)).toBe('started a b end');
  expect(textOf(drain(slow))).toBe('started ab end');
  expect(textOf(drain(log.read({ onReady: ignore, afterSeq: 1 })))).toBe('b end');
  expect(leaver.next()).toBeUndefined();
  expect(early.ended && slow.ended && !leaver.ended).toBe(true);
});

verifies('ORCH-3413', 'a chunk carries every token there is, up to 256', () => {
  const log = openLog(100_000);
  const reader = log.read({ onReady: ignore, afterSeq: 0 });
  log.append(Array.from({ length: 300 }, (_, index) => `${index} `));
  const [first, second] = drain(reader);
  expect(first).toMatchObject({ kind: 'tokens', firstIndex: 0 });
  expect(first?.kind === 'tokens' && first.texts.length).toBe(256);
  expect(second).toMatchObject({ kind: 'tokens', firstIndex: 256 });
  expect(second?.kind === 'tokens' && second.texts.at(-1)).toBe('299 ');
});

verifies('ORCH-3414', 'readiness is told once per wait, never from within next and never after close', () => {
  const log = openLog();
  let calls = 0;
  const reader = log.read({ onReady: () => (calls += 1) });
  log.append(['a']);
  expect(calls).toBe(0);
  drain(reader);
  expect(reader.next()).toBeUndefined();
  log.append(['b']);
  log.append(['c']);
  expect(calls).toBe(1);
  drain(reader);
  reader.close();
  log.seal(END);
  expect(calls).toBe(1);
  expect(log.readerCount).toBe(0);
});

verifies(
  'ORCH-3414',
  'of two readers that close each other when woken one is called, and others hear all the same',
  () => {
    const log = openLog();
    const called: string[] = [];
    const one = log.read({ onReady: () => called.push('one of two') && two.close() });
    const between = log.read({ onReady: () => called.push('between') });
    const two = log.read({ onReady: () => called.push('one of two') && one.close() });
    const last = log.read({ onReady: () => called.push('last') });
    for (const reader of [one, between, two, last]) drain(reader);
    log.append(['a']);
    expect(called.toSorted()).toEqual(['between', 'last', 'one of two']);
    expect(log.readerCount).toBe(3);
  },
);

verifies('ORCH-3425', 'a reader that waits is handed the tokens, and pulls again once it wants no more', () => {
  const log = openLog();
  const handed: string[] = [];
  let readyCount = 0;
  let wantsMore = true;
  const reader = log.read({
    onReady: () => (readyCount += 1),
    onTokens(firstIndex, texts) {
      handed.push(`${firstIndex} ${texts.join('')}`);
      return wantsMore;
    },
  });
  log.append(['a']);
  drain(reader);
  log.append(['b']);
  wantsMore = false;
  log.append(['c', 'd']);
  log.append(['e']);
  expect(handed).toEqual(['1 b', '2 cd']);
  expect(readyCount).toBe(0);
  expect(drain(reader)).toEqual([{ kind: 'tokens', firstIndex: 4, texts: ['e'] }]);
  log.append(Array.from({ length: 257 }, () => 'f'));
  expect([handed.length, readyCount]).toEqual([2, 1]);
  drain(reader);
  log.seal(END);
  expect(drain(reader)).toEqual([{ ...END, seq: 263 }]);
  expect(readyCount).toBe(2);
});

verifies(
  'ORCH-3425',
  'a reader that closes while it is handed tokens hears no more, and one that is ahead nothing',
  () => {
    const log = openLog();
    const handed: number[] = [];
    log.rebuild(4);
    const ahead = log.read({ afterSeq: 2, onReady: ignore, onTokens: () => handed.push(-1) > 0 });
    const leaver = log.read({
      onReady: ignore,
      onTokens(firstIndex) {
        handed.push(firstIndex);
        leaver.close();
        return true;
      },
    });
    drain(ahead);
    drain(leaver);
    log.append(['a']);
    log.append(['b']);
    log.cutTokens();
    log.append(['c']);
    expect(handed).toEqual([0]);
  },
);

verifies('ORCH-3415', 'the log holds no more bytes than its bound and readers ahead do not notice', () => {
  const log = openLog(8);
  const reader = log.read({ onReady: ignore });
  const texts: string[] = [];
  for (const text of ['aaaa', 'bbbb', 'éé', 'dddd', '😀']) {
    log.append([text]);
    expect(log.bytes).toBeLessThanOrEqual(8);
    for (const chunk of drain(reader)) if (chunk.kind === 'tokens') texts.push(...chunk.texts);
  }
  expect(texts).toEqual(['aaaa', 'bbbb', 'éé', 'dddd', '😀']);
  expect(log.firstTokenIndex).toBe(3);
  expect(log.bytes).toBe(8);
});

verifies('ORCH-3416', 'reading beyond the stream is a conflict, reading after its end is the end', () => {
  const log = openLog();
  log.append(['a']);
  expect(codeOf(() => log.read({ onReady: ignore, afterSeq: 2 }))).toBe('TASK_CONFLICT');
  log.seal(END);
  const atEnd = log.read({ onReady: ignore, afterSeq: 2 });
  expect(atEnd.ended).toBe(true);
  expect(atEnd.next()).toBeUndefined();
  expect(codeOf(() => log.read({ onReady: ignore, afterSeq: 3 }))).toBe('TASK_CONFLICT');
});

verifies('ORCH-3417', 'a reader left behind the ring ends with a gap, and only that one', () => {
  const log = openLog(4);
  const behind = log.read({ onReady: ignore });
  const ahead = log.read({ onReady: ignore });
  log.append(['ab']);
  drain(ahead);
  behind.next();
  log.append(['cd']);
  drain(ahead);
  log.append(['ef']);
  expect(behind.next()).toMatchObject({ kind: 'error', seq: 0, error: { code: 'STREAM_GAP' }, poolId: 'pool' });
  expect(behind.ended).toBe(true);
  expect(behind.next()).toBeUndefined();
  expect(drain(ahead)).toEqual([{ kind: 'tokens', firstIndex: 2, texts: ['ef'] }]);
  expect(codeOf(() => log.read({ onReady: ignore }))).toBe('STREAM_GAP');
  expect(codeOf(() => log.read({ onReady: ignore, afterSeq: 0 }))).toBe('STREAM_GAP');
  expect(log.seal(END)).toBe(true);
});

verifies('ORCH-3418', 'a reader has one metrics chunk pending, the newest, with the id of its own last frame', () => {
  const log = openLog();
  const reader = log.read({ onReady: ignore });
  log.setLive(WAITING);
  log.setLive({ ...WAITING, queuePosition: 1 });
  expect(drain(reader)).toEqual([STARTED, { kind: 'metrics', seq: 0, ...WAITING, queuePosition: 1 }]);
  log.append(['a', 'b']);
  drain(reader);
  log.setLive({ ...WAITING, queuePosition: 0 });
  expect(reader.next()).toMatchObject({ kind: 'metrics', seq: 2 });
  log.setLive(WAITING);
  log.seal(END);
  expect(drain(reader)).toEqual([{ ...END, seq: 3 }]);
});

verifies('ORCH-3420', 'the digest is of the whole output, also of text that is no longer held', () => {
  const log = openLog(4);
  for (const text of ['eins ', 'zwei ', 'drei']) log.append([text]);
  expect(log.outputSha256()).toBe(sha256Digest.sha256Hex('eins zwei drei'));
  expect(log.outputSha256()).toBe(log.outputSha256());
  expect(log.outputText()).toBeUndefined();
  const small = openLog();
  small.append(['eins']);
  expect([small.outputSha256(), small.outputText()]).toEqual([sha256Digest.sha256Hex('eins'), 'eins']);
});

verifies('ORCH-3421', 'a cut takes unread tokens from every reader, and the end still counts them', () => {
  const log = openLog();
  const waiting = log.read({ onReady: ignore });
  waiting.next();
  log.append(['a', 'b']);
  log.cutTokens();
  expect(log.bytes).toBe(0);
  log.append(['late']);
  log.seal({ ...END, finishReason: 'canceled' });
  const end = { ...END, finishReason: 'canceled', seq: 3 };
  expect(drain(waiting)).toEqual([end]);
  expect(drain(log.read({ onReady: ignore }))).toEqual([STARTED, end]);
  expect(drain(log.read({ onReady: ignore, afterSeq: 1 }))).toEqual([end]);
  expect(log.outputSha256()).toBe(sha256Digest.sha256Hex('ab'));
});
