// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { expect } from 'vitest';
import { propertyRun, verifies } from '@llama-orch/test-kit';
import { decodeRecords, encodeRecord, padRecords } from './record-text.ts';

const cell = fc.oneof(fc.string({ unit: 'binary' }), fc.double({ noNaN: true }), fc.constant(null));

verifies('ORCH-1202', 'records come back from their text cell by cell', () => {
  const records = fc.array(fc.array(cell));
  const holds = fc.property(records, (all) => {
    expect(decodeRecords(all.map(encodeRecord).join(''))).toEqual(all.flat());
  });
  fc.assert(holds, propertyRun);
});

verifies('ORCH-1202', 'padding says nothing', () => {
  const text = encodeRecord(['id ', 7, null]) + encodeRecord([' ']);
  expect(decodeRecords(padRecords(text, 9))).toEqual(['id ', 7, null, ' ']);
  expect(padRecords(text, 9)).toHaveLength(text.length + 9);
});

verifies('ORCH-1202', 'a text that is cut is no record', () => {
  const text = encodeRecord(['id', 'a longer text']);
  expect(() => decodeRecords(text.slice(0, -1))).toThrow('cut short');
  expect(() => decodeRecords(text.slice(0, 5))).toThrow('no end');
  expect(() => decodeRecords('x:')).toThrow('cut short');
});
