// SPDX-License-Identifier: MIT
import {
  OrchError,
  type TokenSink,
  type WorkerAdapter,
  type WorkerEnd,
  type WorkerHealth,
  type WorkerMetrics,
  type WorkerProps,
  type WorkerRequest,
} from '@llama-orch/worker-adapter-api';
import type { Clock } from '../ports.ts';
import type { PoolId } from '../task/ids.ts';
import type { SeededRandom } from '../testkit/seeded-random.ts';
import { SimJob, type JobScript } from './sim-job.ts';
import type { Referee } from './referee.ts';

/** What every engine of a run writes down. */
export interface EngineLedger {
  /** Pieces that left the engine for core to take, by job. */
  readonly pieces: Map<string, string[]>;
  /** Jobs handed to an engine. */
  runCount: number;
  /** Jobs that run on some engine and that nobody has aborted. */
  readonly live: Map<string, SimJob>;
  /** The latest job of each session. */
  readonly sessions: Map<string, SimJob>;
  /** How often a job was lost with its engine. */
  readonly losses: Map<string, number>;
  /** Pools that an operator told to give out nothing. */
  readonly shutPools: Set<PoolId>;
  /** Adapters of engines that were replaced. */
  readonly retired: Set<WorkerAdapter>;
  readonly referee: Referee;
  readonly note: (line: string) => void;
}

/** What an engine is made from. */
export interface SimEngineOptions {
  readonly name: string;
  readonly poolId: PoolId;
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly ledger: EngineLedger;
  readonly props: WorkerProps;
  readonly abortGraceMs: number;
  /** Share of jobs and probes that meet a fault. */
  readonly faultRatio: number;
  /** Share of jobs it will not take though it says it is ready. */
  readonly refusalRatio: number;
  /** Whether core may kill it and start another in its place. */
  readonly managed: boolean;
}

/** A job lost so often runs alone. */
const LOSSES_BEFORE_ALONE = 2;

type Phase = 'loading' | 'ready' | 'down';

const FAULTS = ['crash', 'hang', 'refuse', 'exhaust', 'throw', 'reject', 'nonsense', 'quit'] as const;
const ABORTS = ['prompt', 'prompt', 'slow', 'too-slow', 'much-too-slow', 'late-tokens'] as const;

/** An engine made of timers: it loads, crashes, hangs, floods, and sometimes just works. */
export class SimEngine implements WorkerAdapter {
  readonly kind = 'simulated';
  readonly specVersion = 1;
  readonly #options: SimEngineOptions;
  readonly #jobs = new Set<SimJob>();
  #phase: Phase = 'loading';
  #phaseUntilMs: number;
  /** Kills what runs and loads again; absent where the engine is somebody else's. */
  readonly restart?: () => void;

  constructor(options: SimEngineOptions) {
    this.#options = options;
    if (options.managed) this.restart = () => this.#crash();
    this.#phaseUntilMs = options.random.below(3_000);
  }

  async probe(signal: AbortSignal): Promise<WorkerHealth> {
    const { random, faultRatio, props } = this.#options;
    this.#moveOn();
    if (random.ratio() < faultRatio * 0.2) return this.#hangingProbe(signal);
    if (random.ratio() < faultRatio * 0.3) throw new Error('A probe that breaks its own rules.');
    if (this.#phase === 'ready') return { state: 'ready', props };
    if (this.#phase === 'loading') return { state: 'loading', progressRatio: 0.5 };
    return { state: 'failed', error: new OrchError('WORKER_RESET', { message: 'The engine is down.' }) };
  }

  run(request: WorkerRequest, sink: TokenSink, signal: AbortSignal): Promise<WorkerEnd> {
    const { clock, random, ledger, name } = this.#options;
    const { jobId } = request;
    this.#moveOn();
    ledger.runCount += 1;
    this.#judge(request, signal);
    const script = this.#script(request);
    ledger.note(`${clock.nowMs()} ${name} run ${jobId} ${script.fault ?? 'well'} ${script.onAbort}`);
    if (script.fault === 'throw') throw new Error('An adapter that throws where it should reject.');
    if (this.#phase !== 'ready') return Promise.reject(new OrchError('POOL_UNREADY', { message: 'Not loaded.' }));
    const job = new SimJob({ clock, random, ledger, request, sink, script, signal });
    this.#jobs.add(job);
    if (script.fault === 'crash') job.onFault = () => this.#crash();
    ledger.live.set(jobId, job);
    if (request.sessionId !== undefined) ledger.sessions.set(request.sessionId, job);
    const leave = (): void => {
      if (ledger.live.get(jobId) === job) ledger.live.delete(jobId);
    };
    signal.addEventListener('abort', leave, { once: true });
    return job.run().finally(() => {
      leave();
      this.#jobs.delete(job);
    });
  }

  /** What must hold when an engine is given a job. */
  #judge(request: WorkerRequest, signal: AbortSignal): void {
    const { ledger, name, poolId, props } = this.#options;
    const { jobId, determinism } = request;
    const referee: Referee = ledger.referee;
    const isAllowed = determinism === 'strict' || !ledger.pieces.get(jobId)?.length;
    referee.demand(isAllowed, `Job ${jobId} was started over after its first token.`);
    referee.demand(!ledger.live.has(jobId), `Job ${jobId} runs twice at once.`);
    referee.demand(this.#jobs.size < props.slots, `Engine ${name} got more jobs than it has slots.`);
    referee.demand(!signal.aborted, `Job ${jobId} was started although it was canceled.`);
    referee.demand(!ledger.shutPools.has(poolId), `Job ${jobId} was started while its pool gave out nothing.`);
    referee.demand(!ledger.retired.has(this), `Job ${jobId} was started on engine ${name}, which was replaced.`);
    const isHeld = this.#isSessionHeld(request);
    referee.demand(!isHeld, `Job ${jobId} runs beside another turn of its session.`);
    const neighbors = Array.from(this.#jobs).filter((job) => this.#isAwaited(job));
    const alone = [request, ...neighbors.map(({ request: other }) => other)].some((each) => this.#mustBeAlone(each));
    referee.demand(!alone || neighbors.length === 0, `Job ${jobId} runs beside one that was lost too often.`);
  }

  /** The process around it is killed and started again: it forgets its jobs, tells nobody, and loads. */
  reboot(): void {
    const { clock, random, ledger } = this.#options;
    for (const job of this.#jobs) {
      job.forget();
      ledger.live.delete(job.jobId);
    }
    this.#jobs.clear();
    this.#phase = 'loading';
    this.#phaseUntilMs = clock.nowMs() + random.below(500);
  }

  async metrics(): Promise<WorkerMetrics> {
    return { slotsBusy: this.#jobs.size };
  }

  async close(): Promise<void> {
    for (const job of this.#jobs) job.breakDown();
  }

  /** True while the job holds a slot and core had no reason to stop waiting for it. */
  holds(jobId: string): boolean {
    return Array.from(this.#jobs).some((job) => job.jobId === jobId && this.#isAwaited(job));
  }

  /** Another turn of the session runs on some engine. */
  #isSessionHeld({ sessionId }: WorkerRequest): boolean {
    const other = sessionId === undefined ? undefined : this.#options.ledger.sessions.get(sessionId);
    return other !== undefined && !other.isOver && this.#isAwaited(other);
  }

  #mustBeAlone({ jobId }: WorkerRequest): boolean {
    return (this.#options.ledger.losses.get(jobId) ?? 0) >= LOSSES_BEFORE_ALONE;
  }

  #isAwaited({ abortedAtMs }: SimJob): boolean {
    const { clock, abortGraceMs } = this.#options;
    return abortedAtMs === undefined || clock.nowMs() - abortedAtMs < abortGraceMs;
  }

  #script({ jobId, maxTokens }: WorkerRequest): JobScript {
    const { random, faultRatio, refusalRatio } = this.#options;
    const refuses = random.ratio() < refusalRatio;
    const fault = refuses ? 'refuse' : random.ratio() < faultRatio ? random.pick(FAULTS) : undefined;
    const onAbort = random.ratio() < faultRatio * 2 ? random.pick(ABORTS) : 'prompt';
    // The same job gives the same tokens on every engine, some more than they may.
    const tokens = Number.parseInt(jobId.slice(0, 8), 16) % (maxTokens + 6);
    return { fault, onAbort, tokens, paceMs: random.below(40) };
  }

  #crash(): void {
    const { clock, random } = this.#options;
    this.#phase = 'down';
    this.#phaseUntilMs = clock.nowMs() + random.below(1_500);
    for (const job of this.#jobs) job.breakDown();
  }

  #moveOn(): void {
    const { clock, random } = this.#options;
    while (this.#phase !== 'ready' && clock.nowMs() >= this.#phaseUntilMs) {
      this.#phase = this.#phase === 'down' ? 'loading' : 'ready';
      this.#phaseUntilMs += random.below(500);
    }
  }

  #hangingProbe(signal: AbortSignal): Promise<WorkerHealth> {
    const { promise, reject } = Promise.withResolvers<WorkerHealth>();
    signal.addEventListener('abort', () => reject(new OrchError('DECODE_TIMEOUT')), { once: true });
    return promise;
  }
}
