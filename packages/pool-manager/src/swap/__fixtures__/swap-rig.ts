// SPDX-License-Identifier: MIT
import type { Clock, PoolDemand, PoolId } from '@llama-orch/orchestrator-core';
import { FakeClock } from '@llama-orch/orchestrator-core/testkit';
import type { DeviceId } from '../../devices/device-provider.ts';
import { FakeDeviceProvider, type FakeDevice } from '../../testkit/fake-device-provider.ts';
import { FakeReplica } from '../../testkit/fake-replica.ts';
import { createSwapper } from '../swapper.ts';
import type { SwappedPool, Swapper, SwapperOptions } from '../swapper-api.ts';
import { GIB } from './situation.ts';

type Needs = { -readonly [Key in keyof Omit<PoolDemand, 'poolId'>]: PoolDemand[Key] };

/** Settings of one pool of a {@link SwapRig}; its replica carries its name. */
export interface RigPool extends Partial<Omit<SwappedPool, 'poolId' | 'replicas'>> {
  readonly footprintGib?: number;
  readonly loadMs?: number;
  /** Its waiting work runs as soon as its replica is ready. */
  readonly servesAtOnce?: boolean;
  /** What it takes is known before its first load. */
  readonly isMeasured?: boolean;
}

export const poolId = (id: string): PoolId => id as PoolId;

/** A swapper on fake devices, with fake replicas and a demand that a test writes. */
export class SwapRig {
  readonly clock = new FakeClock();
  readonly devices: FakeDeviceProvider;
  readonly replicas: ReadonlyMap<string, FakeReplica>;
  readonly pools: readonly SwappedPool[];
  readonly swapper: Swapper;
  /** How much later each further look of the swapper at its clock is, in milliseconds: a machine that is slow. */
  lagMs = 0;
  readonly held = new Set<string>();
  readonly lines: string[] = [];
  /** Pools that were unloaded while they could still be given a job. */
  readonly unheldUnloads: string[] = [];
  /** Replicas in the order in which they were asked to come and go: `+a`, `-a`. */
  readonly moves: string[] = [];
  readonly #needs = new Map<string, Needs>();
  #wake: (() => void) | undefined;

  constructor(
    pools: Readonly<Record<string, RigPool>>,
    devices: readonly FakeDevice[] = [{ id: 'nvidia:0', totalBytes: 24 * GIB }],
  ) {
    this.devices = new FakeDeviceProvider(devices);
    const entries = Object.entries(pools);
    this.replicas = new Map(entries.map(([id, fields]) => [id, this.#replica(id, fields)]));
    this.pools = entries.map(([id, fields]) => this.#pool(id, fields));
    for (const [id] of entries) this.#needs.set(id, { waitingCount: 0, runningCount: 0 });
    const demand: SwapperOptions['demand'] = {
      demand: () => Array.from(this.#needs, ([id, needs]) => ({ poolId: poolId(id), ...needs })),
      watchDemand: (listener) => {
        this.#wake = listener;
        return () => (this.#wake = undefined);
      },
      holdPool: (id, isHeld) => void (isHeld ? this.held.add(id) : this.held.delete(id)),
    };
    const logger: SwapperOptions['logger'] = {
      log: (level, human, { reason }) => void this.lines.push(`${level} ${human} ${String(reason)}`),
    };
    this.swapper = createSwapper({
      pools: this.pools,
      demand,
      devices: this.devices,
      clock: this.#laggingClock(),
      logger,
    });
  }

  /** The replica of the pool `id`. */
  replica(id: string): FakeReplica {
    const replica = this.replicas.get(id);
    if (replica === undefined) throw new Error(`The rig has no pool ${id}.`);
    return replica;
  }

  /** Pools whose replica is ready. */
  get ready(): string[] {
    return [...this.replicas].filter(([, { state }]) => state === 'ready').map(([id]) => id);
  }

  /** Work comes or goes, and everything runs to rest. */
  async need(id: string, needs: Partial<Needs>): Promise<void> {
    const before = this.#needs.get(id);
    const { oldestWaitingSinceMs: _, ...rest } = { ...before, waitingCount: 0, runningCount: 0, ...needs };
    const since =
      rest.waitingCount > 0 ? { oldestWaitingSinceMs: needs.oldestWaitingSinceMs ?? this.clock.nowMs() } : {};
    const isUse = needs.runningCount !== undefined ? { lastUsedAtMs: this.clock.nowMs() } : {};
    this.#needs.set(id, { ...rest, ...since, ...isUse });
    this.replica(id).noteRuns();
    this.#wake?.();
    await this.clock.advance(0);
  }

  /** Time goes by. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  #laggingClock(): Clock {
    const { clock } = this;
    let lateMs = 0;
    return {
      nowMs: () => clock.nowMs() + (lateMs += this.lagMs),
      wallNowMs: () => clock.wallNowMs(),
      setTimer: (delayMs, fire) => clock.setTimer(delayMs, fire),
    };
  }

  #replica(id: string, { footprintGib = 8, loadMs = 1_000, servesAtOnce }: RigPool): FakeReplica {
    const replica: FakeReplica = new FakeReplica({
      id,
      clock: this.clock,
      devices: this.devices,
      footprintBytes: footprintGib * GIB,
      loadMs,
      runningCount: () => this.#needs.get(id)?.runningCount ?? 0,
      onChange: () => {
        if (replica.state === 'loading') this.moves.push(`+${id}`);
        if (replica.state === 'draining') this.moves.push(`-${id}`);
        if (replica.state === 'draining' && !this.held.has(id)) this.unheldUnloads.push(id);
        if (replica.state === 'ready' && servesAtOnce === true) void this.need(id, { runningCount: 1 });
      },
    });
    return replica;
  }

  #pool(id: string, { footprintGib = 8, loadMs: _, servesAtOnce: __, isMeasured, ...fields }: RigPool): SwappedPool {
    const mask: readonly DeviceId[] = ['nvidia:0'];
    return {
      poolId: poolId(id),
      replicas: [{ replica: this.replica(id), ...(isMeasured === true ? { footprintBytes: footprintGib * GIB } : {}) }],
      wish: { mask, requireGpu: false, split: false },
      groupId: 'models',
      together: true,
      isPinned: false,
      loadAtStart: false,
      maxWaitMs: 60_000,
      ...fields,
    };
  }
}
