// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { createOrchestrator } from '../orchestrator.ts';
import type { ControlEvent, Orchestrator, Submission } from '../orchestrator-api.ts';
import type { PoolId, TaskId } from '../task/ids.ts';
import { isTerminal, type TaskState } from '../task/task-state.ts';
import type { AdmissionAnswer, Caller, TaskRequest } from '../task/task.ts';
import { FakeClock } from '../testkit/fake-clock.ts';
import { SeededRandom } from '../testkit/seeded-random.ts';
import type { Mutant } from './mutants.ts';
import { Referee } from './referee.ts';
import { SimDemand } from './sim-demand.ts';
import { SimOperator } from './sim-operator.ts';
import { SimReader } from './sim-reader.ts';
import { SimRequests } from './sim-requests.ts';
import { buildSetup, restartSetup, type SimSetup } from './sim-setup.ts';
import type { Trace } from './trace.ts';

/** What a simulation is made from. */
export interface SimulationOptions {
  readonly seed: number;
  readonly trace: Trace;
  readonly mutant?: Mutant;
  /** Whether processes are killed and others go on. */
  readonly durable?: boolean;
}

/** A task some client was promised. */
export interface PromisedTask {
  readonly request: TaskRequest;
  readonly caller: Caller;
  readonly answer: AdmissionAnswer;
  state: TaskState | undefined;
}

/** One whole service in virtual time with the clients around it, and the book they keep about it. */
export class Simulation {
  readonly clock = new FakeClock();
  readonly referee: Referee = new Referee();
  readonly random: SeededRandom;
  readonly trace: Trace;
  setup: SimSetup;
  orchestrator: Orchestrator;
  demand: SimDemand;
  readonly promised = new Map<TaskId, PromisedTask>();
  readonly readers: SimReader[] = [];
  /** By how much each pool's queue stood above its bounds when all was last at rest. */
  readonly excess = new Map<PoolId, { readonly tasks: number; readonly bytes: number }>();
  /** Codes, outcomes and states that came up. */
  readonly seen = new Set<string>();
  readonly #requests: SimRequests;
  readonly #operator = new SimOperator(this);
  /** In the order they were promised, for picking. */
  readonly #order: PromisedTask[] = [];
  /** Tasks that some client asked to cancel. */
  readonly #asked = new Set<TaskId>();
  /** The service stops: what has not ended is canceled. */
  isStopping = false;
  /** Tasks whose cancel was answered. */
  readonly #silenced = new Set<TaskId>();
  readonly #endedEarly = new Map<TaskId, TaskState>();
  /** Calls that have not come back. */
  openCalls = 0;
  rejectedCount = 0;

  readonly #mutant: Mutant | undefined;
  /** Number of the process. */
  #life = 0;

  constructor({ seed, trace, mutant, durable = false }: SimulationOptions) {
    const { clock, referee } = this;
    this.#mutant = mutant;
    const note = (line: string): void => trace.note(line);
    this.trace = trace;
    this.random = new SeededRandom(seed ^ 0x5eed);
    this.#requests = new SimRequests(this.random);
    this.setup = buildSetup({ seed, clock, note, referee, mutant, durable });
    this.orchestrator = this.#start();
    this.demand = new SimDemand(this.orchestrator);
  }

  /** Kills the process and starts another; readers lose their connections. */
  restart(): void {
    this.trace.note('killed');
    this.seen.add('killed');
    this.openCalls = 0;
    this.setup = restartSetup(this.setup, { clock: this.clock, mutant: this.#mutant }, this.random);
    // The killed process hears nothing of it.
    for (const reader of this.readers) if (reader.terminal === undefined) reader.close();
    const rows = this.setup.durable?.disk.rows;
    for (const [id, { state }] of this.promised) {
      const row = rows?.get(id);
      this.referee.demand(row !== undefined, `Task ${id} was lost.`);
      const same = state === undefined || row.end?.outcome === state;
      this.referee.demand(same, `The end of task ${id} is not what it was.`);
    }
    this.#operator.forget();
    this.orchestrator = this.#start();
    this.demand = new SimDemand(this.orchestrator);
    this.call(this.orchestrator.start(new AbortController().signal));
    this.call(this.#catchUp());
    for (let count = this.random.below(4); count > 0; count -= 1) this.#reconnect();
  }

  /** Ends that were written but not told. */
  async #catchUp(): Promise<void> {
    for (const { task, end } of this.setup.durable?.disk.ended ?? []) {
      const promised = this.promised.get(task.id);
      if (promised !== undefined) promised.state ??= end?.outcome;
      else if (end !== undefined) this.#endedEarly.set(task.id, end.outcome);
    }
  }

  #start(): Orchestrator {
    this.#life += 1;
    const life = this.#life;
    const made = createOrchestrator(this.setup.options);
    const orchestrator = this.#mutant?.orchestrator?.(made) ?? made;
    orchestrator.watch((event) => {
      if (life === this.#life) this.#observe(event);
    });
    return orchestrator;
  }

  /** Does what one client might do next. */
  act(): void {
    const { random } = this;
    const roll = random.below(100);
    if (roll < 43) this.#submit(this.#requests.fresh(), this.#requests.caller(this.setup.options.keys ?? []));
    else if (roll < 49) this.#resubmit();
    else if (roll < 68) this.#openReader();
    else if (roll < 76) this.#reconnect();
    else if (roll < 82) this.#pullSlowly();
    else if (roll < 91) this.#cancel();
    else if (roll < 98) this.#operator.act();
    else this.#operator.actOnPools();
  }

  /** What no engine will ever end is ended by its clients. */
  cancelAll(): void {
    for (const { task } of this.setup.durable?.disk.waiting ?? []) {
      this.#asked.add(task.id);
      this.call(this.orchestrator.cancel(task.id));
    }
  }

  /** Waits for a call without standing still; whatever it rejects with is a broken rule. */
  call<T>(promise: Promise<T>, then?: (value: T) => void): void {
    const life = this.#life;
    const isOver = (): boolean => life !== this.#life;
    this.openCalls += 1;
    promise
      .then((value) => isOver() || then?.(value))
      .catch((fault: unknown) => isOver() || this.referee.blame(fault))
      .finally(() => isOver() || (this.openCalls -= 1));
  }

  #submit(request: TaskRequest, caller: Caller): void {
    const told = (submission: Submission): void => this.#note({ request, caller }, submission);
    this.call(this.orchestrator.submit(request, caller), told);
  }

  #note(submit: Pick<PromisedTask, 'request' | 'caller'>, submission: Submission): void {
    const { trace } = this;
    const referee: Referee = this.referee;
    this.seen.add(submission.outcome);
    const left = Object.values(submission.budget ?? {}) as readonly (number | undefined)[];
    referee.demand(!left.some((amount = 0) => amount < 0), 'A budget is overspent.');
    if (submission.outcome === 'rejected') {
      this.rejectedCount += 1;
      this.seen.add(`rejected ${submission.error.code}`);
      trace.note(`rejected ${submission.error.code}`);
      referee.demand(submission.error.phase === 'admission', 'A refusal names another phase than admission.');
      referee.demand(submission.error.code !== 'INTERNAL', `A submit met a fault: ${submission.error.message}`);
      return;
    }
    const { answer, outcome } = submission;
    const known = this.promised.get(answer.taskId);
    trace.note(`${outcome} ${answer.taskId} at ${answer.queuePosition}`);
    if (outcome === 'repeated') {
      const same = known === undefined || inOneOrder(known.answer) === inOneOrder(answer);
      referee.demand(same, 'A repeated submit got another answer.');
      if (known === undefined && this.setup.durable !== undefined) this.#promise(submit, answer);
      return;
    }
    referee.demand(known === undefined, `Task ${answer.taskId} was accepted twice.`);
    this.#promise(submit, answer);
  }

  #promise(submit: Pick<PromisedTask, 'request' | 'caller'>, answer: AdmissionAnswer): void {
    const task = { ...submit, answer, state: this.#endedEarly.get(answer.taskId) };
    this.promised.set(answer.taskId, task);
    this.#order.push(task);
  }

  #observe(event: ControlEvent): void {
    const what = `${event.kind} ${'state' in event ? event.state : ''} ${'code' in event ? (event.code ?? '') : ''}`;
    this.seen.add(what.trim());
    this.trace.note(`${this.clock.nowMs()} ${what}`);
    if (event.kind !== 'task' || !isTerminal(event.state)) return;
    const task = this.promised.get(event.taskId);
    const before = task?.state ?? this.#endedEarly.get(event.taskId);
    const isReset = event.code === 'WORKER_RESET' && task !== undefined && task.request.determinism !== 'best_effort';
    this.referee.demand(!isReset, `The strict task ${event.taskId} ended with WORKER_RESET.`);
    if (event.state === 'canceled' && !this.#asked.has(event.taskId) && !this.isStopping) {
      const mayEnd = task?.request.onDisconnect === 'cancel' || this.setup.options.noReaderMs !== undefined;
      this.referee.demand(mayEnd, `Task ${event.taskId} was canceled by nobody.`);
      this.seen.add('canceled unread');
    }
    this.referee.demand(before === undefined, `Task ${event.taskId} ended twice: ${String(before)}, ${event.state}.`);
    if (task === undefined) this.#endedEarly.set(event.taskId, event.state);
    else task.state = event.state;
  }

  #resubmit(): void {
    const task = this.pickTask();
    if (task === undefined) return;
    const copies = 1 + this.random.below(2);
    const request = this.#requests.again(task.request, task.answer.taskId);
    for (let copy = 0; copy < copies; copy += 1) this.#submit(request, task.caller);
  }

  #openReader(afterSeq?: number, of = this.pickTask()): void {
    if (of === undefined) return;
    const { taskId, jobId } = of.answer;
    const { ledger, queue } = this.setup;
    const reader = new SimReader({
      taskId,
      jobId,
      eager: this.random.below(3) > 0,
      ...(afterSeq === undefined ? {} : { afterSeq }),
      isCanceled: () => queue.canceled.has(taskId),
      isSilenced: () => queue.silenced.has(taskId) || this.#silenced.has(taskId),
      pieceCount: () => Math.min(ledger.pieces.get(jobId)?.length ?? 0, of.request.maxTokens ?? 0),
      isRebuilt: this.#life > 1,
      referee: this.referee,
      note: (line) => this.trace.note(line),
      sight: (situation) => this.seen.add(situation),
    });
    const opening = reader.open(this.orchestrator).then(
      (opened) => opened && this.readers.push(reader),
      (fault: unknown) => this.#noteRefusedReader(fault, afterSeq),
    );
    this.call(opening);
  }

  #noteRefusedReader(fault: unknown, afterSeq: number | undefined): void {
    const code = OrchError.is(fault) ? fault.code : String(fault);
    this.seen.add(`read ${code}`);
    const expected = code === 'STREAM_GAP' || (code === 'TASK_CONFLICT' && afterSeq !== undefined);
    this.referee.demand(expected, `A reader was refused: ${code}`);
  }

  #reconnect(): void {
    const reader = this.#pickReader();
    if (reader === undefined || reader.terminal !== undefined || reader.lastSeq < 0) return;
    reader.close();
    const beyond = this.random.below(10) === 0 ? 100 : 0;
    this.#openReader(reader.lastSeq + beyond, this.promised.get(reader.options.taskId));
  }

  #pullSlowly(): void {
    const reader = this.#pickReader();
    if (this.random.below(4) === 0) reader?.close();
    else reader?.pull(1 + this.random.below(3));
  }

  #cancel(): void {
    const task = this.pickTask();
    if (task === undefined) return;
    const { taskId, jobId } = task.answer;
    this.#asked.add(taskId);
    this.call(this.orchestrator.cancel(taskId), (outcome) => {
      this.trace.note(`cancel ${taskId} ${String(outcome)}`);
      this.seen.add(`cancel ${String(outcome)}`);
      if (outcome === undefined) return;
      if (outcome === 'canceled') this.#silenced.add(taskId);
      const told = task.state === 'canceled' ? 'canceled' : 'ended';
      this.referee.demand(task.state !== undefined && outcome === told, `Cancel of ${taskId} told ${outcome}.`);
      const held = this.setup.engines.some((engine) => engine.holds(jobId));
      this.referee.demand(!held, `Cancel of ${taskId} came back before its slot was free.`);
    });
  }

  /** Mostly one of the newest, which are the ones that still wait or run. */
  pickTask(): PromisedTask | undefined {
    const count = this.#order.length;
    const span = this.random.below(4) === 0 ? count : Math.min(count, 12);
    return span === 0 ? undefined : this.#order[count - 1 - this.random.below(span)];
  }

  #pickReader(): SimReader | undefined {
    const count = this.readers.length;
    return count === 0 ? undefined : this.readers[count - 1 - this.random.below(Math.min(count, 12))];
  }
}

function inOneOrder(answer: AdmissionAnswer): string {
  return JSON.stringify(Object.entries(answer).sort(([a], [b]) => (a < b ? -1 : 1)));
}
