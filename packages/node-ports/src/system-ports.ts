// SPDX-License-Identifier: MIT
import { createHash, hash, randomFillSync, randomUUID } from 'node:crypto';
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

/** Drawn in advance: asking the platform for four bytes costs as much as asking for a thousand. */
const drawn = new Uint32Array(256);
let drawnLeft = 0;

/** Randomness that cannot be guessed. */
export const systemRandom: Random = {
  nextUint32() {
    if (drawnLeft === 0) {
      randomFillSync(drawn);
      drawnLeft = drawn.length;
    }
    drawnLeft--;
    return drawn[drawnLeft] ?? 0;
  },
};

/** Random UUIDs. */
export const systemIds: IdSource = { nextUuid: () => randomUUID() };

/** SHA-256 of the platform. */
export const systemDigest: Digest = {
  sha256Hex: (text) => hash('sha256', text, 'hex'),
  startSha256() {
    const running = createHash('sha256');
    return {
      update: (text) => void running.update(text, 'utf8'),
      hex: () => running.copy().digest('hex'),
    };
  },
};
