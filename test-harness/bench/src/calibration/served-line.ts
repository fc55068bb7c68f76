// SPDX-License-Identifier: MIT
import { createClient, type OrchClient } from '@llama-orch/client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Line, Told } from './observe-line.ts';
import { MAX_TOKENS, type Arrival, type Scenario } from './scenarios.ts';

/** One pool of a running service, over HTTP. */
export class ServedLine implements Line {
  readonly #client: OrchClient;
  readonly #poolId: string;

  constructor(baseUrl: string, poolId: string) {
    this.#client = createClient({ baseUrl });
    this.#poolId = poolId;
  }

  async submit({ tokens, priority, maxTokens, expectedTokens, deadlineMs }: Arrival): Promise<Told | undefined> {
    const wanted = maxTokens === undefined ? tokens : MAX_TOKENS;
    const accepted = await this.#client.submit({
      prompt: `[[mock tokens=${wanted}]]`,
      pool_id: this.#poolId,
      priority,
      max_tokens: maxTokens,
      expected_tokens: expectedTokens,
      deadline_ms: deadlineMs,
    });
    const task = await this.#client.get(accepted.task_id);
    const { metrics } = await this.#client.poolHealth(this.#poolId);
    return {
      waits: task.state === 'queued',
      position: accepted.queue_position,
      predictedMs: accepted.predicted_start_ms,
      onTimeProbability: task.on_time_probability,
      meanServiceMs: metrics.service_time_ms?.mean ?? 0,
      waitedMs: this.#whenEnded(accepted.task_id),
    };
  }

  async sleep(forMs: number): Promise<void> {
    await sleep(forMs);
  }

  async #whenEnded(taskId: string): Promise<number | undefined> {
    for await (const _batch of this.#client.stream(taskId).batches()) {
      // Only the end of the stream matters.
    }
    return (await this.#client.get(taskId)).timings.queue_time_ms;
  }
}

/** The configuration of the pools of all scenarios, in their order. */
export function servedPools(scenarios: readonly Scenario[]): readonly Readonly<Record<string, unknown>>[] {
  return scenarios.map(({ slots, startMs, delayMs }, index) => ({
    id: poolIdOf(index),
    adapter: 'mock',
    slots,
    ctx_max: 2 * MAX_TOKENS,
    max_tokens_out: MAX_TOKENS,
    options: { start_ms: startMs, delay_ms: delayMs, directives: true },
  }));
}

/** The pool of a scenario. */
export function poolIdOf(index: number): string {
  return `line-${index}`;
}
