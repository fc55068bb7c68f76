// SPDX-License-Identifier: MIT
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { FakeClock, SeededRandom } from './index.ts';

verifies('ORCH-3300', 'timers fire by due time, then by the order of setting', () => {
  const clock = new FakeClock();
  const fired: string[] = [];
  const note = (name: string) => () => fired.push(`${name}@${clock.nowMs()}`);
  clock.setTimer(20, note('c'));
  clock.setTimer(10, note('a'));
  clock.setTimer(10, note('b'));
  clock.setTimer(-5, note('now'));
  expect(fired).toEqual([]);
  clock.skip(15);
  expect(fired).toEqual(['now@0', 'a@10', 'b@10']);
  expect([clock.nowMs(), clock.pendingCount, clock.nextDueMs]).toEqual([15, 1, 20]);
  expect(clock.fireNext()).toBe(true);
  expect(clock.fireNext()).toBe(false);
  expect(fired.at(-1)).toBe('c@20');
});

verifies('ORCH-3300', 'a canceled timer never fires, a fired one never again', () => {
  const clock = new FakeClock();
  let count = 0;
  const timer = clock.setTimer(5, () => (count += 1));
  timer.cancel();
  timer.cancel();
  expect(clock.pendingCount).toBe(0);
  clock.skip(10);
  expect(count).toBe(0);
  const other = clock.setTimer(5, () => (count += 1));
  clock.skip(5);
  other.cancel();
  clock.skip(5);
  expect([count, clock.pendingCount]).toEqual([1, 0]);
});

verifies('ORCH-3300', 'a timer set by a timer fires on the way', () => {
  const clock = new FakeClock();
  const fired: number[] = [];
  const again = (): void => {
    fired.push(clock.nowMs());
    if (fired.length < 4) clock.setTimer(10, again);
  };
  clock.setTimer(10, again);
  clock.skip(35);
  expect(fired).toEqual([10, 20, 30]);
});

verifies('ORCH-3300', 'a hundred thousand timers, half of them canceled, fire in order', () => {
  const clock = new FakeClock();
  const random = new SeededRandom(7);
  const fired: number[] = [];
  const timers = Array.from({ length: 100_000 }, () => {
    const dueMs = random.below(5_000);
    return clock.setTimer(dueMs, () => fired.push(dueMs));
  });
  timers.forEach((timer, i) => {
    if (i % 2 === 0) timer.cancel();
  });
  expect(clock.pendingCount).toBe(50_000);
  clock.skip(5_000);
  expect(fired).toHaveLength(50_000);
  expect(fired).toEqual(fired.toSorted((a, b) => a - b));
});

verifies('ORCH-3300', 'advance lets promises come to rest between timers', async () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimer(ms, resolve));
  const walk = async (): Promise<void> => {
    await sleep(10);
    seen.push(`one@${clock.nowMs()}`);
    await sleep(10);
    seen.push(`two@${clock.nowMs()}`);
  };
  void walk();
  clock.setTimer(15, () => seen.push(`tick@${clock.nowMs()}`));
  await clock.advance(25);
  expect(seen).toEqual(['one@10', 'tick@15', 'two@20']);
  expect(clock.nowMs()).toBe(25);
});

verifies('ORCH-3300', 'wall time runs along and can be shifted alone', () => {
  const clock = new FakeClock();
  const startAt = clock.wallNowMs();
  clock.skip(10);
  clock.shiftWall(-1_000);
  expect([clock.nowMs(), clock.wallNowMs() - startAt]).toEqual([10, -990]);
  expect(() => clock.setTimer(NaN, () => undefined)).toThrow(RangeError);
});
