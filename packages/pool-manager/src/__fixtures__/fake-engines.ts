// SPDX-License-Identifier: MIT
import type { LogFields, Logger, LogLevel } from '@llama-orch/orchestrator-core';
import { FakeClock, SeededRandom } from '@llama-orch/orchestrator-core/testkit';
import type {
  TokenSink,
  WorkerAdapter,
  WorkerEnd,
  WorkerHealth,
  WorkerMetrics,
  WorkerProps,
  WorkerRequest,
} from '@llama-orch/worker-adapter-api';
import { createManagedReplica, type ManagedReplicaOptions } from '../create-managed-replica.ts';
import { EngineFaultError, engineFault, type EngineFault, type EngineFaultReason } from '../engine-fault.ts';
import type { EngineExit, EngineLauncher, EngineStart, Provisioning, StartedEngine } from '../engine-launcher.ts';
import type { ManagedReplica } from '../managed-replica.ts';

/** What the fake engines say of themselves. */
export const FAKE_PROPS: WorkerProps = {
  engine: 'fake',
  engineVersion: '1',
  modelId: 'model',
  modelDigest: `sha256:${'0'.repeat(64)}`,
  slots: 4,
  ctxMaxTokens: 4_096,
  workloads: ['completion', 'chat'],
  slotMode: 'isolated',
  features: { determinism: 'strict', jsonSchema: false, grammar: false, tools: false, sessionReuse: false },
};

const READY: WorkerHealth = { state: 'ready', props: FAKE_PROPS };
const END: WorkerEnd = { finishReason: 'length', tokensIn: 1, tokensOut: 1, decodeTimeMs: 1, prefixReuse: false };

/** A request as the core makes one. */
export const TASK: WorkerRequest = {
  jobId: 'job',
  input: { workload: 'completion', prompt: 'work' },
  maxTokens: 8,
  sampling: {
    seed: 1,
    temperature: 0,
    topP: 1,
    topK: 0,
    minP: 0,
    repeatPenalty: 1,
    presencePenalty: 0,
    frequencyPenalty: 0,
    stop: [],
  },
  determinism: 'best_effort',
  kvHint: 'cold',
};

/** One generation that the test ends. */
export interface OpenGeneration {
  readonly request: WorkerRequest;
  send(text: string): void;
  end(): void;
}

/** An adapter that passes the self-test and leaves every other generation open. */
export class FakeAdapter implements WorkerAdapter {
  readonly kind = 'fake';
  readonly specVersion = 1;
  /** What a probe tells; undefined: it never answers. */
  health: WorkerHealth | undefined = READY;
  /** Everything it was asked to run. */
  readonly requests: WorkerRequest[] = [];
  readonly generations: OpenGeneration[] = [];
  /** Whether a generation that is aborted gives its slot back. */
  letsGo = true;
  /** Tokens that a generation of one token gives. */
  tokensOut = 1;
  closeCount = 0;

  async probe(): Promise<WorkerHealth> {
    return this.health ?? new Promise(() => undefined);
  }

  run(request: WorkerRequest, sink: TokenSink, signal: AbortSignal): Promise<WorkerEnd> {
    this.requests.push(request);
    if (request.maxTokens === 1) return Promise.resolve({ ...END, tokensOut: this.tokensOut });
    const { promise, resolve } = Promise.withResolvers<WorkerEnd>();
    signal.addEventListener('abort', () => this.letsGo && resolve({ ...END, finishReason: 'canceled' }));
    if (request.jobId === 'self-test') sink.onTokens([' a'], 1);
    else this.generations.push({ request, send: (text) => sink.onTokens([text], 1), end: () => resolve(END) });
    return promise;
  }

  async metrics(): Promise<WorkerMetrics> {
    return { slotsBusy: this.generations.length };
  }

  async close(): Promise<void> {
    this.closeCount += 1;
  }
}

/** One engine that a {@link FakeLauncher} started. */
export class FakeEngine implements StartedEngine {
  readonly adapter = new FakeAdapter();
  readonly given: EngineStart;
  readonly #exit = Promise.withResolvers<EngineExit>();
  readonly #release = Promise.withResolvers<undefined>();
  readonly lines: string[] = [];
  stopCount = 0;
  /** True when nothing of it is left. */
  isGone = false;
  hasExited = false;
  /** Whether it goes at once when it is stopped. */
  obeys = true;

  constructor(given: EngineStart) {
    this.given = given;
  }

  get exited(): Promise<EngineExit> {
    return this.#exit.promise;
  }

  /** Ends by itself. */
  exit(reason: EngineFaultReason = 'exited', message = 'It exited with 1 status.'): void {
    this.hasExited = true;
    this.#exit.resolve(engineFault(reason, message));
  }

  /** Lets a disobedient engine go. */
  release(): void {
    this.#release.resolve(undefined);
  }

  async stop(): Promise<void> {
    this.stopCount += 1;
    if (!this.obeys) await this.#release.promise;
    this.isGone = true;
    this.#exit.resolve(engineFault('stopped', 'It was stopped.'));
  }

  logTail(): readonly string[] {
    return this.lines;
  }
}

/** Starts engines that are objects. */
export class FakeLauncher implements EngineLauncher {
  readonly provisioning: Provisioning;
  readonly engines: FakeEngine[] = [];
  /** Changes each engine before it is seen. */
  prepare: (engine: FakeEngine) => void = () => undefined;
  /** When set, nothing can be started. */
  fault: EngineFault | undefined;
  attemptCount = 0;

  constructor(provisioning: Provisioning = 'managed') {
    this.provisioning = provisioning;
  }

  /** The engine started last. */
  get last(): FakeEngine {
    const engine = this.engines.at(-1);
    if (engine === undefined) throw new Error('No engine was started');
    return engine;
  }

  async start(given: EngineStart, signal: AbortSignal): Promise<StartedEngine> {
    this.attemptCount += 1;
    await Promise.resolve();
    signal.throwIfAborted();
    if (this.fault !== undefined) throw new EngineFaultError(this.fault);
    const engine = new FakeEngine(given);
    this.prepare(engine);
    this.engines.push(engine);
    return engine;
  }
}

/** Log lines as they came. */
export class ListLogger implements Logger {
  readonly lines: { readonly level: LogLevel; readonly human: string; readonly fields: LogFields }[] = [];

  log(level: LogLevel, human: string, fields: LogFields): void {
    this.lines.push({ level, human, fields });
  }
}

/** A replica on virtual time. */
export interface ReplicaRig {
  readonly clock: FakeClock;
  readonly launcher: FakeLauncher;
  readonly logger: ListLogger;
  readonly replica: ManagedReplica;
}

/** A replica whose engines are objects. */
export function replicaRig(options: Partial<ManagedReplicaOptions> & { provisioning?: Provisioning } = {}): ReplicaRig {
  const { provisioning, ...others } = options;
  const clock = new FakeClock();
  const launcher = new FakeLauncher(provisioning);
  const logger = new ListLogger();
  const random = new SeededRandom(7);
  return {
    clock,
    launcher,
    logger,
    replica: createManagedReplica({ id: 'p-0', launcher, clock, random, logger, ...others }),
  };
}
