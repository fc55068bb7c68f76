// SPDX-License-Identifier: MIT
import { OrchError, type WorkerAdapter, type WorkerHealth, type WorkerProps } from '@llama-orch/worker-adapter-api';
import type { ReplicaSpec, ReplicaView } from '../orchestrator-api.ts';
import type { Clock, Timer } from '../ports.ts';
import type { ReplicaId } from '../task/ids.ts';
import { readMetrics } from './read-metrics.ts';
import { whyNotInSet } from './replica-set.ts';

/** A replica that does not answer a probe in this time has failed it. */
const PROBE_TIMEOUT_MS = 5_000;
/** Loading replicas are probed this many times as often as ready ones. */
const LOADING_PROBES_RATIO = 10;

/** What a replica is made with. */
export interface ReplicaOptions {
  readonly spec: ReplicaSpec;
  readonly clock: Clock;
  /** Between two probes of a ready replica, in milliseconds. */
  readonly probeIntervalMs: number;
  /** Why an engine with these props may not join the pool; undefined when it may. */
  readonly whyNot: (replica: Replica, props: WorkerProps) => string | undefined;
  /** Whether anybody compares what devices have left. */
  readonly readsDevices: () => boolean;
  /** The state or the number of free slots has changed. */
  readonly onChange: (replica: Replica, stateChanged: boolean) => void;
}

/** One engine of a pool as core sees it: probed on a schedule, with its slots counted. */
export class Replica {
  readonly id: ReplicaId;
  readonly adapter: WorkerAdapter;
  readonly #options: ReplicaOptions;
  #state: ReplicaView['state'] = 'loading';
  #props: WorkerProps | undefined;
  #lastError: string | undefined;
  #progressRatio: number | undefined;
  #slotsBusy = 0;
  #reserved = false;
  /** Faults of jobs in a row; each doubles the wait before the next probe. */
  #strikes = 0;
  #failedProbes = 0;
  #timer: Timer | undefined;
  #probe: AbortController | undefined;
  #unsubscribe: (() => void) | undefined;
  #retryAfterMs: number | undefined;
  #freeDeviceBytes: number | undefined;

  constructor(options: ReplicaOptions) {
    this.id = options.spec.id;
    this.adapter = options.spec.adapter;
    this.#options = options;
  }

  get state(): ReplicaView['state'] {
    return this.#state;
  }

  /** What the engine told last; kept while it restarts. */
  get props(): WorkerProps | undefined {
    return this.#props;
  }

  get slotsBusy(): number {
    return this.#slotsBusy;
  }

  /** When a failed engine may be back, in milliseconds; undefined when it does not know. */
  get retryAfterMs(): number | undefined {
    return this.#retryAfterMs;
  }

  /** What the fullest of its devices had left when it was read last; undefined when unknown. */
  get freeDeviceBytes(): number | undefined {
    return this.#freeDeviceBytes;
  }

  /** Slots that can take a job now. */
  get slotsFree(): number {
    return this.#reserved ? 0 : this.#emptySlots;
  }

  /** True while one job has it to itself, or waits until it has. */
  get reserved(): boolean {
    return this.#reserved;
  }

  /** True once it was replaced or stopped: it takes no job any more. */
  get hasRetired(): boolean {
    return this.#state === 'stopped' || this.#state === 'draining';
  }

  /** Takes no other job until the returned function is called. The caller has seen that it is not reserved. */
  reserve(): () => void {
    this.#reserved = true;
    this.#options.onChange(this, false);
    return () => {
      this.#reserved = false;
      this.#options.onChange(this, false);
    };
  }

  /** Takes a free slot, or that of its reservation; the caller gives it back exactly once by {@link giveSlotBack}. */
  takeSlot(): void {
    if (this.#emptySlots === 0) throw new OrchError('INTERNAL', { message: `Replica ${this.id} has no free slot.` });
    this.#slotsBusy += 1;
    this.#options.onChange(this, false);
  }

  /** A slot that was taken is free again. */
  giveSlotBack(): void {
    this.#slotsBusy -= 1;
    if (this.#state === 'draining' && this.#slotsBusy === 0) this.#setState('stopped');
    else this.#options.onChange(this, false);
  }

  /** Starts probing; the first probe is sent at once. */
  start(): void {
    if (this.hasRetired) this.#setState('loading');
    // ORCH-1413: an engine that tells of itself is asked at once, not at the next turn.
    this.#unsubscribe ??= this.adapter.onHealthChange?.(() => this.#probeNow());
    if (this.#probe === undefined && this.#timer === undefined) this.#sendProbe();
  }

  /** Takes no job any more; once what runs has ended it is stopped. */
  retire(): void {
    this.#endProbing();
    this.#setState(this.#slotsBusy === 0 ? 'stopped' : 'draining');
  }

  /** A job proved that the engine works. */
  praise(): void {
    this.#strikes = 0;
  }

  /** Takes no job until a probe found it ready again; the first probe is sent at once, later ones ever later. */
  suspect(reason: string): void {
    if (this.hasRetired) return;
    this.#strikes += 1;
    this.#lastError = reason;
    this.#setState('loading');
    this.#cancelProbe();
    this.#schedule(this.#strikes === 1 ? 0 : this.#backoffMs(this.#strikes - 1));
  }

  /** Kills the engine and starts another, which frees its slots; false where that is not the adapter's to do. */
  restart(): boolean {
    if (this.adapter.restart === undefined || this.#state === 'stopped') return false;
    // ORCH-1291
    this.adapter.restart();
    return true;
  }

  /** Ends probing and takes no job any more. */
  stop(): void {
    this.#endProbing();
    this.#setState('stopped');
  }

  /** As operators may see it. */
  view(): ReplicaView {
    return {
      id: this.id,
      state: this.#state,
      slotsBusy: this.#slotsBusy,
      ...(this.#progressRatio === undefined ? {} : { progressRatio: this.#progressRatio }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
      ...(this.#props === undefined ? {} : { props: this.#props }),
    };
  }

  get #emptySlots(): number {
    if (this.#state !== 'ready' || this.#props === undefined) return 0;
    return Math.max(0, this.#props.slots - this.#slotsBusy);
  }

  #sendProbe(): void {
    const { clock } = this.#options;
    const controller = new AbortController();
    this.#probe = controller;
    const timer = clock.setTimer(PROBE_TIMEOUT_MS, () => {
      this.#settleProbe(controller, failed(`It did not answer a probe within ${PROBE_TIMEOUT_MS} ms.`));
      controller.abort();
    });
    this.#timer = timer;
    this.adapter.probe(controller.signal).then(
      (health) => this.#settleProbe(controller, health),
      (fault: unknown) => this.#settleProbe(controller, { state: 'failed', error: OrchError.from(fault, 'INTERNAL') }),
    );
  }

  #settleProbe(controller: AbortController, health: WorkerHealth): void {
    if (this.#probe !== controller) return;
    this.#probe = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#apply(health);
    this.#schedule(this.#nextProbeMs());
  }

  #apply(health: WorkerHealth): void {
    this.#progressRatio = health.state === 'loading' ? health.progressRatio : undefined;
    this.#failedProbes = health.state === 'failed' ? this.#failedProbes + 1 : 0;
    this.#retryAfterMs = health.state === 'failed' ? health.error.retryAfterMs : undefined;
    if (health.state !== 'ready') {
      if (health.state === 'failed') this.#lastError = health.error.message;
      this.#setState(health.state);
      return;
    }
    // ORCH-3462: a replica that differs from the ones that serve is refused, with the reason.
    const reason = this.#options.whyNot(this, health.props);
    const isOther = this.#props !== undefined && whyNotInSet(this.#props, health.props) !== undefined;
    const before = this.#state;
    this.#props = health.props;
    this.#lastError = reason;
    this.#setState(reason === undefined ? 'ready' : 'refused');
    // The engine behind it was exchanged between two probes.
    if (isOther && this.#state === before) this.#options.onChange(this, true);
    if (this.#options.readsDevices()) void this.#readDevices();
  }

  async #readDevices(): Promise<void> {
    const { devices } = await readMetrics(this.adapter, this.#options.clock);
    // A job runs on all of them, so the fullest bounds it.
    this.#freeDeviceBytes = devices?.length ? Math.min(...devices.map(({ freeBytes }) => freeBytes)) : undefined;
  }

  #nextProbeMs(): number {
    if (this.#state === 'failed') return this.#backoffMs(this.#failedProbes);
    return this.#state === 'loading' ? this.#fastMs() : this.#options.probeIntervalMs;
  }

  #fastMs(): number {
    return this.#options.probeIntervalMs / LOADING_PROBES_RATIO;
  }

  #backoffMs(faultsInARow: number): number {
    return Math.min(this.#options.probeIntervalMs, this.#fastMs() * 2 ** (faultsInARow - 1));
  }

  #schedule(delayMs: number): void {
    this.#timer = this.#options.clock.setTimer(delayMs, () => {
      this.#timer = undefined;
      this.#sendProbe();
    });
  }

  #probeNow(): void {
    this.#cancelProbe();
    this.#sendProbe();
  }

  #endProbing(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#cancelProbe();
  }

  #cancelProbe(): void {
    const probe = this.#probe;
    this.#probe = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
    probe?.abort();
  }

  #setState(state: ReplicaView['state']): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onChange(this, true);
  }
}

function failed(message: string): WorkerHealth {
  return { state: 'failed', error: new OrchError('WORKER_RESET', { message }) };
}
