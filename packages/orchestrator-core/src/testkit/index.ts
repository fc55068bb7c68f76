// SPDX-License-Identifier: MIT
export { FakeClock } from './fake-clock.ts';
export { SeededIdSource, SeededRandom } from './seeded-random.ts';
export { sha256Digest } from './sha256-digest.ts';
export { TEST_POOL, TEST_SAMPLING, buildRequest, buildTask, uniqueTaskId } from './task-builders.ts';
export { TestSignal } from './test-signal.ts';
