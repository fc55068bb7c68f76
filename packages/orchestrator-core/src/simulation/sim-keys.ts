// SPDX-License-Identifier: MIT
import type { KeySpec } from '../keys/key-spec.ts';
import type { KeyRules } from '../queue/key-slots.ts';
import type { KeyId } from '../task/ids.ts';
import type { SeededRandom } from '../testkit/seeded-random.ts';
import type { Mutant } from './mutants.ts';

/** One or two keys of random limits. */
export function buildKeys(random: SeededRandom): readonly KeySpec[] {
  return Array.from({ length: 1 + random.below(2) }, (_, index): KeySpec => {
    const [queuedTasks, runningTasks, requestsPerMinute, tokens] = [2, 1, 600, 500].map((limit) =>
      random.below(2) === 0 ? undefined : limit,
    );
    return {
      id: `key-${index}` as KeyId,
      weight: 1 + random.below(2),
      priorities: ['interactive', 'batch'],
      ...(queuedTasks === undefined ? {} : { queuedTasks }),
      ...(runningTasks === undefined ? {} : { runningTasks }),
      ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
      ...(tokens === undefined ? {} : { budget: { tokens, periodMs: 5_000 } }),
    };
  });
}

/** What the queue is told of the keys. */
export function rulesOf(keys: readonly KeySpec[], mutant: Mutant | undefined): (id: KeyId) => KeyRules | undefined {
  const byId = new Map(keys.map((key) => [key.id, key]));
  return (id) => {
    const rules = byId.get(id);
    return rules === undefined ? undefined : (mutant?.keyRules?.(rules) ?? rules);
  };
}
