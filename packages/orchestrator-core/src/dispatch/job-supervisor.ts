// SPDX-License-Identifier: MIT
import type { Pool } from '../pool/pool.ts';
import type { Replica } from '../pool/replica.ts';
import type { CorePorts } from '../ports.ts';
import type { RunSupervisor } from './job-run.ts';
import { Watchdog, type WatchdogLimits, type WatchedRun } from './watchdog.ts';

/** What supervision needs. */
export interface JobSupervisorOptions {
  readonly ports: CorePorts;
  readonly pool: Pool;
  /** Where the pool does not say otherwise, in milliseconds. */
  readonly abortGraceMs: number;
}

/** Watches over the engines of one pool while they run jobs. */
export class JobSupervisor implements RunSupervisor {
  readonly #options: JobSupervisorOptions;
  #limits: WatchdogLimits | undefined;
  #watchdog: Watchdog;

  constructor(options: JobSupervisorOptions) {
    this.#options = options;
    this.#watchdog = this.#makeWatchdog();
  }

  /** How long an aborted engine may take to free its slot, in milliseconds. */
  get abortGraceMs(): number {
    const { pool, abortGraceMs } = this.#options;
    return pool.spec.watchdog?.abortGraceMs ?? abortGraceMs;
  }

  /** Aborts the run once its engine takes too long, until the returned function is called. */
  watch(run: WatchedRun): () => void {
    // What runs keeps the limits under which it began.
    if (this.#options.pool.spec.watchdog !== this.#limits) this.#watchdog = this.#makeWatchdog();
    return this.#watchdog.watch(run);
  }

  #makeWatchdog(): Watchdog {
    const { ports, pool } = this.#options;
    this.#limits = pool.spec.watchdog;
    return new Watchdog({
      clock: ports.clock,
      limits: this.#limits ?? {},
      onExpire: (limit) => ports.meter.add('watchdog_aborts_total', { pool_id: pool.id, limit }, 1),
    });
  }

  /** ORCH-1223: what an execution sends after it lost its right is dropped and counted. */
  late(): void {
    const { ports, pool } = this.#options;
    ports.meter.add('fenced_writes_total', { pool_id: pool.id }, 1);
  }

  /** The engine did not stop when it was told to. */
  stuck(replica: Replica, reason: string): void {
    replica.suspect(reason);
    if (!replica.restart()) return;
    const { ports, pool } = this.#options;
    ports.meter.add('engine_restarts_total', { pool_id: pool.id }, 1);
    const human = `The engine of replica ${replica.id} ignored an abort and is restarted.`;
    ports.logger.log('warn', human, { pool_id: pool.id, replica_id: replica.id });
  }
}
