// SPDX-License-Identifier: MIT
import { propertyRun, verifies } from '@llama-orch/test-kit';
import fc from 'fast-check';
import { expect } from 'vitest';
import { createCumulativeDeltas, plainDeltas, type TextDeltas } from './text-deltas.ts';

const piecesOf = (deltas: TextDeltas, texts: readonly string[]): readonly string[] => [
  ...texts.map((text) => deltas.push(text)),
  deltas.end(),
];

verifies(['ORCH-4670', 'ORCH-1512'], 'only what is new leaves, and joins to the whole text', () => {
  expect(piecesOf(createCumulativeDeltas(), ['a', 'ab', 'ab', 'abc'])).toEqual(['a', 'b', '', 'c', '']);
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (pieces) => {
      const texts = pieces.map((_, at) => pieces.slice(0, at + 1).join(''));
      expect(piecesOf(createCumulativeDeltas(), texts).join('')).toBe(texts.at(-1));
    }),
    propertyRun,
  );
});

verifies('ORCH-4670', 'half a character is held back until it is decided', () => {
  expect(piecesOf(createCumulativeDeltas(), ['rain \ufffd', 'rain \ufffd\ufffd', 'rain 雨'])).toEqual([
    'rain ',
    '',
    '雨',
    '',
  ]);
  expect(piecesOf(createCumulativeDeltas(), ['rain', 'rain \ufffd'])).toEqual(['rain', ' ', '\ufffd']);
});

verifies('ORCH-4670', 'text that takes back what was sent is a reset; one that only gets shorter is told', () => {
  const deltas = createCumulativeDeltas();
  deltas.push('rain');
  deltas.push('rain EN');
  expect([deltas.push('rain '), deltas.takenBackChars]).toEqual(['', 2]);
  expect(() => deltas.push('snow')).toThrow('unexpected_event');
});

verifies(['ORCH-4670', 'ORCH-4671'], 'texts that do not begin with the first one are deltas', () => {
  expect(piecesOf(createCumulativeDeltas(), ['rain', ' on', ' on'])).toEqual(['rain', ' on', ' on', '']);
  expect(piecesOf(plainDeltas, ['ha', 'haha', '\ufffd'])).toEqual(['ha', 'haha', '\ufffd', '']);
});
