// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { tableOf } from './print-table.ts';

verifies('ORCH-8303', 'figures stand aligned, with three digits and a dash for what could not be read', () => {
  const table = tableOf(
    ['way', 'tokens/s', 'share'],
    [
      ['direct', 123_456.7, 1],
      ['orch', NaN, 0.954321],
    ],
  );
  expect(table.split('\n')).toEqual([
    '| way    | tokens/s | share |',
    '| ------ | -------: | ----: |',
    '| direct |  123,457 |     1 |',
    '| orch   |        - |  0.95 |',
  ]);
});
