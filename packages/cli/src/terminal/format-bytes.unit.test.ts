// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { formatBytes, formatCount } from './format-bytes.ts';

verifies('ORCH-1634', 'sizes are shown in units that people read', () => {
  expect([0, 512, 1024, 1536, 10 * 1024 ** 2, 4.5 * 1024 ** 3, 3 * 1024 ** 5].map(formatBytes)).toEqual([
    '0 B',
    '512 B',
    '1.0 KiB',
    '1.5 KiB',
    '10 MiB',
    '4.5 GiB',
    '3.0 PiB',
  ]);
  expect([7, 1_193_088, 70e9, 1.1e12].map(formatCount)).toEqual(['7', '1.2 M', '70 B', '1.1 T']);
});
