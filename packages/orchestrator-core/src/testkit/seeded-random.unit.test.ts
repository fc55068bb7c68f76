// SPDX-License-Identifier: MIT
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { SeededIdSource, SeededRandom, TestSignal } from './index.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

verifies('ORCH-3301', 'the same seed gives the same numbers and ids, another seed others', () => {
  const numbers = (seed: number): number[] => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 50 }, () => random.nextUint32());
  };
  expect(numbers(1)).toEqual(numbers(1));
  expect(new Set([...numbers(1), ...numbers(2), ...numbers(0)]).size).toBe(150);
  const ids = (seed: number): string[] => {
    const source = new SeededIdSource(new SeededRandom(seed));
    return Array.from({ length: 50 }, () => source.nextUuid());
  };
  expect(ids(1)).toEqual(ids(1));
  expect(new Set([...ids(1), ...ids(2)]).size).toBe(100);
  for (const id of ids(3)) expect(id).toMatch(UUID);
});

verifies('ORCH-3301', 'numbers are spread evenly and picks stay inside', () => {
  const random = new SeededRandom(42);
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i++) {
    const ratio = random.ratio();
    expect(ratio >= 0 && ratio < 1).toBe(true);
    counts[Math.floor(ratio * 10)]! += 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(900);
  expect(Math.max(...counts)).toBeLessThan(1_100);
  expect(new Set(Array.from({ length: 200 }, () => random.below(3)))).toEqual(new Set([0, 1, 2]));
  expect(['x', 'y']).toContain(random.pick(['x', 'y']));
  expect(() => random.pick([])).toThrow(RangeError);
});

verifies('ORCH-3302', 'a test signal keeps what happened until it is asked for, in order', async () => {
  const signal = new TestSignal<number>();
  signal.emit(1);
  signal.emit(2);
  expect(signal.pending).toEqual([1, 2]);
  expect([await signal.next(), await signal.next()]).toEqual([1, 2]);
  const waiting = signal.nextWhere((value) => value > 3);
  for (const value of [3, 4, 5]) signal.emit(value);
  expect(await waiting).toBe(4);
  expect(await signal.next()).toBe(5);
});
