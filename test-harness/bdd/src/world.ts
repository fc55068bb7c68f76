// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import { After, AfterAll, QuickPickleWorld, setWorldConstructor } from 'quickpickle';
import type { EngineGeneration } from './engine/engine-generation.ts';
import { HOLD } from './engine/scripted-engine.ts';
import { SEAL, Stage, type StageSpec } from './stage.ts';
import type { HttpAnswer, HttpCall } from './wire/http-call.ts';
import type { SseReader } from './wire/sse-reader.ts';

/** A task of the scenario. */
export interface TrialTask {
  readonly id: string;
  /** Stands in its prompt and in no other. */
  readonly marker: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The answer to its submit. */
  readonly answer: HttpAnswer;
}

interface SubmitOptions {
  readonly held?: boolean;
  /** Only asks what would become of it. */
  readonly isPlan?: boolean;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Stages that scenarios of one feature share, by what they ask for. */
const shared = new Map<string, Stage>();

/** What the steps of one scenario share. */
export class OrchWorld extends QuickPickleWorld {
  readonly tasks = new Map<string, TrialTask>();
  readonly readers = new Map<string, SseReader>();
  /** The last answers, newest last. */
  answers: HttpAnswer[] = [];
  #stage: Stage | undefined;
  #own = false;

  get stage(): Stage {
    if (this.#stage === undefined) throw new Error('the scenario has started no service');
    return this.#stage;
  }

  get answer(): HttpAnswer {
    const last = this.answers.at(-1);
    if (last === undefined) throw new Error('nothing was asked yet');
    return last;
  }

  /** The stage for `spec`, shared with other scenarios of this feature. */
  async share(spec: StageSpec): Promise<void> {
    const key = JSON.stringify(spec);
    const stage = shared.get(key) ?? (await Stage.open(spec));
    shared.set(key, stage);
    this.#stage = stage;
  }

  /** A stage of this scenario's own. */
  own(stage: Stage): void {
    this.#stage = stage;
    this.#own = true;
  }

  /** Calls the service with what every request carries, and remembers the answer. */
  async call(request: HttpCall): Promise<HttpAnswer> {
    const answer = await this.stage.service.call({
      ...request,
      headers: { ...this.stage.headers, ...request.headers },
    });
    this.answers.push(answer);
    return answer;
  }

  /** Submits a task whose generation is written by the scenario (`held`) or by the engine at once. */
  async submit(name: string, { held = true, isPlan = false, fields = {} }: SubmitOptions = {}): Promise<TrialTask> {
    const marker = `${SEAL}-${randomUUID()}`;
    const id = typeof fields['task_id'] === 'string' ? fields['task_id'] : randomUUID();
    const work =
      'prompt' in fields || 'messages' in fields || 'inputs' in fields
        ? {}
        : { prompt: `${held ? HOLD : ''} ${marker}` };
    const body = { task_id: id, ...work, ...fields };
    const path = isPlan ? '/v1/tasks?dry_run=true' : '/v1/tasks';
    const answer = await this.call({ method: 'POST', path, body });
    const task: TrialTask = { id, marker, body, answer };
    this.tasks.set(name, task);
    return task;
  }

  task(name: string): TrialTask {
    const task = this.tasks.get(name);
    if (task === undefined) throw new Error(`no task "${name}" was submitted`);
    return task;
  }

  reader(name: string): SseReader {
    const reader = this.readers.get(name);
    if (reader === undefined) throw new Error(`no reader "${name}" was opened`);
    return reader;
  }

  /** The engine's side of a task, once it has arrived there. */
  async generation(name: string): Promise<EngineGeneration> {
    return this.stage.engine.generation(this.task(name).marker);
  }

  /** The record of a task now. */
  async record(name: string): Promise<Readonly<Record<string, unknown>>> {
    const { json } = await this.stage.service.call({
      path: `/v1/tasks/${this.task(name).id}`,
      headers: this.stage.headers,
    });
    return json as Readonly<Record<string, unknown>>;
  }

  async follow(name: string, lastEventId?: string, paused = false): Promise<SseReader> {
    const { service, headers } = this.stage;
    const resuming = lastEventId === undefined ? headers : { ...headers, 'last-event-id': lastEventId };
    return service.open(`/v1/tasks/${this.task(name).id}/stream`, { headers: resuming, paused });
  }

  /** Gives back what the scenario holds and proves that nothing of it is left. */
  async leave(): Promise<void> {
    if (this.#stage === undefined) return;
    for (const reader of this.readers.values()) reader.close();
    const { engines, service, headers } = this.#stage;
    if (service.over) return this.#stage.abandon();
    const cancel = (id: string): Promise<HttpAnswer> =>
      service.call({ method: 'POST', path: `/v1/tasks/${id}/cancel`, headers });
    // What no engine has goes first, and the rest ends by itself: before an engine has begun, a cancel waits for its second look.
    for (const { id, marker } of this.tasks.values()) {
      if (!engines.some((engine) => engine.generationsOf(marker).length > 0)) await cancel(id);
    }
    for (const engine of engines) engine.finishEverything();
    for (const { json } of this.answers) {
      const id = (json as { task_id?: string } | undefined)?.task_id;
      if (id !== undefined) await cancel(id);
    }
    await (this.#own ? this.#stage.close() : this.#stage.expectIdle());
  }
}

setWorldConstructor(OrchWorld);
After(async (world: OrchWorld) => world.leave());
AfterAll(async () => {
  for (const stage of shared.values()) await stage.close();
  shared.clear();
});
