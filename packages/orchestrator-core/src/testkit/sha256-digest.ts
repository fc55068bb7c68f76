// SPDX-License-Identifier: MIT
import { createHash, hash } from 'node:crypto';
import type { Digest } from '../ports.ts';

/** The real digest: it is pure and fast enough for every test. */
export const sha256Digest: Digest = {
  sha256Hex: (text) => hash('sha256', text, 'hex'),
  startSha256() {
    const digest = createHash('sha256');
    return {
      update: (text) => void digest.update(text),
      hex: () => digest.copy().digest('hex'),
    };
  },
};
