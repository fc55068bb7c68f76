// SPDX-License-Identifier: MIT
import type { OrchClient } from '@llama-orch/client';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Line, Told } from './observe-line.ts';
import { MAX_TOKENS, type Arrival, type Scenario } from './scenarios.ts';

/** A pool of mock engines whose service times are known. */
export interface ServedPool extends Pick<Scenario, 'slots' | 'startMs' | 'delayMs'> {
  readonly id: string;
}

/** One pool of a running service, over HTTP. */
export class ServedLine implements Line {
  /** What jobs took, and what they take on a machine that has time for them. */
  readonly served = { tookMs: 0, knownMs: 0 };
  readonly #client: OrchClient;
  readonly #ends: TaskEnds;
  readonly #pool: ServedPool;

  constructor(client: OrchClient, ends: TaskEnds, pool: ServedPool) {
    this.#client = client;
    this.#ends = ends;
    this.#pool = pool;
  }

  async submit({ tokens, priority, maxTokens, expectedTokens, deadlineMs }: Arrival): Promise<Told | undefined> {
    const wanted = maxTokens === undefined ? tokens : MAX_TOKENS;
    const taskId = randomUUID();
    const ended = this.#ends.of(taskId);
    const accepted = await this.#client.submit({
      task_id: taskId,
      prompt: `[[mock tokens=${wanted}]]`,
      pool_id: this.#pool.id,
      priority,
      max_tokens: maxTokens,
      expected_tokens: expectedTokens,
      deadline_ms: deadlineMs,
    });
    const task = await this.#client.get(taskId);
    const { metrics } = await this.#client.poolHealth(this.#pool.id);
    return {
      waits: task.state === 'queued',
      position: accepted.queue_position,
      predictedMs: accepted.predicted_start_ms,
      onTimeProbability: task.on_time_probability,
      meanServiceMs: metrics.service_time_ms?.mean ?? 0,
      waitedMs: ended.then(() => this.#waitedMs(taskId, tokens)),
    };
  }

  async #waitedMs(taskId: string, tokens: number): Promise<number | undefined> {
    const { timings } = await this.#client.get(taskId);
    const { queue_time_ms: waitedMs, total_time_ms: totalMs } = timings;
    if (waitedMs === undefined || totalMs === undefined) return waitedMs;
    const { startMs, delayMs } = this.#pool;
    this.served.tookMs += totalMs - waitedMs;
    this.served.knownMs += startMs + (tokens - 1) * delayMs;
    return waitedMs;
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

/** A pool for a scenario. */
export function servedPool(name: string, { slots, startMs, delayMs }: Scenario): ServedPool {
  return { id: `line-${name}`, slots, startMs, delayMs };
}

/** A pool beside those of the scenarios. */
export const WARM_UP_POOL: ServedPool = { id: 'warm-up', slots: 16, startMs: 30, delayMs: 5 };

/** The configuration of a pool of mock engines. */
export function mockPool({ id, slots, startMs, delayMs }: ServedPool): Readonly<Record<string, unknown>> {
  const options = { start_ms: startMs, delay_ms: delayMs, directives: true };
  return { id, adapter: 'mock', slots, ctx_max: 2 * MAX_TOKENS, max_tokens_out: MAX_TOKENS, options };
}
