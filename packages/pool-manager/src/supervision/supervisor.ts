// SPDX-License-Identifier: MIT
import type { LogFields, LogLevel } from '@llama-orch/orchestrator-core';
import { OrchError, type WorkerAdapter, type WorkerHealth } from '@llama-orch/worker-adapter-api';
import type { DeviceId } from '../devices/device-provider.ts';
import { engineFault, type EngineFault } from '../engine-fault.ts';
import type { Capacity } from '../engine-launcher.ts';
import type { LoadOptions, ManagedReplica, ManagedReplicaView } from '../managed-replica.ts';
import { nextReplicaState, type ManagedReplicaState, type ReplicaEvent } from '../replica-state.ts';
import { pause } from '../time/pause.ts';
import { EngineLife } from './engine-life.ts';
import { readDeviceMemory } from './read-device-memory.ts';
import { reduceCapacity } from './reduce-capacity.ts';
import { ReplicaAdapter } from './replica-adapter.ts';
import { RestartPolicy } from './restart-policy.ts';
import type { SupervisorOptions } from './supervisor-options.ts';

/** Lines of output that the view shows. */
const SHOWN_LINES = 20;

/** Told of each new state; false once it has heard enough. */
type StateListener = (state: ManagedReplicaState) => boolean;

/** Keeps an engine alive for as long as one is wanted. */
export class Supervisor implements ManagedReplica {
  readonly id: string;
  readonly adapter: WorkerAdapter;
  readonly #options: SupervisorOptions;
  readonly #front: ReplicaAdapter;
  readonly #policy: RestartPolicy;
  readonly #configured: Capacity;
  readonly #listeners = new Set<StateListener>();
  #capacity: Capacity;
  #state: ManagedReplicaState = 'stopped';
  #sinceMs: number;
  #fault: EngineFault | undefined;
  /** What the engine wrote before its fault. */
  #faultTail: readonly string[] = [];
  #life: EngineLife | undefined;
  #loop: Promise<void> | undefined;
  /** Ends the wait for the next start. */
  #waking = new AbortController();
  #retryAtMs: number | undefined;
  #attemptsLeft = Infinity;
  #devices: readonly DeviceId[] | undefined;
  #isWanted = false;
  #isClosed = false;

  constructor(options: SupervisorOptions) {
    this.id = options.id;
    this.#options = options;
    this.#configured = options.capacity ?? {};
    this.#capacity = this.#configured;
    this.#devices = options.devices;
    this.#policy = new RestartPolicy(options.random, this.#restartLimits());
    this.#sinceMs = options.clock.nowMs();
    this.#front = new ReplicaAdapter({
      id: this.id,
      kind: options.kind ?? options.launcher.provisioning,
      serving: () => (this.#state === 'ready' ? this.#life?.serving : undefined),
      absentHealth: () => this.#absentHealth(),
      deviceMemory: (signal) => readDeviceMemory({ provider: options.deviceProvider, mask: this.#devices }, signal),
      ...(this.#isExternal
        ? {}
        : { restart: () => this.#life?.end(engineFault('hung', 'It did not let go of a run.')) }),
      close: () => this.close(),
    });
    this.adapter = this.#front;
  }

  async load({ attemptCount, devices = this.#options.devices }: LoadOptions = {}): Promise<void> {
    if (this.#isClosed) throw this.#unready(engineFault('stopped', 'It is closed.'));
    if (this.#state === 'ready') return;
    this.#attemptsLeft = attemptCount ?? Infinity;
    this.#devices = devices;
    const settled = this.#settled();
    this.#isWanted = true;
    if (this.#state === 'failed' || this.#state === 'backoff') this.#waking.abort();
    if (this.#state === 'failed') this.#takeOver();
    this.#startLoop();
    await settled;
  }

  async unload(): Promise<void> {
    this.#isWanted = false;
    if (this.#state === 'stopped') return;
    const stopped = this.#untilStopped();
    if (this.#state !== 'draining') this.#move('drain');
    await Promise.race([stopped, this.#life?.serving?.idle()]);
    this.#endLife('It was unloaded.');
    await stopped;
  }

  async restart(): Promise<void> {
    if (this.#isClosed) throw this.#unready(engineFault('stopped', 'It is closed.'));
    this.#takeOver();
    this.#attemptsLeft = Infinity;
    if (this.#state === 'stopped') return this.load();
    const settled = this.#settled();
    this.#isWanted = true;
    if (this.#state !== 'draining') this.#move('drain');
    this.#endLife('It is restarted.');
    await settled;
  }

  view(): ManagedReplicaView {
    const nowMs = this.#options.clock.nowMs();
    const devices = this.#devices;
    const fault = this.#life?.complaint ?? this.#fault;
    return {
      id: this.id,
      provisioning: this.#options.launcher.provisioning,
      state: this.#state,
      sinceMs: nowMs - this.#sinceMs,
      ...(fault && { lastError: fault.message, cure: fault.cure, reason: fault.reason }),
      ...(this.#retryAtMs === undefined ? {} : { retryInMs: Math.max(0, this.#retryAtMs - nowMs) }),
      capacity: this.#capacity,
      configuredCapacity: this.#configured,
      ...(devices === undefined ? {} : { devices }),
      logTail: (this.#fault === undefined ? (this.#life?.logTail ?? []) : this.#faultTail).slice(-SHOWN_LINES),
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#isWanted = false;
    if (this.#state !== 'stopped') {
      if (this.#state !== 'draining') this.#move('drain');
      this.#endLife('It is closed.');
    }
    await this.#loop;
  }

  get #isExternal(): boolean {
    return this.#options.launcher.provisioning === 'external';
  }

  /** An engine that is not ours is waited for without end: no start of ours wears it out. */
  #restartLimits(): SupervisorOptions['restarts'] {
    return this.#isExternal ? { ...this.#options.restarts, crashLimitCount: Infinity } : this.#options.restarts;
  }

  #startLoop(): void {
    this.#loop ??= this.#supervise()
      .catch((error: unknown) => {
        this.#isWanted = false;
        this.#log('error', `Replica ${this.id} lost its supervisor: ${String(error)}`);
      })
      .finally(() => {
        this.#loop = undefined;
        if (this.#isWanted && !this.#isClosed) this.#startLoop();
      });
  }

  async #supervise(): Promise<void> {
    while (this.#isWanted) {
      this.#waking = new AbortController();
      const life = this.#startLife();
      const fault = await life.live();
      if (this.#state === 'draining') {
        await this.#clear(life);
      } else {
        await Promise.all([this.#wait(this.#noteCrash(life, fault)), this.#clear(life)]);
      }
      if (this.#state === 'draining') this.#move('gone');
    }
  }

  #startLife(): EngineLife {
    const { launcher, clock, limits, selfTest } = this.#options;
    const devices = this.#devices;
    this.#retryAtMs = undefined;
    this.#life = new EngineLife({
      launcher,
      given: { capacity: this.#capacity, ...(devices === undefined ? {} : { devices }) },
      clock,
      limits: limits ?? {},
      isSelfTested: selfTest ?? true,
      onStep: (event) => {
        // Whoever drains has the last word.
        if (this.#state !== 'draining') this.#move(event);
      },
    });
    this.#move('start');
    return this.#life;
  }

  /** @returns milliseconds until the next start. */
  #noteCrash(life: EngineLife, fault: EngineFault): number {
    const nowMs = this.#options.clock.nowMs();
    this.#fault = fault;
    this.#faultTail = life.logTail;
    const { isBroken, delayMs } = this.#policy.crashed(nowMs, life.readyForMs(nowMs));
    this.#attemptsLeft -= 1;
    const hasFailed = isBroken || this.#attemptsLeft <= 0 || !this.#makeRoom(life, fault);
    const waitMs = hasFailed && !isBroken ? this.#policy.trialAfterMs : delayMs;
    this.#retryAtMs = nowMs + waitMs;
    this.#move(hasFailed ? 'break' : 'crash');
    this.#log('warn', `Replica ${this.id} lost its engine: ${fault.message} ${fault.cure}`, { reason: fault.reason });
    return waitMs;
  }

  /** Asks for less after device memory ran out; false when there is nothing left to give up. */
  #makeRoom({ props }: EngineLife, { reason }: EngineFault): boolean {
    if (reason !== 'device_memory') return true;
    // ORCH-1416: what nobody configured is known once an engine has told it.
    const known: Capacity = {
      ...(props === undefined ? {} : { slots: props.slots, ctxMaxTokens: props.ctxMaxTokens }),
      ...this.#capacity,
    };
    const isKnown = known.slots !== undefined || known.ctxMaxTokens !== undefined;
    const smaller = reduceCapacity(known);
    this.#capacity = smaller ?? this.#capacity;
    return smaller !== undefined || !isKnown;
  }

  /** What cannot be cleared up is told; it is no reason to give up on the replica. */
  async #clear(life: EngineLife): Promise<void> {
    await life.stop().catch((error: unknown) => {
      this.#log('warn', `What replica ${this.id} left behind could not be cleared up: ${String(error)}`);
    });
  }

  async #wait(delayMs: number): Promise<void> {
    await pause(this.#options.clock, delayMs, this.#waking.signal).catch(() => undefined);
  }

  /** Ends the engine, or the wait for one. */
  #endLife(message: string): void {
    this.#waking.abort();
    this.#life?.end(engineFault('stopped', message));
  }

  /** An operator begins anew: nothing of the past counts. */
  #takeOver(): void {
    this.#policy.reset();
    this.#capacity = this.#configured;
  }

  #move(event: ReplicaEvent): void {
    this.#state = nextReplicaState(this.#state, event);
    this.#sinceMs = this.#options.clock.nowMs();
    if (this.#state === 'ready') this.#fault = undefined;
    if (this.#state !== 'backoff' && this.#state !== 'failed') this.#retryAtMs = undefined;
    this.#log('debug', `Replica ${this.id} is ${this.#state}.`);
    for (const listener of this.#listeners) {
      if (!listener(this.#state)) this.#listeners.delete(listener);
    }
    this.#front.noteChange();
  }

  /** Resolves when it is ready. @throws OrchError when it has failed, or has stopped and is no longer wanted. */
  #settled(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#listeners.add((state) => {
        if (state === 'ready') resolve();
        else if (state === 'failed') reject(this.#unready(this.#fault));
        else if (state === 'stopped' && !this.#isWanted)
          reject(this.#unready(engineFault('stopped', 'It was unloaded before it was ready.')));
        else return true;
        return false;
      });
    });
  }

  #untilStopped(): Promise<void> {
    return new Promise((resolve) => {
      this.#listeners.add((state) => {
        if (state === 'stopped') resolve();
        return state !== 'stopped';
      });
    });
  }

  #absentHealth(): WorkerHealth {
    if (this.#state === 'stopped' || (this.#state === 'draining' && !this.#isWanted)) return { state: 'unloaded' };
    // A crashed engine of ours comes back soon, so its work may wait; nobody knows when a foreign one does (ORCH-1401).
    const isAbsent = this.#state === 'backoff' || (this.#fault !== undefined && this.#life?.isHeard !== true);
    if (this.#state === 'failed' || (this.#isExternal && isAbsent)) {
      return { state: 'failed', error: this.#unready(this.#fault) };
    }
    const ratio = this.#life?.progressRatio;
    return { state: 'loading', ...(ratio === undefined ? {} : { progressRatio: ratio }) };
  }

  #log(level: LogLevel, human: string, fields: LogFields = {}): void {
    this.#options.logger.log(level, human, { replica_id: this.id, state: this.#state, ...fields });
  }

  #unready(fault = engineFault('stopped', 'It is not loaded.')): OrchError {
    const { retryInMs } = this.view();
    return new OrchError('POOL_UNREADY', {
      message: `${fault.message} ${fault.cure}`,
      details: { reason: fault.reason, cure: fault.cure },
      ...(retryInMs === undefined ? {} : { retryAfterMs: retryInMs }),
    });
  }
}
