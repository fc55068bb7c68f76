// SPDX-License-Identifier: MIT
import { OrchError, type WorkerProps } from '@llama-orch/worker-adapter-api';
import type { PoolPins, PoolSpec, ReplicaSpec } from '../orchestrator-api.ts';
import type { Clock } from '../ports.ts';
import { ChangeSignal } from './change-signal.ts';
import { Replica } from './replica.ts';
import { whyNotInSet, whyNotPinned } from './replica-set.ts';

/** What a roster is made with. */
export interface RosterOptions {
  readonly spec: Pick<PoolSpec, 'id' | 'replicas' | 'pins'>;
  readonly clock: Clock;
  /** Between two probes of a ready replica, in milliseconds. */
  readonly probeIntervalMs: number;
  /** A replica that serves, or did until now, has changed. */
  readonly onChange: (replica: Replica, stateChanged: boolean) => void;
}

/** Other replicas; `pins` are those of before when left out. */
export interface ReplicaChange {
  readonly replicas: readonly ReplicaSpec[];
  readonly pins?: PoolPins | undefined;
}

/** The replicas of a pool: those that serve, those that are about to, and those that end what they run. */
export class ReplicaRoster {
  /** Wakes when anything about any of them changes. */
  readonly changes = new ChangeSignal();
  readonly #options: RosterOptions;
  #pins: PoolPins;
  #incomingPins: PoolPins = {};
  #serving: readonly Replica[] = [];
  #incoming: readonly Replica[] = [];
  readonly #leaving = new Set<Replica>();
  #isStarted = false;
  /** Exchanges happen one after the other. */
  #lastExchange: Promise<unknown> = Promise.resolve();

  constructor(options: RosterOptions) {
    this.#options = options;
    this.#pins = options.spec.pins ?? {};
    this.#serving = this.#replicasOf(options.spec.replicas);
  }

  /** Those that jobs may be placed on. */
  get serving(): readonly Replica[] {
    return this.#serving;
  }

  /** Those that were replaced and still run something. */
  get leaving(): readonly Replica[] {
    return [...this.#leaving];
  }

  /** Starts probing all of them. */
  start(): void {
    this.#isStarted = true;
    for (const replica of this.#serving) replica.start();
  }

  /** Ends probing; none takes a job any more. */
  stop(): void {
    this.#isStarted = false;
    for (const replica of [...this.#incoming, ...this.#serving, ...this.#leaving]) replica.stop();
    this.changes.notify();
  }

  /**
   * Puts others in the place of those that serve; `switched` is called in the step in which that happens. Resolves when
   * those that had to go are idle. Rejects as `replaceReplicas` of the orchestrator does.
   */
  async replace(change: ReplicaChange, switched: (gone: readonly Replica[]) => void): Promise<void> {
    const exchange = this.#lastExchange.then(() => this.#exchange(change, switched));
    // Whoever asked for it is told why it failed.
    this.#lastExchange = exchange.catch(() => undefined);
    const gone = await exchange;
    await this.changes.until(() => gone.every((replica) => !this.#leaving.has(replica)));
  }

  async #exchange(
    { replicas, pins = this.#pins }: ReplicaChange,
    switched: (gone: readonly Replica[]) => void,
  ): Promise<readonly Replica[]> {
    const incoming = this.#replicasOf(replicas);
    const fresh = incoming.filter((replica) => !this.#serving.includes(replica));
    if (this.#isStarted) {
      this.#incoming = incoming;
      this.#incomingPins = pins;
      for (const replica of fresh) replica.start();
      // Where nothing serves there is nothing to wait for.
      await this.changes.until(() => !this.#isStarted || !isReady(this.#serving) || fresh.every(hasAnswered));
      try {
        this.#refuseUnfit(incoming, fresh);
      } finally {
        this.#incoming = [];
      }
    }
    const gone = this.#serving.filter((replica) => !incoming.includes(replica));
    for (const replica of incoming) this.#leaving.delete(replica);
    // ORCH-1452: from here on jobs begin on the new ones only.
    this.#serving = incoming;
    this.#pins = pins;
    for (const replica of gone) this.#leaving.add(replica);
    switched(gone);
    for (const replica of gone) this.#retire(replica);
    for (const replica of fresh) this.#options.onChange(replica, true);
    this.changes.notify();
    return gone;
  }

  #retire(replica: Replica): void {
    replica.retire();
    // One that had been stopped before tells nobody.
    if (replica.state === 'stopped') this.#leaving.delete(replica);
  }

  /** What serves is not given up for what cannot. */
  #refuseUnfit(incoming: readonly Replica[], fresh: readonly Replica[]): void {
    const isLost = isReady(this.#serving) && !incoming.some(isUsable);
    if (this.#isStarted && !isLost) return;
    for (const replica of fresh) replica.retire();
    if (!this.#isStarted) throw new OrchError('POOL_UNAVAILABLE', { message: 'The pool is no longer there.' });
    const why = fresh.map((replica) => replica.view().lastError).find((reason) => reason !== undefined);
    throw new OrchError('POOL_UNREADY', {
      message: `None of the new replicas is ready, so the old ones serve on.${why === undefined ? '' : ` ${why}`}`,
      details: { pool_id: this.#options.spec.id },
    });
  }

  #replicasOf(specs: readonly ReplicaSpec[]): readonly Replica[] {
    if (new Set(specs.map(({ id }) => id)).size !== specs.length) {
      throw new OrchError('INVALID_PARAMS', {
        message: `Pool ${this.#options.spec.id} needs replicas with different ids.`,
      });
    }
    return specs.map((spec) => this.#known(spec) ?? this.#make(spec));
  }

  /** One that is there and stays, or comes back before it has gone. */
  #known({ id, adapter }: ReplicaSpec): Replica | undefined {
    const present = [...this.#serving, ...this.#leaving];
    return present.find((replica) => replica.id === id && replica.adapter === adapter);
  }

  #make(spec: ReplicaSpec): Replica {
    const { clock, probeIntervalMs } = this.#options;
    return new Replica({
      spec,
      clock,
      probeIntervalMs,
      whyNot: (replica, props) => this.#whyNot(replica, props),
      readsDevices: () => this.#serving.length > 1,
      onChange: (replica, stateChanged) => this.#changed(replica, stateChanged),
    });
  }

  #changed(replica: Replica, stateChanged: boolean): void {
    if (replica.state === 'stopped') this.#leaving.delete(replica);
    // Who only waits to take over is nobody's business yet.
    if (this.#serving.includes(replica) || !this.#incoming.includes(replica)) {
      this.#options.onChange(replica, stateChanged);
    }
    this.changes.notify();
  }

  #whyNot(candidate: Replica, props: WorkerProps): string | undefined {
    const isIncoming = this.#incoming.includes(candidate);
    const pinned = whyNotPinned(isIncoming ? this.#incomingPins : this.#pins, props);
    if (pinned !== undefined) return pinned;
    const peers = isIncoming ? this.#incoming : this.#serving;
    const first = peers.find((replica) => replica !== candidate && replica.state === 'ready');
    return first?.props === undefined ? undefined : whyNotInSet(first.props, props);
  }
}

function isReady(replicas: readonly Replica[]): boolean {
  return replicas.some(({ state }) => state === 'ready');
}

function isUsable({ state }: Replica): boolean {
  return state === 'ready' || state === 'unloaded';
}

function hasAnswered({ state }: Replica): boolean {
  return state !== 'loading';
}
