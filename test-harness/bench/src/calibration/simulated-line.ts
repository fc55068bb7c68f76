// SPDX-License-Identifier: MIT
import {
  createMemoryTaskQueue,
  createOrchestrator,
  type Clock,
  type Orchestrator,
  type PoolId,
  type PoolSpec,
  type ReplicaId,
  type TaskId,
} from '@llama-orch/orchestrator-core';
import { SeededIdSource, SeededRandom, sha256Digest } from '@llama-orch/orchestrator-core/testkit';
import type { Line, Told } from './observe-line.ts';
import { MAX_TOKENS, type Arrival, type Scenario } from './scenarios.ts';
import { TimedEngine } from './timed-engine.ts';

const POOL = 'line' as PoolId;
const CALLER = { identity: 'anonymous', correlationId: 'calibration' };
const SAMPLING = {
  temperature: 0,
  topP: 1,
  topK: 0,
  minP: 0,
  repeatPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
};
/** More tasks than any scenario brings. */
const TASKS = 100_000;
const LIMITS = {
  maxTasks: { interactive: TASKS, batch: TASKS },
  maxBytes: 2 ** 40,
  fullPolicy: 'reject',
  interactiveBurst: 8,
} as const;

/** A whole orchestrator in virtual time. */
export class SimulatedLine implements Line {
  readonly #orchestrator: Orchestrator;
  readonly #clock: Clock;
  readonly #ends = new Map<TaskId, () => void>();

  constructor(scenario: Scenario, { clock, seed }: { readonly clock: Clock; readonly seed: number }) {
    this.#clock = clock;
    this.#orchestrator = makeOrchestrator(scenario, clock, seed);
    this.#orchestrator.watch((event) => {
      if (event.kind === 'task' && event.state !== 'queued' && event.state !== 'running') {
        this.#ends.get(event.taskId)?.();
      }
    });
    void this.#orchestrator.start(new AbortController().signal);
  }

  async submit({ tokens, priority, maxTokens, expectedTokens, deadlineMs }: Arrival): Promise<Told | undefined> {
    const submission = await this.#orchestrator.submit(
      {
        // Where the client sets a limit the engine would go on.
        input: { workload: 'completion', prompt: String(maxTokens === undefined ? tokens : MAX_TOKENS) },
        priority,
        ...(maxTokens === undefined ? {} : { maxTokens }),
        ...(expectedTokens === undefined ? {} : { expectedTokens }),
        ...(deadlineMs === undefined ? {} : { deadlineMs }),
      },
      CALLER,
    );
    if (submission.outcome === 'rejected') return undefined;
    const { taskId, queuePosition, predictedStartMs } = submission.answer;
    const ended = Promise.withResolvers<undefined>();
    this.#ends.set(taskId, () => ended.resolve(undefined));
    const view = await this.#orchestrator.get(taskId);
    const pool = await this.#orchestrator.pool(POOL);
    return {
      waits: view?.state === 'queued',
      position: queuePosition,
      predictedMs: predictedStartMs,
      onTimeProbability: view?.onTimeProbability,
      meanServiceMs: pool?.serviceTimeMs?.mean ?? 0,
      waitedMs: ended.promise.then(async () => (await this.#orchestrator.get(taskId))?.timings.queueTimeMs),
    };
  }

  sleep(forMs: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.setTimer(forMs, () => resolve()));
  }

  /** Ends everything. */
  stop(): Promise<void> {
    return this.#orchestrator.stop('the scenario is over');
  }
}

function makeOrchestrator(scenario: Scenario, clock: Clock, seed: number): Orchestrator {
  const replicas = [{ id: 'line-0' as ReplicaId, adapter: new TimedEngine(scenario, clock) }];
  const pool: PoolSpec = { id: POOL, modelRefs: [], replicas, limits: LIMITS, maxTokensOut: MAX_TOKENS };
  const random = new SeededRandom(seed);
  return createOrchestrator({
    ports: {
      clock,
      random,
      ids: new SeededIdSource(random),
      digest: sha256Digest,
      logger: { log: () => undefined },
      meter: { add: () => undefined, set: () => undefined, observe: () => undefined },
    },
    queue: createMemoryTaskQueue({ limits: () => LIMITS, retention: { endedTasks: TASKS } }),
    pools: [pool],
    samplerProfiles: [{ version: 'default-1', sampling: { ...SAMPLING, stop: [] } }],
    sessions: { ttlMs: 60_000, maxTurns: 8 },
    streamBufferBytes: 1_000_000,
    retention: { endedTasks: TASKS, transcriptBytes: 2 ** 30 },
    abortGraceMs: 3_000,
    liveIntervalMs: 1_000,
    probeIntervalMs: 60_000,
    // Every task is let in: what would have become of those refused cannot be observed.
    onTimeFloorRatio: 0,
  });
}
