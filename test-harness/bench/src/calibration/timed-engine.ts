// SPDX-License-Identifier: MIT
import type {
  TokenSink,
  WorkerAdapter,
  WorkerEnd,
  WorkerHealth,
  WorkerMetrics,
  WorkerRequest,
} from '@llama-orch/worker-adapter-api';
import type { Clock, Timer } from '@llama-orch/orchestrator-core';
import { MAX_TOKENS, type Scenario } from './scenarios.ts';

/** An engine in virtual time whose service times are known: each prompt says how many tokens come of it. */
export class TimedEngine implements WorkerAdapter {
  readonly kind = 'timed';
  readonly specVersion = 1;
  readonly #scenario: Scenario;
  readonly #clock: Clock;

  constructor(scenario: Scenario, clock: Clock) {
    this.#scenario = scenario;
    this.#clock = clock;
  }

  async probe(): Promise<WorkerHealth> {
    return {
      state: 'ready',
      props: {
        engine: 'timed',
        engineVersion: '1.0',
        modelId: 'timed',
        modelDigest: undefined,
        slots: this.#scenario.slots,
        ctxMaxTokens: 2 * MAX_TOKENS,
        workloads: ['completion'],
        slotMode: 'isolated',
        features: { determinism: 'strict', jsonSchema: false, grammar: false, tools: false, sessionReuse: false },
      },
    };
  }

  async run(request: WorkerRequest, sink: TokenSink, signal: AbortSignal): Promise<WorkerEnd> {
    const { startMs, delayMs } = this.#scenario;
    const wanted = request.input.workload === 'completion' ? Number(request.input.prompt) : 0;
    const tokens = Math.min(wanted, request.maxTokens);
    const { promise, resolve } = Promise.withResolvers<'stop' | 'canceled'>();
    let sent = 0;
    let timer: Timer;
    const send = (): void => {
      sink.onTokens(['x'], 1);
      sent += 1;
      if (sent === tokens) resolve('stop');
      else timer = this.#clock.setTimer(delayMs, send);
    };
    timer = this.#clock.setTimer(startMs, send);
    signal.addEventListener('abort', () => resolve('canceled'), { once: true });
    const finishReason = await promise;
    timer.cancel();
    return { finishReason, tokensIn: 1, tokensOut: sent, decodeTimeMs: sent * delayMs, prefixReuse: false };
  }

  async metrics(): Promise<WorkerMetrics> {
    return {};
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }
}
