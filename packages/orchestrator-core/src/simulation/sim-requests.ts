// SPDX-License-Identifier: MIT
import type { KeySpec } from '../keys/key-spec.ts';
import type { PoolId, SessionId, TaskId } from '../task/ids.ts';
import type { Caller, TaskRequest } from '../task/task.ts';
import { SeededIdSource, type SeededRandom } from '../testkit/seeded-random.ts';

/** What went wrong on purpose with a request. */
const FLAWS: readonly Partial<TaskRequest>[] = [
  { maxTokens: 17 },
  { poolId: 'no-such-pool' as PoolId },
  { modelRef: 'no-such-model' },
  { samplerProfileVersion: 'no-such-profile' },
  { ctxTokens: 65 },
  { engine: 'no-such-engine' },
  { responseFormat: { type: 'grammar', grammar: 'root ::= "x"' } },
];

/** Makes the requests of all clients of one run. */
export class SimRequests {
  readonly #random: SeededRandom;
  readonly #ids: SeededIdSource;
  #count = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#ids = new SeededIdSource(random);
  }

  /** A request that no other one equals. */
  fresh(): TaskRequest {
    const random = this.#random;
    this.#count += 1;
    const sessionId = random.below(4) === 0 ? (`session-${random.below(4)}` as SessionId) : undefined;
    return {
      input: { workload: 'completion', prompt: `request ${this.#count}${'.'.repeat(random.below(600))}` },
      priority: random.below(3) === 0 ? 'batch' : 'interactive',
      maxTokens: 1 + random.below(16),
      ...(random.below(2) === 0 ? { taskId: this.#ids.nextUuid() as TaskId } : {}),
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(random.below(6) === 0 ? { deadlineMs: random.below(400) } : {}),
      ...(random.below(6) === 0 ? { determinism: 'strict' as const } : {}),
      ...(random.below(4) === 0 ? { poolId: 'pool-0' as PoolId } : {}),
      ...(random.below(5) === 0 ? { expectedTokens: random.below(16) } : {}),
      ...(random.below(8) === 0 ? { onDisconnect: random.pick(['cancel', 'detach'] as const) } : {}),
      ...(random.below(12) === 0 ? random.pick(FLAWS) : {}),
      ...(random.below(4) === 0 ? { determinism: 'best_effort' as const } : {}),
    };
  }

  /** Somebody with a key, or without one. */
  caller(keys: readonly KeySpec[]): Caller {
    const keyId = keys[this.#random.below(keys.length + 1)]?.id;
    return { identity: 'anonymous', correlationId: 'simulation', ...(keyId === undefined ? {} : { keyId }) };
  }

  /** The same again under its id, or another body under the same id. */
  again(request: TaskRequest, taskId: TaskId): TaskRequest {
    const same = { ...request, taskId };
    return this.#random.below(3) === 0 ? { ...same, metadata: { changed: true } } : same;
  }
}
