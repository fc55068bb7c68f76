// SPDX-License-Identifier: MIT
import { setTimeout as delay } from 'node:timers/promises';
import type { TaskList } from '@llama-orch/client';
import { sumOf, type SseReader } from '@llama-orch/harness-bdd';
import { DurableService } from './durable-service.ts';
import { createHoldingsProbe, type HoldingsProbe } from './holdings.ts';
import { cancel, MOCK_POOL, submit } from './mock-tasks.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const SAMPLES = 60;
/** Clients that fill the queue, and empty it in the end. */
const CLIENTS = 8;
/** Time between two looks at how full the queue is. */
const TOP_UP_MS = 100;
const TOKENS = 20;
/** Eight slots end forty of these in a second: a load that goes on for long, not one that is as fast as it can be. */
const PROMPT = `[[mock tokens=${TOKENS} delay_ms=10]]`;
/** Ended tasks held in memory: few, so that it is full of them before it is measured. */
const HELD_TASKS = 20;

/** How heavy and how long the load is. */
export interface SoakOptions {
  /** Tasks that wait at any time. */
  readonly queued: number;
  /** Streams that are open at any time. */
  readonly streams: number;
  readonly seconds: number;
  /** Told of the service's resident memory ten times, in MiB. */
  readonly onSample?: (residentMiB: number) => void;
}

/** What the load showed. */
export interface SoakReport {
  readonly acceptedCount: number;
  readonly endedCount: number;
  /** Streams that were read to their end. */
  readonly streamCount: number;
  /**
   * Lowest resident memory of the service, in MiB, within the second to fourth tenth of the time and within the last three,
   * each time once its garbage is collected: what leaks lifts the lowest.
   */
  readonly settledMiB: number;
  readonly finalMiB: number;
  readonly faults: readonly string[];
}

/** ORCH-1343: keeps the queue and the streams of a durable service full, then lets everything end and counts. */
export class Soak {
  readonly #options: SoakOptions;
  readonly #service: DurableService;
  readonly #probe: HoldingsProbe;
  /** The newest accepted tasks, which stand far behind in the queue. */
  readonly #recent: string[] = [];
  readonly #faults: string[] = [];
  readonly #samples: number[] = [];
  #acceptedCount = 0;
  #streamCount = 0;
  #over = false;

  private constructor(options: SoakOptions, service: DurableService, probe: HoldingsProbe) {
    this.#options = options;
    this.#service = service;
    this.#probe = probe;
  }

  /** Runs the whole load. */
  static async run(options: SoakOptions): Promise<SoakReport> {
    await using directory = await temporaryDirectory();
    const config = {
      pools: [{ ...MOCK_POOL, slots: 8 }],
      queue: { interactive_tasks: options.queued * 2 },
      limits: { open_streams: options.streams * 2 },
      retention: { ended_tasks: HELD_TASKS },
    };
    await using probe = await createHoldingsProbe();
    await using service = await DurableService.start({ directory: directory.path, config, ...probe.options });
    await service.process.ready();
    const report = await new Soak(options, service, probe).#run();
    const code = await service.stop();
    return code === 0 ? report : { ...report, faults: [...report.faults, `the service stopped with ${code}`] };
  }

  async #run(): Promise<SoakReport> {
    const { seconds, streams, onSample } = this.#options;
    await this.#topUp();
    const filler = this.#keepFilled();
    const readers = Array.from({ length: streams }, () => this.#keepReading());
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      // A load has no event to wait for: its length is its point.
      await delay((seconds * 1_000) / SAMPLES);
      const { residentMiB } = await this.#probe.read(this.#service.process);
      this.#samples.push(residentMiB);
      if ((sample + 1) % (SAMPLES / 10) === 0) onSample?.(residentMiB);
    }
    this.#over = true;
    await filler;
    await this.#endAll();
    await Promise.all(readers);
    return this.#report();
  }

  /** Tops the queue up, again and again. */
  async #keepFilled(): Promise<void> {
    while (!this.#over) {
      await delay(TOP_UP_MS);
      await this.#topUp();
    }
  }

  async #topUp(): Promise<void> {
    const missing = this.#options.queued - sumOf(await this.#scrape(), 'queue_depth');
    if (missing > 0) await Promise.all(Array.from({ length: CLIENTS }, () => this.#submit(missing / CLIENTS)));
  }

  async #submit(count: number): Promise<void> {
    for (let submitted = 0; submitted < count && !this.#over; submitted += 1) {
      const { task_id: id } = await submit(this.#service.baseUrl, PROMPT);
      this.#acceptedCount += 1;
      this.#recent.push(id);
      if (this.#recent.length > this.#options.streams) this.#recent.shift();
    }
  }

  /** Follows one task after the other, each while it waits and to its end. */
  async #keepReading(): Promise<void> {
    while (!this.#over) {
      const id = this.#recent[Math.floor(Math.random() * this.#recent.length)] ?? '';
      const reader = await this.#service.process.open(`/v1/tasks/${id}/stream`);
      await reader.untilOver();
      this.#judge(id, reader);
    }
  }

  /** Cancels what waits or runs, page by page, until nothing does. */
  async #endAll(): Promise<void> {
    for (let left = Infinity; left > 0;) {
      left = 0;
      for (const state of ['queued', 'running']) {
        const { json } = await this.#service.process.call({ path: `/v1/tasks?state=${state}&limit=500` });
        const tasks = [...(json as TaskList).tasks];
        left += tasks.length;
        const cancelAll = async (): Promise<void> => {
          for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
            await cancel(this.#service.baseUrl, task.task_id);
          }
        };
        await Promise.all(Array.from({ length: CLIENTS }, cancelAll));
      }
    }
  }

  #judge(id: string, { terminal, tokens, end }: SseReader): void {
    this.#streamCount += 1;
    if (end !== 'ended' || terminal?.event !== 'end') this.#faults.push(`${id} ended with ${terminal?.raw ?? end}`);
    else if (terminal.data['finish_reason'] !== 'canceled' && tokens.length !== TOKENS) {
      this.#faults.push(`${id} has ${tokens.length} tokens`);
    }
  }

  async #scrape(): Promise<string> {
    return (await this.#service.process.call({ path: '/metrics' })).text;
  }

  async #report(): Promise<SoakReport> {
    const scrape = await this.#scrape();
    const endedCount = sumOf(scrape, 'tasks_ended_total');
    const counts = { enqueued: sumOf(scrape, 'tasks_enqueued_total'), ended: endedCount };
    for (const [name, count] of Object.entries(counts)) {
      if (count !== this.#acceptedCount) this.#faults.push(`${count} tasks ${name}, ${this.#acceptedCount} accepted`);
    }
    const left = sumOf(scrape, 'queue_depth') + sumOf(scrape, 'slots_busy');
    if (left > 0) this.#faults.push(`${left} tasks wait or run in the end`);
    const tenth = SAMPLES / 10;
    return {
      acceptedCount: this.#acceptedCount,
      endedCount,
      streamCount: this.#streamCount,
      settledMiB: Math.min(...this.#samples.slice(tenth, 4 * tenth)),
      finalMiB: Math.min(...this.#samples.slice(-3 * tenth)),
      faults: this.#faults,
    };
  }
}
