// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { verifies } from '@llama-orch/test-kit';
import { expect, test } from 'vitest';
import { createRandomGguf } from './create-random-gguf.ts';

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

verifies('ORCH-4420', 'equal options give equal bytes, another seed gives others', () => {
  const digest = digestOf(createRandomGguf({ seed: 7 }));
  expect(digestOf(createRandomGguf({ seed: 7 }))).toBe(digest);
  expect(digestOf(createRandomGguf({ seed: 8, name: 'random-7' }))).not.toBe(digest);
  expect(digest).toBe('7469d5b13e77926f0bac9dbf7df489fcbcea0be4abf4e878bb11e6e2ba109762');
});

test('a width that is no multiple of the head size is refused', () => {
  expect(() => createRandomGguf({ seed: 1, embeddingSize: 48 })).toThrow(RangeError);
});
