// SPDX-License-Identifier: MIT
import type { Clock, Timer } from '@llama-orch/orchestrator-core';
import { OrchError, type WorkerAdapter } from '@llama-orch/worker-adapter-api';
import type { DeviceId } from '../devices/device-provider.ts';
import type { LoadOptions, ManagedReplica } from '../managed-replica.ts';
import type { ManagedReplicaState } from '../replica-state.ts';
import type { SwappedReplica } from '../swap/swapper-api.ts';
import type { FakeDeviceProvider } from './fake-device-provider.ts';

/** How a {@link FakeReplica} behaves. */
export interface FakeReplicaOptions {
  readonly id: string;
  readonly clock: Clock;
  readonly devices: FakeDeviceProvider;
  /** Device memory it takes while it is loaded, over all of its devices. */
  readonly footprintBytes: number;
  readonly loadMs: number;
  /** How many jobs it runs now; an unload waits until there is none. Default: none ever. */
  readonly runningCount?: () => number;
  /** Called at each change of its state. */
  readonly onChange?: () => void;
}

/** A replica without an engine: its loads take time and device memory, and can be made to fail. */
export class FakeReplica implements Pick<ManagedReplica, 'id' | 'load' | 'unload'> {
  readonly id: string;
  readonly adapter: WorkerAdapter = { ...NO_ADAPTER };
  /** The next loads fail with this message; undefined mends it. */
  failure: string | undefined;
  /** Loads that were begun. */
  loadCount = 0;
  state: ManagedReplicaState = 'stopped';
  devices: readonly DeviceId[] = [];
  readonly #options: FakeReplicaOptions;
  #load: { readonly timer: Timer; readonly reject: (error: unknown) => void } | undefined;
  #drained: (() => void) | undefined;

  constructor(options: FakeReplicaOptions) {
    this.id = options.id;
    this.#options = options;
  }

  view(): ReturnType<SwappedReplica['replica']['view']> {
    const capacity = {};
    const [provisioning, sinceMs, logTail] = ['embedded', 0, []] as const;
    return { id: this.id, provisioning, sinceMs, logTail, capacity, configuredCapacity: capacity, state: this.state };
  }

  async load({ devices = [] }: LoadOptions = {}): Promise<void> {
    const { clock, loadMs } = this.#options;
    if (this.state === 'ready') return;
    this.loadCount += 1;
    this.devices = devices;
    this.#become('loading');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = clock.setTimer(loadMs, () => {
      if (this.failure === undefined) resolve();
      else reject(new OrchError('POOL_UNREADY', { message: this.failure }));
    });
    this.#load = { timer, reject };
    try {
      await promise;
    } catch (error) {
      this.#become('stopped');
      throw error;
    } finally {
      this.#load = undefined;
    }
    this.#take(1);
    this.#become('ready');
  }

  async unload(): Promise<void> {
    if (this.#load !== undefined) {
      this.#load.timer.cancel();
      this.#load.reject(new OrchError('POOL_UNREADY', { message: 'Unloaded while it was loading.' }));
      return;
    }
    if (this.state !== 'ready') return;
    this.#become('draining');
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#drained = resolve;
    this.noteRuns();
    await promise;
    this.#take(-1);
    this.#become('stopped');
  }

  /** Some job has ended: an unload that waits for it may go on. */
  noteRuns(): void {
    if ((this.#options.runningCount?.() ?? 0) === 0) this.#drained?.();
  }

  #take(sign: 1 | -1): void {
    const share = (sign * this.#options.footprintBytes) / this.devices.length;
    for (const device of this.devices) this.#options.devices.take(device, share);
  }

  #become(state: ManagedReplicaState): void {
    this.state = state;
    this.#options.onChange?.();
  }
}

const NO_ADAPTER: WorkerAdapter = {
  kind: 'fake',
  specVersion: 1,
  probe: () => Promise.resolve({ state: 'unloaded' }),
  run: () => Promise.reject(new OrchError('POOL_UNREADY')),
  metrics: () => Promise.resolve({}),
  close: () => Promise.resolve(),
};
