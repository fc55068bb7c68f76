// SPDX-License-Identifier: MIT
import type { SimulationOptions } from './simulation.ts';
import { Simulation } from './simulation.ts';
import { checkCallsCameBack, checkFinal, checkRest } from './checks.ts';
import type { Mutant } from './mutants.ts';
import { Trace } from './trace.ts';

/** What to simulate. */
export interface SimulateOptions {
  readonly seed: number;
  /** What the clients do, in number of calls. */
  readonly opCount: number;
  /** Resolves when every promise that could go on has gone on. */
  readonly rest: () => Promise<unknown>;
  /** Lines of the trace kept for people; default none. */
  readonly keepLines?: number;
  readonly mutant?: Mutant;
  /** Whether tasks outlive their process, and processes are killed; default false. */
  readonly durable?: boolean;
}

/** What came of it. */
export interface SimulationReport {
  readonly seed: number;
  /** Equal for two runs that did the same. */
  readonly traceHash: string;
  readonly acceptedCount: number;
  readonly rejectedCount: number;
  readonly runCount: number;
  /** Situations that came up, so that a simulation that avoids one is noticed. */
  readonly seen: ReadonlySet<string>;
  /** The first broken rule; undefined when all held. */
  readonly violation: string | undefined;
  readonly tail: readonly string[];
}

/** Most calls at one moment of virtual time. */
const MAX_BURST = 4;
/** Bursts between two kills of the process, on average. */
const BURSTS_PER_LIFE = 25;
/** Longest step of virtual time between two bursts, in milliseconds. */
const MAX_STEP_MS = 120;
/** Time in which everything must have come to its end after the stop. */
const FINAL_MS = 20_000;

/** Runs one whole service through one random life. Never rejects. */
export async function simulate(options: SimulateOptions): Promise<SimulationReport> {
  const trace = new Trace(options.keepLines ?? 0);
  const { seed, mutant, durable = false } = options;
  const made: SimulationOptions = { seed, trace, durable, ...(mutant === undefined ? {} : { mutant }) };
  const simulation = new Simulation(made);
  const driver = new Driver(simulation, options.rest);
  try {
    await driver.live(options.opCount);
    await driver.die();
  } catch (fault) {
    simulation.referee.blame(fault);
  }
  const { promised, rejectedCount, setup, referee } = simulation;
  return {
    seed,
    traceHash: trace.hash,
    acceptedCount: promised.size,
    rejectedCount,
    runCount: setup.ledger.runCount,
    seen: simulation.seen,
    violation: referee.violation?.message,
    tail: trace.tail,
  };
}

class Driver {
  readonly #simulation: Simulation;
  readonly #rest: () => Promise<unknown>;

  constructor(simulation: Simulation, rest: () => Promise<unknown>) {
    this.#simulation = simulation;
    this.#rest = rest;
  }

  async live(opCount: number): Promise<void> {
    const { random, orchestrator, setup } = this.#simulation;
    this.#simulation.call(orchestrator.start(new AbortController().signal));
    if (random.below(2) === 0) await this.#pass(3_000);
    for (let done = 0; done < opCount;) {
      const burst = Math.min(1 + random.below(MAX_BURST), opCount - done);
      for (let each = 0; each < burst; each += 1) {
        this.#simulation.act();
        for (let ticks = random.below(4); ticks > 0; ticks -= 1) await Promise.resolve();
      }
      done += burst;
      await this.#pass(random.below(3) === 0 ? 0 : random.below(MAX_STEP_MS));
      if (setup.durable !== undefined && random.below(BURSTS_PER_LIFE) === 0) this.#simulation.restart();
    }
  }

  /** Drains or not, stops, and lets time run until nothing is left. */
  async die(): Promise<void> {
    const { random, orchestrator, clock } = this.#simulation;
    const patience = new AbortController();
    if (this.#simulation.setup.durable !== undefined) {
      await this.#pass(MAX_STEP_MS);
      this.#simulation.cancelAll();
      await this.#pass(FINAL_MS);
    }
    this.#simulation.isStopping = true;
    if (random.below(2) === 0) this.#simulation.call(orchestrator.drain(patience.signal));
    await this.#pass(random.below(3_000));
    patience.abort();
    this.#simulation.call(orchestrator.stop('the simulation is over'));
    if (random.below(2) === 0) this.#simulation.act();
    await this.#pass(FINAL_MS);
    checkCallsCameBack(this.#simulation);
    while (clock.fireNext()) await this.#rest();
    for (const engine of this.#simulation.setup.engines) await engine.close();
    await this.#rest();
    await checkFinal(this.#simulation);
  }

  async #pass(ms: number): Promise<void> {
    const { clock, random } = this.#simulation;
    const endMs = clock.nowMs() + ms;
    await this.#rest();
    while ((clock.nextDueMs ?? Infinity) <= endMs) {
      clock.fireNext();
      // Sometimes two timers fire before any promise goes on, as on a busy machine.
      if (random.below(4) > 0) await this.#rest();
    }
    clock.skip(endMs - clock.nowMs());
    await this.#rest();
    await checkRest(this.#simulation);
  }
}
