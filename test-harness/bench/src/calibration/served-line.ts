// SPDX-License-Identifier: MIT
import type { OrchClient } from '@llama-orch/client';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Line, Told } from './observe-line.ts';
import { MAX_TOKENS, type Arrival, type Scenario } from './scenarios.ts';

/** One pool of a running service, over HTTP. */
export class ServedLine implements Line {
  readonly #client: OrchClient;
  readonly #ends: TaskEnds;
  readonly #poolId: string;

  constructor(client: OrchClient, ends: TaskEnds, poolId: string) {
    this.#client = client;
    this.#ends = ends;
    this.#poolId = poolId;
  }

  async submit({ tokens, priority, maxTokens, expectedTokens, deadlineMs }: Arrival): Promise<Told | undefined> {
    const wanted = maxTokens === undefined ? tokens : MAX_TOKENS;
    const taskId = randomUUID();
    const ended = this.#ends.of(taskId);
    const accepted = await this.#client.submit({
      task_id: taskId,
      prompt: `[[mock tokens=${wanted}]]`,
      pool_id: this.#poolId,
      priority,
      max_tokens: maxTokens,
      expected_tokens: expectedTokens,
      deadline_ms: deadlineMs,
    });
    const task = await this.#client.get(taskId);
    const { metrics } = await this.#client.poolHealth(this.#poolId);
    return {
      waits: task.state === 'queued',
      position: accepted.queue_position,
      predictedMs: accepted.predicted_start_ms,
      onTimeProbability: task.on_time_probability,
      meanServiceMs: metrics.service_time_ms?.mean ?? 0,
      waitedMs: ended.then(async () => (await this.#client.get(taskId)).timings.queue_time_ms),
    };
  }

  async sleep(forMs: number): Promise<void> {
    await sleep(forMs);
  }
}

/** Hears of the ends of tasks by one connection: following each would cost more than the tasks do. */
export class TaskEnds {
  readonly #waiting = new Map<string, () => void>();
  readonly #stop = new AbortController();

  /** Listens until {@link stop}. */
  async listen(client: OrchClient): Promise<void> {
    try {
      for await (const happening of client.events({ signal: this.#stop.signal })) {
        if (happening.event !== 'task-changed') continue;
        const { task_id: taskId, state } = happening.data;
        if (state !== 'queued' && state !== 'running') this.#waiting.get(taskId)?.();
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
  }

  /** Resolves once the task has ended; ask before it is submitted. */
  of(taskId: string): Promise<void> {
    return new Promise((resolve) => void this.#waiting.set(taskId, resolve));
  }

  /** Listens no more. */
  stop(): void {
    this.#stop.abort();
  }
}

/** The configuration of a pool for each scenario, in their order. */
export function servedPools(scenarios: readonly Scenario[]): readonly Readonly<Record<string, unknown>>[] {
  const pools = scenarios.map(({ slots, startMs, delayMs }, index) =>
    mockPool(poolIdOf(index), { slots, startMs, delayMs }),
  );
  return [...pools, mockPool(WARM_UP_POOL, { slots: 16, startMs: 30, delayMs: 5 })];
}

/** A pool beside those of the scenarios. */
export const WARM_UP_POOL = 'warm-up';

function mockPool(
  id: string,
  { slots, startMs, delayMs }: Pick<Scenario, 'slots' | 'startMs' | 'delayMs'>,
): Readonly<Record<string, unknown>> {
  const options = { start_ms: startMs, delay_ms: delayMs, directives: true };
  return { id, adapter: 'mock', slots, ctx_max: 2 * MAX_TOKENS, max_tokens_out: MAX_TOKENS, options };
}

/** The pool of the scenario at `index`. */
export function poolIdOf(index: number): string {
  return `line-${index}`;
}
