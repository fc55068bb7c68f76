// SPDX-License-Identifier: MIT
import { propertyRun, verifies } from '@llama-orch/test-kit';
import fc from 'fast-check';
import { expect } from 'vitest';
import { StopCutter } from './stop-cutter.ts';

function cut(pieces: readonly string[], stops: readonly string[]): { text: string; hasCut: boolean } {
  const cutter = new StopCutter(stops);
  const text = pieces.map((piece) => cutter.push(piece)).join('') + cutter.end();
  return { text, hasCut: cutter.hasCut };
}

verifies('ORCH-4070', 'a stop text is cut out wherever pieces are cut, with all that follows', () => {
  const text = 'one END two';
  for (let at = 0; at <= text.length; at += 1) {
    expect(cut([text.slice(0, at), text.slice(at)], ['END'])).toEqual({ text: 'one ', hasCut: true });
  }
  expect(cut(['aa', 'ab', 'c'], ['aab'])).toEqual({ text: 'a', hasCut: true });
});

verifies('ORCH-4070', 'what only began like a stop text is passed on', () => {
  expect(cut(['one E', 'N', 'orm'], ['END', 'ENOUGH'])).toEqual({ text: 'one ENorm', hasCut: false });
  expect(cut(['one EN'], ['END'])).toEqual({ text: 'one EN', hasCut: false });
  expect(cut(['any', '', 'thing'], [])).toEqual({ text: 'anything', hasCut: false });
});

verifies('ORCH-4070', 'cutting pieces equals cutting the whole text', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });
  const stops = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 }), { maxLength: 3 });
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 6 }), stops, (pieces, texts) => {
      const whole = pieces.join('');
      const at = Math.min(...texts.map((stop) => whole.indexOf(stop)).filter((found) => found >= 0), whole.length);
      expect(cut(pieces, texts).text).toBe(whole.slice(0, at));
    }),
    propertyRun,
  );
});
