// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { expect } from 'vitest';
import { propertyRun, verifies } from '@llama-orch/test-kit';
import type { KeyId } from '../task/ids.ts';
import { buildTask, SeededRandom } from '../testkit/index.ts';
import { FairLine, type Sharing } from './fair-line.ts';

const QUANTUM = 100;

function item(key: string, costTokens: number): Sharing {
  const task = buildTask({ costTokens, ...(key === '' ? {} : { keyId: key as KeyId }) });
  return { task, place: 0, standing: 'ready', order: 0, charged: 0 };
}

function keyOf({ task }: Sharing): string {
  return task.keyId ?? '';
}

function fairLine(weights: Readonly<Record<string, number>> = {}): FairLine<Sharing> {
  return new FairLine({ quantumTokens: () => QUANTUM, weightOf: (key) => weights[key] ?? 1 });
}

function takeAll(line: FairLine<Sharing>): Sharing[] {
  const taken: Sharing[] = [];
  for (let next = line.take(); next !== undefined; next = line.take()) taken.push(next);
  return taken;
}

verifies('ORCH-1262', 'with one key the line is plain and nothing is charged', () => {
  const line = fairLine();
  const items = Array.from({ length: 50 }, (_, index) => item('a', 1 + index * 37));
  for (const one of items) line.join(one);
  expect(items.map((one) => line.countBefore(one))).toEqual(items.map((_, index) => index));
  expect(takeAll(line)).toEqual(items);
  expect(items.every(({ charged }) => charged === 0)).toBe(true);
});

verifies('ORCH-1262', 'a key that floods the line does not hold up another, and each is first in, first out', () => {
  const line = fairLine();
  const flood = Array.from({ length: 200 }, () => item('a', 50));
  for (const one of flood) line.join(one);
  expect(line.take()).toBe(flood[0]);
  const late = [item('b', 50), item('b', 50), item('b', 50)];
  for (const one of late) line.join(one);
  expect(late.map((one) => line.countBefore(one))).toEqual([0, 1, 4]);
  const taken = takeAll(line);
  expect(late.map((one) => taken.indexOf(one))).toEqual([0, 1, 4]);
  expect(taken.filter((one) => keyOf(one) === 'a')).toEqual(flood.slice(1));
});

verifies('ORCH-1262', 'while keys wait, none is ahead of its share by more than a quantum and a job', () => {
  const jobs = fc.array(fc.integer({ min: 1, max: 350 }), { minLength: 40, maxLength: 80 });
  const keys = fc.array(fc.record({ jobs, weight: fc.integer({ min: 1, max: 3 }) }), { minLength: 2, maxLength: 5 });
  fc.assert(
    fc.property(keys, (each) => {
      const weights = Object.fromEntries(each.map(({ weight }, index) => [`key-${index}`, weight]));
      const line = fairLine(weights);
      for (const [index, { jobs: costs }] of each.entries())
        for (const cost of costs) line.join(item(`key-${index}`, cost));
      const served = new Map(Object.keys(weights).map((key) => [key, 0]));
      const left = new Map(each.map(({ jobs: costs }, index) => [`key-${index}`, costs.length]));
      for (;;) {
        const next = line.take()!;
        const key = keyOf(next);
        served.set(key, (served.get(key) ?? 0) + (next.task.costTokens ?? 0));
        left.set(key, (left.get(key) ?? 0) - 1);
        if (left.get(key) === 0) return;
        const rounds = Array.from(served, ([name, tokens]) => tokens / (weights[name] ?? 1));
        expect(Math.max(...rounds) - Math.min(...rounds)).toBeLessThanOrEqual(QUANTUM + 350);
      }
    }),
    propertyRun,
  );
});

verifies('ORCH-1262', 'what a job really used is what its key is charged', () => {
  const line = fairLine();
  const [first, ...rest] = Array.from({ length: 6 }, () => item('a', 100));
  for (const one of [first!, ...rest]) line.join(one);
  for (let count = 0; count < 6; count += 1) line.join(item('b', 100));
  expect(line.take()).toBe(first);
  line.giveUp(first!);
  line.settle(first!, 400);
  // It owes 300: three turns of the other come first.
  expect([1, 2, 3, 4, 5].map(() => keyOf(line.take()!))).toEqual(['b', 'b', 'b', 'b', 'a']);
  expect(rest.map((one) => line.countBefore(one)).slice(1)).toEqual([1, 3, 4, 5]);
});

verifies('ORCH-1262', 'a debt stays while its key does not wait, a credit ends', () => {
  const line = fairLine();
  const liar = item('a', 1);
  line.join(item('b', 100));
  line.join(item('b', 100));
  line.join(liar);
  const taken = [line.take()!, line.take()!];
  expect(taken).toContain(liar);
  line.giveUp(liar);
  line.settle(liar, 1_000);
  line.join(item('a', 1));
  for (let count = 0; count < 12; count += 1) line.join(item('b', 100));
  const order = takeAll(line).map(keyOf);
  expect(order.indexOf('a')).toBeGreaterThanOrEqual(9);
});

verifies(['ORCH-1262', 'ORCH-3019'], 'the position is what the claims to come will show', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = new SeededRandom(seed);
    const line = fairLine({ a: 2 });
    const waiting = new Set<Sharing>();
    const parked = new Set<Sharing>();
    const out: Sharing[] = [];
    for (let step = 0; step < 120; step += 1) {
      const dice = random.below(20);
      const some = [...waiting][random.below(Math.max(1, waiting.size))];
      if (dice < 9 || some === undefined) {
        const one = item(random.pick(['a', 'b', 'c', '']), 1 + random.below(400));
        line.join(one);
        waiting.add(one);
      } else if (dice < 13) {
        const next = line.take();
        if (next !== undefined) out.push(next);
        if (next !== undefined) waiting.delete(next);
      } else if (dice < 15) {
        line.leave(some);
        waiting.delete(some);
        parked.delete(some);
      } else if (dice < 16 && !parked.has(some)) {
        line.park(some);
        parked.add(some);
      } else if (dice < 17 && parked.delete(some)) {
        line.unpark(some);
      } else if (dice < 18 && out.length > 0) {
        const one = out.pop()!;
        line.stepBack(one);
        waiting.add(one);
      } else if (out.length > 0) {
        const one = out.pop()!;
        line.giveUp(one);
        line.settle(one, random.below(600));
      }
      expect([line.size, line.readySize]).toEqual([waiting.size, waiting.size - parked.size]);
    }
    const ready = [...waiting].filter((one) => !parked.has(one));
    const told = new Map(ready.map((one) => [one, line.countBefore(one)]));
    const taken = takeAll(line);
    expect(taken.map((one) => told.get(one))).toEqual(taken.map((_, place) => place));
  }
});

verifies('ORCH-1261', 'the tasks of a key that is held are passed over, and keep their places', () => {
  const line = fairLine();
  const [a1, a2, b1] = [item('a', 10), item('a', 10), item('b', 10)];
  for (const one of [a1, a2, b1]) line.join(one);
  line.hold('a', true);
  expect([line.size, line.readySize, line.isHeld(a1), line.isHeld(b1)]).toEqual([3, 1, true, false]);
  expect(line.take()).toBe(b1);
  expect(line.take()).toBeUndefined();
  expect([line.oldest(), line.last()]).toEqual([a1, a2]);
  line.hold('a', false);
  expect(takeAll(line)).toEqual([a1, a2]);
});
