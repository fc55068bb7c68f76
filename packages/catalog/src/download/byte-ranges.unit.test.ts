// SPDX-License-Identifier: MIT
import { propertyRun, verifies } from '@llama-orch/test-kit';
import fc from 'fast-check';
import { expect } from 'vitest';
import { ByteRanges } from './byte-ranges.ts';

const SIZE = 40;
const range = fc.tuple(fc.nat(SIZE), fc.nat(SIZE)).map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) }));

verifies('ORCH-1610', 'what is missing is exactly what did not come, whatever came in which order', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 12 }), fc.integer({ min: 1, max: 9 }), (came, pieceBytes) => {
      const ranges = new ByteRanges(came);
      const isThere = Array.from({ length: SIZE }, (_, at) => came.some(({ start, end }) => start <= at && at < end));
      const missing = ranges.missing(SIZE, pieceBytes);
      const isMissing = isThere.map((_, at) => missing.filter(({ start, end }) => start <= at && at < end).length);
      expect(isMissing).toEqual(isThere.map((there) => (there ? 0 : 1)));
      expect(missing.every(({ start, end }) => end > start && end - start <= pieceBytes)).toBe(true);
      expect(missing).toEqual([...missing].sort((a, b) => a.start - b.start));
      expect(ranges.sizeBytes).toBe(isThere.filter(Boolean).length);
      const firstGap = isThere.indexOf(false);
      expect(ranges.leadingEnd).toBe(firstGap < 0 ? SIZE : firstGap);
    }),
    propertyRun,
  );
});
