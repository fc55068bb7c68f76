// SPDX-License-Identifier: MIT
import type { TaskAccepted } from '@llama-orch/client';
import { call, type HttpAnswer, type ServiceUnderTest, type SseReader } from '@llama-orch/harness-bdd';
import { SeededIdSource, SeededRandom } from '@llama-orch/orchestrator-core/testkit';
import { Countdown } from './countdown.ts';
import type { DurableService } from './durable-service.ts';
import { drawKillPlan, type KillMoment } from './kill-plan.ts';
import { overtaker, streamFaults } from './stream-faults.ts';
import { TappedReader } from './tapped-reader.ts';
import type { Transcript } from './undisturbed-run.ts';
import type { Work, WorkloadSize } from './workload.ts';

/** What a round needs. */
export interface KillRoundOptions {
  readonly service: DurableService;
  readonly size: WorkloadSize;
  readonly work: readonly Work[];
  /** What each of them writes undisturbed. */
  readonly transcripts: readonly Transcript[];
  readonly seed: number;
  /** After so long what has not ended is called lost. */
  readonly limitMs: number;
}

/** What happened in a round. */
export interface KillRoundReport {
  readonly seed: number;
  readonly acceptedIds: readonly string[];
  readonly killCount: number;
  /** Tasks that streamed, and that waited, at the first kill. */
  readonly streamingAtKill: number;
  readonly waitingAtKill: number;
  /** Tasks that needed more than one attempt. */
  readonly replayedCount: number;
  readonly tokenCount: number;
  /** From the start of each process until every pool was ready, in milliseconds. */
  readonly readyMs: readonly number[];
  readonly faults: readonly string[];
}

interface Submitted {
  readonly body: Work & { readonly task_id: string };
  readonly reader: TappedReader;
  readonly transcript: Transcript;
  /** The answer to the first submit; undefined when a kill took it. */
  first: TaskAccepted | undefined;
  accepted: TaskAccepted;
}

/** Submits the work, kills the service at the moments its seed draws, restarts it and judges what its readers got. */
export class KillRound {
  readonly #options: KillRoundOptions;
  readonly #abort = new AbortController();
  readonly #tasks: Submitted[] = [];
  readonly #starts: SseReader[] = [];
  readonly #faults: string[] = [];
  readonly #readyMs: number[] = [];
  #countdown = new Countdown(Infinity);
  #countdownFor: KillMoment['after'] = 'tokens';
  #killCount = 0;
  #atKill = { streaming: 0, waiting: 0 };

  constructor(options: KillRoundOptions) {
    this.#options = options;
  }

  /** Runs the round; never rejects for what the service does wrong. */
  async run(): Promise<KillRoundReport> {
    const { seed, size, limitMs } = this.#options;
    const plan = drawKillPlan(seed, size);
    const limit = setTimeout(() => this.#abort.abort(new Error(`not over after ${limitMs} ms`)), limitMs);
    try {
      await this.#watchStarts();
      const [first, ...further] = plan.kills;
      const killed = first === undefined ? undefined : this.#killAfter(first, plan.stillbornLivesMs);
      await this.#submitAll();
      await killed;
      await this.#resubmitAll();
      for (const moment of further) await this.#killAfter(moment, []);
      await this.#judgeStreams();
      await this.#judgeRecords();
      this.#judgeOrder();
    } catch (error) {
      this.#faults.push(`the round broke off: ${String(error)}`);
    } finally {
      clearTimeout(limit);
      this.#abort.abort();
      for (const reader of this.#starts) reader.close();
    }
    return this.#report();
  }

  async #watchStarts(): Promise<void> {
    this.#starts.push(await this.#process.open('/v1/events'));
  }

  get #process(): ServiceUnderTest {
    return this.#options.service.process;
  }

  /** Kills when the moment has come, unless every stream ends before it. */
  async #killAfter({ after, count }: KillMoment, stillbornLivesMs: readonly number[]): Promise<void> {
    const countdown = new Countdown(count);
    this.#countdown = countdown;
    this.#countdownFor = after;
    const ended = Promise.allSettled(this.#tasks.map(({ reader }) => reader.finished));
    if (this.#tasks.length > 0) void ended.then(() => countdown.giveUp());
    this.#abort.signal.addEventListener('abort', () => countdown.giveUp(), { once: true });
    if ((await countdown.reached) === 'never') return;
    const { service } = this.#options;
    const crashed = service.crash();
    if (this.#killCount === 0) this.#noteAtKill();
    this.#killCount += 1;
    await crashed;
    for (const lifeMs of stillbornLivesMs) {
      await service.startAndCrash(lifeMs);
      this.#killCount += 1;
    }
    await this.#restart();
  }

  async #restart(): Promise<void> {
    const startedAtMs = performance.now();
    await this.#options.service.restart();
    await this.#watchStarts();
    await this.#process.ready();
    this.#readyMs.push(performance.now() - startedAtMs);
  }

  #noteAtKill(): void {
    const streaming = this.#tasks.filter(({ reader }) => reader.streaming).length;
    const waiting = this.#tasks.filter(({ reader }) => reader.stored.at(-1)?.event === 'started').length;
    this.#atKill = { streaming, waiting };
  }

  #happened(what: KillMoment['after']): void {
    if (what === this.#countdownFor) this.#countdown.count();
  }

  /** One after the other, so that the order of admission is known. */
  async #submitAll(): Promise<void> {
    const { work, transcripts, seed, service } = this.#options;
    const ids = new SeededIdSource(new SeededRandom(seed ^ 0x5eed));
    for (const [index, each] of work.entries()) {
      const body = { ...each, task_id: ids.nextUuid() };
      const { answer, repeated } = await this.#submit(body);
      const reader = new TappedReader({
        baseUrl: service.baseUrl,
        taskId: body.task_id,
        signal: this.#abort.signal,
        onToken: () => this.#happened('tokens'),
      });
      const transcript = transcripts[index] ?? { tokens: [], finishReason: undefined, outputSha256: undefined };
      this.#tasks.push({ body, reader, transcript, first: repeated ? undefined : answer, accepted: answer });
      this.#happened('submits');
    }
  }

  /** Repeats a submit whose answer a kill took. */
  async #submit(body: Work & { task_id: string }): Promise<{ answer: TaskAccepted; repeated: boolean }> {
    const { service } = this.#options;
    for (let repeated = false; ; repeated = true) {
      this.#abort.signal.throwIfAborted();
      await service.whenUp();
      const answer = await this.#post(body).catch(() => undefined);
      if (answer === undefined) continue;
      if (answer.status === 202) return { answer: answer.json as TaskAccepted, repeated };
      throw new Error(`a submit was refused: ${answer.status} ${answer.text}`);
    }
  }

  #post(body: unknown): Promise<HttpAnswer> {
    return call(this.#options.service.baseUrl, { method: 'POST', path: '/v1/tasks', body });
  }

  /** ORCH-1225: the answers before the crash are the answers after it. */
  async #resubmitAll(): Promise<void> {
    for (const { body, first } of this.#tasks) {
      const { status, json, text } = await this.#post(body);
      if (status !== 202) this.#faults.push(`${body.task_id} submitted again is answered ${status} ${text}`);
      else if (first !== undefined && JSON.stringify(json) !== JSON.stringify(first)) {
        this.#faults.push(`${body.task_id} submitted again is answered ${text}, not ${JSON.stringify(first)}`);
      }
      const other = await this.#post({ ...body, seed: 1 });
      if (other.status !== 409) this.#faults.push(`${body.task_id} with another body is answered ${other.status}`);
    }
  }

  async #judgeStreams(): Promise<void> {
    for (const { body, reader, accepted, transcript } of this.#tasks) {
      const name = body.task_id;
      const failure = await reader.finished.then(
        () => undefined,
        (error: unknown) => String(error),
      );
      if (failure !== undefined) this.#faults.push(`${name}: its reader gave up: ${failure}`);
      const record = { jobId: accepted.job_id, stored: reader.stored, seenSeqs: reader.seen.map(({ seq }) => seq) };
      this.#faults.push(...streamFaults(record, transcript).map((fault) => `${name}: ${fault}`));
      // ORCH-1241: who comes late gets the same bytes.
      const late = await this.#process.open(`/v1/tasks/${name}/stream`);
      await late.untilOver();
      const [was, is] = [reader.stored, late.stored].map((frames) => frames.map(({ raw }) => raw).join(''));
      if (was !== is) this.#faults.push(`${name}: a late reader gets other bytes: ${late.summary.slice(0, 200)}`);
    }
  }

  async #judgeRecords(): Promise<void> {
    for (const { body, accepted } of this.#tasks) {
      const { json, text } = await this.#process.call({ path: `/v1/tasks/${body.task_id}` });
      const { state, job_id: jobId } = (json ?? {}) as Record<string, unknown>;
      if (state !== 'completed') this.#faults.push(`${body.task_id} is not completed: ${text.slice(0, 300)}`);
      else if (jobId !== accepted.job_id) this.#faults.push(`${body.task_id} has another job`);
      this.#replayed += ((json as { attempt?: number }).attempt ?? 1) > 1 ? 1 : 0;
    }
  }

  #replayed = 0;

  #judgeOrder(): void {
    const starts = this.#starts.flatMap(({ frames }) =>
      frames.filter(({ data }) => data['state'] === 'running').map(({ data }) => String(data['task_id'])),
    );
    for (const priority of ['interactive', 'batch']) {
      const line = this.#tasks
        .filter(({ body }) => (body.priority ?? 'interactive') === priority)
        .map(({ body }) => body.task_id);
      const first = overtaker(starts, line);
      if (first !== undefined)
        this.#faults.push(`${first} (${priority}, place ${line.indexOf(first)}) overtook another`);
    }
  }

  #report(): KillRoundReport {
    return {
      seed: this.#options.seed,
      acceptedIds: this.#tasks.map(({ body }) => body.task_id),
      killCount: this.#killCount,
      streamingAtKill: this.#atKill.streaming,
      waitingAtKill: this.#atKill.waiting,
      replayedCount: this.#replayed,
      tokenCount: this.#tasks.reduce((sum, { reader }) => sum + Math.max(0, reader.stored.length - 2), 0),
      readyMs: this.#readyMs,
      faults: this.#faults,
    };
  }
}
