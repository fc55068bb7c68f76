// SPDX-License-Identifier: MIT
import { propertyRun, verifies } from '@llama-orch/test-kit';
import fc from 'fast-check';
import { expect } from 'vitest';
import { StopScanner } from './stop-scanner.ts';

function scan(pieces: readonly string[], stops: readonly string[]): { text: string; stopped: boolean } {
  const scanner = new StopScanner(stops);
  const text = pieces.map((piece) => scanner.push(piece)).join('');
  return { text: text + scanner.flush(), stopped: scanner.stopped };
}

verifies('ORCH-4216', 'a stop text spread over pieces ends the text before it', () => {
  expect(scan(['one\n', '\ntwo'], ['\n\n'])).toEqual({ text: 'one', stopped: true });
  expect(scan(['ab', 'c', 'd'], ['cd', 'bcx'])).toEqual({ text: 'ab', stopped: true });
});

verifies('ORCH-4216', 'text that only begins like a stop text is delivered', () => {
  expect(scan(['one\n', 'two\n'], ['\n\n'])).toEqual({ text: 'one\ntwo\n', stopped: false });
});

verifies('ORCH-4216', 'the cuts between pieces never change the result', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });
  fc.assert(
    fc.property(letters, fc.array(letters, { maxLength: 3 }), fc.array(fc.nat(12)), (text, stops, cuts) => {
      const edges = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
      const pieces = edges.slice(1).map((edge, index) => text.slice(edges[index], edge));
      const at = Math.min(
        ...stops.filter((stop) => stop !== '' && text.includes(stop)).map((stop) => text.indexOf(stop)),
      );
      const { text: scanned, stopped } = scan(pieces, stops);
      expect(stopped).toBe(at !== Infinity);
      // A longer stop text may be decided later than a shorter one inside it, never earlier.
      expect(scanned.length).toBeLessThanOrEqual(text.length);
      if (!stopped) expect(scanned).toBe(text);
      else expect(text.startsWith(scanned)).toBe(true);
    }),
    propertyRun,
  );
});
