// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { expect } from 'vitest';
import { MemoryGuard } from './memory-guard.ts';
import { oldSpaceLimitBytes } from './old-space.ts';

const MIB = 2 ** 20;

function watched(residentMarkBytes?: number) {
  const clock = { atMs: 0, nowMs: () => clock.atMs };
  const lines: string[] = [];
  const gauge: number[] = [];
  const now = { heapBytes: 0, residentBytes: 0 };
  const looks: number[] = [];
  const guard = new MemoryGuard({
    clock,
    logger: { log: (level, human) => lines.push(`${level} ${human}`) },
    meter: { add: () => undefined, set: (_name, _labels, value) => gauge.push(value), observe: () => undefined },
    read() {
      looks.push(clock.atMs);
      return now;
    },
    heapLimitBytes: 100,
    residentMarkBytes,
  });
  /** The code of a refusal, after the guard has looked again. */
  const after = (reading: Partial<typeof now>): string => {
    Object.assign(now, reading);
    clock.atMs += 200;
    try {
      guard.check();
      return 'taken';
    } catch (fault) {
      return OrchError.is(fault) ? `${fault.code} ${JSON.stringify(fault.details['memory'])}` : String(fault);
    }
  };
  return { clock, guard, after, lines, gauge, looks };
}

verifies('ORCH-1344', 'nothing new is taken above three quarters of the heap, until it is well below', () => {
  const { after, lines, gauge } = watched();
  expect(after({ heapBytes: 75 })).toBe('taken');
  expect(after({ heapBytes: 76 })).toBe('MEMORY_PRESSURE "heap"');
  expect(after({ heapBytes: 72 })).toBe('MEMORY_PRESSURE "heap"');
  expect(after({ heapBytes: 71 })).toBe('taken');
  expect(after({ heapBytes: 74 })).toBe('taken');
  expect(lines.map((line) => line.split(' ')[0])).toEqual(['warn', 'info']);
  expect(gauge).toEqual([0, 1, 0]);
});

verifies('ORCH-1344', 'resident memory counts where a mark is set', () => {
  const { after } = watched(1_000);
  expect(after({ residentBytes: 1_000 })).toBe('taken');
  expect(after({ residentBytes: 1_001 })).toBe('MEMORY_PRESSURE "resident"');
  expect(after({ residentBytes: 950 })).toBe('taken');
  expect(watched().after({ residentBytes: Number.MAX_SAFE_INTEGER })).toBe('taken');
});

verifies('ORCH-1344', 'memory is looked at when somebody asks, five times a second at most', () => {
  const { clock, guard, looks } = watched();
  for (; clock.atMs < 1_000; clock.atMs += 10) guard.check();
  expect(looks).toEqual([0, 200, 400, 600, 800]);
});

verifies('ORCH-1344', 'memory is looked at again before more comes in than a small part of the heap', () => {
  const { guard, looks } = watched();
  for (const bytes of [0, 0.3, 0.3, 0.3, 5]) guard.check(bytes);
  expect(looks).toHaveLength(3);
});

verifies('ORCH-1344', 'the young generation is no room for what stays', () => {
  expect(oldSpaceLimitBytes(320 * MIB, '')).toBe(128 * MIB);
  expect(oldSpaceLimitBytes(152 * MIB, '--title=x --max-semi-space-size=8')).toBe(128 * MIB);
  expect(oldSpaceLimitBytes(152 * MIB, '--max_semi_space_size=16 --max-semi-space-size=8')).toBe(128 * MIB);
});
