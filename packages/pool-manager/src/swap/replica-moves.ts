// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { DeviceId } from '../devices/device-provider.ts';
import { loadReplica } from './load-replica.ts';
import type { ReplicaRow } from './swap-table.ts';
import type { SwapperOptions } from './swapper-api.ts';

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/** What a swapper is told of its moves. */
export interface MoveListener {
  /** A load or an unload has ended, well or not. */
  readonly onEnd: () => void;
  readonly onLoadFailed: (row: ReplicaRow, error: unknown) => void;
}

/** Loads and unloads under way. Each runs beside all others and never throws at whoever began it. */
export class ReplicaMoves {
  readonly #ports: Pick<SwapperOptions, 'clock' | 'devices' | 'logger'>;
  readonly #listener: MoveListener;
  readonly #loading = new Map<ReplicaRow, AbortController>();
  readonly #leaving = new Map<ReplicaRow, Promise<void>>();

  constructor(ports: Pick<SwapperOptions, 'clock' | 'devices' | 'logger'>, listener: MoveListener) {
    this.#ports = ports;
    this.#listener = listener;
  }

  /** Loads it once all that leaves one of the devices is gone. ORCH-1445: nobody waits for it but those who need it. */
  load(row: ReplicaRow, devices: readonly DeviceId[]): void {
    const abort = new AbortController();
    const inTheWay = [...this.#leaving].filter(([other]) => isInTheWay(other, row, devices));
    const cleared = Promise.all(inTheWay.map(([, moved]) => moved));
    this.#loading.set(row, abort);
    row.move = 'load';
    row.isReady = false;
    row.devices = devices;
    row.moved = loadReplica({ row, devices, cleared, signal: abort.signal }, this.#ports).then(
      () => this.#loaded(row),
      (error: unknown) => this.#failed(row, abort.signal, error),
    );
  }

  /** Waits for what runs; ends a load at once. */
  unload(row: ReplicaRow): void {
    this.#loading.get(row)?.abort();
    row.move = 'unload';
    const moved = this.#unload(row);
    this.#leaving.set(row, moved);
    row.moved = moved;
  }

  /** Ends every load and resolves when nothing is under way. */
  async close(): Promise<void> {
    for (const row of this.#loading.keys()) this.unload(row);
    await Promise.all(this.#leaving.values());
  }

  #loaded(row: ReplicaRow): void {
    this.#loading.delete(row);
    row.failureCount = 0;
    if (row.move === 'load') row.move = undefined;
    this.#listener.onEnd();
  }

  #failed(row: ReplicaRow, { aborted }: AbortSignal, error: unknown): void {
    this.#loading.delete(row);
    if (row.move === 'load') row.move = undefined;
    if (!aborted) {
      row.failureCount += 1;
      row.retryAtMs = this.#ports.clock.nowMs() + Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** row.failureCount);
      this.#warn('A replica could not be loaded.', row, error);
      this.#listener.onLoadFailed(row, error);
    }
    this.#listener.onEnd();
  }

  async #unload(row: ReplicaRow): Promise<void> {
    await row.moved;
    try {
      await row.replica.unload();
    } catch (error) {
      this.#warn('A replica could not be unloaded.', row, error);
    }
    this.#leaving.delete(row);
    row.move = undefined;
    this.#listener.onEnd();
  }

  #warn(human: string, { replica, pool }: ReplicaRow, error: unknown): void {
    const reason = OrchError.from(error, 'INTERNAL').message;
    this.#ports.logger.log('warn', human, { pool_id: pool.poolId, replica_id: replica.id, reason });
  }
}

function isInTheWay(other: ReplicaRow, { pool }: ReplicaRow, devices: readonly DeviceId[]): boolean {
  const isNeighbor = other.devices?.some((device) => devices.includes(device)) ?? false;
  return isNeighbor || (pool.groupId !== undefined && pool.groupId === other.pool.groupId);
}
