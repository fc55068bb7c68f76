// SPDX-License-Identifier: MIT
import type { Clock } from '@llama-orch/orchestrator-core';
import type { OrchError, WorkerAdapter, WorkerHealth, WorkerProps } from '@llama-orch/worker-adapter-api';
import { EngineFaultError, engineFault, type EngineFault } from '../engine-fault.ts';
import type { EngineLauncher, EngineStart, StartedEngine } from '../engine-launcher.ts';
import type { ReplicaEvent } from '../replica-state.ts';
import { pause } from '../time/pause.ts';
import { withLimit } from '../time/with-limit.ts';
import { GuardedRuns } from './guarded-runs.ts';
import { selfTest } from './self-test.ts';

/** How an engine is watched, in milliseconds but for the count. */
export interface WatchLimits {
  /** Until an engine that was started answers. Default 600,000. */
  readonly loadTimeoutMs?: number;
  /** Between two looks at an engine that loads. Default 250. */
  readonly loadPauseMs?: number;
  /** For the whole self-test. Default 60,000. */
  readonly selfTestTimeoutMs?: number;
  /** Between two looks at an engine that is ready. Default 5,000. */
  readonly healthPauseMs?: number;
  /** For one answer about its health. Default 5,000. */
  readonly healthTimeoutMs?: number;
  /** Looks in a row without a good answer and without a token in between after which it counts as hung. Default 3. */
  readonly hungAfterCount?: number;
}

const DEFAULTS: Required<WatchLimits> = {
  loadTimeoutMs: 600_000,
  loadPauseMs: 250,
  selfTestTimeoutMs: 60_000,
  healthPauseMs: 5_000,
  healthTimeoutMs: 5_000,
  hungAfterCount: 3,
};

/** It did not answer in time; whether it hangs is not known after one look. */
const SILENT = { state: 'silent' } as const;

/** What one engine is lived with. */
export interface EngineLifeOptions {
  readonly launcher: EngineLauncher;
  readonly given: EngineStart;
  readonly clock: Clock;
  readonly limits: WatchLimits;
  readonly isSelfTested: boolean;
  /** It has come a step further: `launched`, `answered`, `passed`. */
  readonly onStep: (event: ReplicaEvent) => void;
}

/** One engine from its start to its end. */
export class EngineLife {
  readonly #options: EngineLifeOptions;
  readonly #limits: Required<WatchLimits>;
  readonly #ending = new AbortController();
  #fault: EngineFault | undefined;
  #engine: StartedEngine | undefined;
  #runs: GuardedRuns | undefined;
  #props: WorkerProps | undefined;
  #progressRatio: number | undefined;
  #complaint: EngineFault | undefined;
  #isHeard = false;
  #readySinceMs: number | undefined;

  constructor(options: EngineLifeOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULTS, ...options.limits };
  }

  /** How far it has loaded, where the engine tells. */
  get progressRatio(): number | undefined {
    return this.#progressRatio;
  }

  /** Whether it has said that it loads, or is ready. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  /** What is wrong with an engine that answers, but does not get ready. */
  get complaint(): EngineFault | undefined {
    return this.#fault === undefined ? this.#complaint : undefined;
  }

  /** What it said of itself when it was ready last. */
  get props(): WorkerProps | undefined {
    return this.#props;
  }

  /** Its runs, once it is ready and until it ends. */
  get serving(): GuardedRuns | undefined {
    return this.#fault === undefined ? this.#runs : undefined;
  }

  get logTail(): readonly string[] {
    return this.#engine?.logTail() ?? [];
  }

  /** For how long it has been ready at `nowMs`; 0 when it never was. */
  readyForMs(nowMs: number): number {
    return this.#readySinceMs === undefined ? 0 : nowMs - this.#readySinceMs;
  }

  /** Starts it, waits for it, tests it and watches it; resolves with what ended it. Then {@link EngineLife.stop} clears up. */
  async live(): Promise<EngineFault> {
    const { launcher, given, onStep } = this.#options;
    const { signal } = this.#ending;
    try {
      const engine = await launcher.start(given, signal);
      this.#engine = engine;
      void engine.exited.then((exit) => this.end(exit));
      signal.throwIfAborted();
      onStep('launched');
      await this.#untilAnswered(engine.adapter);
      onStep('answered');
      await this.#test(engine.adapter);
      this.#runs = new GuardedRuns(engine.adapter);
      this.#readySinceMs = this.#options.clock.nowMs();
      onStep('passed');
      return await this.#watch(engine.adapter, this.#runs);
    } catch (error) {
      this.end(faultOf(error));
    }
    return this.#fault ?? faultOf(undefined);
  }

  /** Ends it for this reason, unless it has ended for another; its runs reject at once. */
  end(fault: EngineFault): void {
    if (this.#fault !== undefined) return;
    this.#fault = fault;
    this.#runs?.fail(fault.message);
    this.#ending.abort(new EngineFaultError(fault));
  }

  /** Resolves when nothing of it is left. */
  async stop(): Promise<void> {
    await this.#engine?.stop();
  }

  async #untilAnswered(adapter: WorkerAdapter): Promise<void> {
    const { clock, launcher } = this.#options;
    const { loadTimeoutMs, loadPauseMs } = this.#limits;
    const onLimit = (): Error =>
      new EngineFaultError(
        engineFault('load_timeout', `It did not get ready within ${loadTimeoutMs} ms${this.#lastWords()}.`),
      );
    const limit = { clock, limitMs: loadTimeoutMs, onLimit, signal: this.#ending.signal };
    await withLimit(limit, async (signal) => {
      for (;;) {
        const health = await this.#look(adapter, signal);
        this.#isHeard ||= health.state === 'loading' || health.state === 'ready';
        if (health.state === 'ready') return;
        this.#progressRatio = health.state === 'loading' ? health.progressRatio : undefined;
        this.#complaint = health.state === 'failed' ? complaintOf(health.error) : undefined;
        // A process of ours does not answer before it listens; its end is seen by itself.
        if (health.state === 'failed' && launcher.provisioning !== 'managed') throw this.#notThere(health);
        await pause(clock, loadPauseMs, signal);
      }
    });
    this.#progressRatio = undefined;
    this.#complaint = undefined;
  }

  #lastWords(): string {
    return this.#complaint === undefined ? '' : `; it said: ${this.#complaint.message.replace(/\.$/, '')}`;
  }

  async #test(adapter: WorkerAdapter): Promise<void> {
    const { clock, isSelfTested } = this.#options;
    if (!isSelfTested) return;
    const { selfTestTimeoutMs: limitMs } = this.#limits;
    const onLimit = (): Error =>
      new EngineFaultError(engineFault('self_test', `Its self-test did not end within ${limitMs} ms.`));
    const limit = { clock, limitMs, onLimit, signal: this.#ending.signal };
    this.#props = await withLimit(limit, (signal) => selfTest(adapter, signal));
  }

  /** Resolves when it hangs. @throws the reason when it ends in another way. */
  async #watch(adapter: WorkerAdapter, runs: GuardedRuns): Promise<EngineFault> {
    const { healthPauseMs, hungAfterCount } = this.#limits;
    const isOurs = this.#options.launcher.provisioning !== 'external';
    for (let silentCount = 0; silentCount < hungAfterCount;) {
      await pause(this.#options.clock, healthPauseMs, this.#ending.signal);
      const health = await this.#look(adapter, this.#ending.signal);
      if (health.state === 'ready') this.#props = health.props;
      // ORCH-1414: an engine that gives tokens works, whatever its health page says.
      // An engine of others may load another model whenever they like; it is not gone while it says so.
      const isWell = health.state === 'ready' || (!isOurs && health.state === 'loading');
      silentCount = runs.takeTokenFlow() || isWell ? 0 : silentCount + 1;
    }
    const what = `It gave no good answer to ${hungAfterCount} looks in a row, and no token.`;
    this.end(engineFault(isOurs ? 'hung' : 'unreachable', what));
    return this.#fault ?? faultOf(undefined);
  }

  async #look(adapter: WorkerAdapter, signal: AbortSignal): Promise<WorkerHealth | typeof SILENT> {
    const { healthTimeoutMs: limitMs } = this.#limits;
    const onLimit = (): Error => new EngineFaultError(engineFault('hung', `It did not answer within ${limitMs} ms.`));
    const limit = { clock: this.#options.clock, limitMs, onLimit, signal };
    try {
      return await withLimit(limit, (stop) => adapter.probe(stop));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof EngineFaultError) return SILENT;
      throw error;
    }
  }

  #notThere({ error }: Extract<WorkerHealth, { state: 'failed' }>): EngineFaultError {
    const isExternal = this.#options.launcher.provisioning === 'external';
    return new EngineFaultError(engineFault(isExternal ? 'unreachable' : 'load_failed', error.message), {
      cause: error,
    });
  }
}

/** What an engine that was reached has to say; that none listens yet is no complaint. */
function complaintOf({ message, details }: OrchError): EngineFault | undefined {
  return details['reason'] === 'connection_lost' ? undefined : engineFault('unfit', message);
}

/** What an error says about an engine. */
function faultOf(error: unknown): EngineFault {
  if (error instanceof EngineFaultError) return error.fault;
  return engineFault('not_startable', error instanceof Error ? error.message : 'It ended without a reason.');
}
