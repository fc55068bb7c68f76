// SPDX-License-Identifier: MIT
import { BOUND_TESTS } from './queue-exercise/bound-tests.ts';
import { CLAIM_TESTS } from './queue-exercise/claim-tests.ts';
import { LEASE_TESTS } from './queue-exercise/lease-tests.ts';
import { ORDER_TESTS } from './queue-exercise/order-tests.ts';
import { QueueBench, type AcquireQueue, type QueueCapability } from './queue-exercise/queue-test.ts';
import { RACE_TESTS } from './queue-exercise/race-tests.ts';
import { STEER_TESTS } from './queue-exercise/steer-tests.ts';
import { SESSION_TESTS } from './queue-exercise/session-tests.ts';
import { SHARE_TESTS } from './queue-exercise/share-tests.ts';

/** Registers one test with any runner; `verifies` of the test kit fits. */
export type RegisterQueueTest = (ids: string | readonly string[], title: string, body: () => Promise<void>) => void;

/** What a backend cannot do. */
export interface QueueExerciseOptions {
  /** Capabilities the backend lacks, each with the reason. */
  readonly lacks: Readonly<Partial<Record<QueueCapability, string>>>;
  /** Reports a test as skipped; the title ends with the ids and the reason. */
  readonly skip: (title: string) => void;
}

const TESTS = [
  ...BOUND_TESTS,
  ...ORDER_TESTS,
  ...LEASE_TESTS,
  ...CLAIM_TESTS,
  ...SESSION_TESTS,
  ...SHARE_TESTS,
  ...RACE_TESTS,
  ...STEER_TESTS,
];

/**
 * Registers every invariant of {@link TaskQueue} as tests: what passes them is a queue backend.
 *
 * The suite looks at the port alone, sleeps nowhere and needs no fake time. It races calls over all the handles that
 * `acquire` gives, so a backend for several processes should give at least two. A hang is a failure: the runner needs a
 * time limit.
 *
 * @param test Registers a test with the runner.
 * @param acquire Makes a fresh queue for each test.
 * @param options Needed by a backend that lacks a capability.
 */
export function exerciseTaskQueue(
  test: RegisterQueueTest,
  acquire: AcquireQueue,
  options?: QueueExerciseOptions,
): void {
  for (const { ids, title, body, needs } of TESTS) {
    const reason = needs && options?.lacks[needs];
    if (reason === undefined) test(ids, title, () => body((limits) => QueueBench.open(acquire, limits)));
    else options?.skip(`${title} [${[ids].flat().join(' ')}] (skipped, ${needs ?? ''}: ${reason})`);
  }
}
