// SPDX-License-Identifier: MIT
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Clock, Digest, IdSource, Random } from '@llama-orch/orchestrator-core';

/** Longest delay a Node timer can hold. */
const MAX_DELAY_MS = 2_147_483_647;

/** The machine's own time. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallNowMs: () => Date.now(),
  setTimer(delayMs, fire) {
    const timer = setTimeout(fire, Math.min(Math.max(0, Math.ceil(delayMs)), MAX_DELAY_MS));
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Randomness that cannot be guessed. */
export const systemRandom: Random = { nextUint32: () => randomBytes(4).readUInt32LE() };

/** Random UUIDs. */
export const systemIds: IdSource = { nextUuid: () => randomUUID() };

/** SHA-256 of the platform. */
export const systemDigest: Digest = {
  sha256Hex: (text) => createHash('sha256').update(text, 'utf8').digest('hex'),
  startSha256() {
    const hash = createHash('sha256');
    return {
      update: (text) => void hash.update(text, 'utf8'),
      hex: () => hash.digest('hex'),
    };
  },
};
