// SPDX-License-Identifier: MIT
export { exerciseTaskQueue, type QueueExerciseOptions, type RegisterQueueTest } from './exercise-task-queue.ts';
export { FakeClock } from './fake-clock.ts';
export type { AcquireQueue, QueueCapability, QueueUnderTest } from './queue-exercise/queue-test.ts';
export { SeededIdSource, SeededRandom } from './seeded-random.ts';
export { sha256Digest } from './sha256-digest.ts';
export { TEST_POOL, TEST_SAMPLING, buildRequest, buildTask, uniqueTaskId } from './task-builders.ts';
export { TestSignal } from './test-signal.ts';
