// SPDX-License-Identifier: MIT
import { placeOf } from './telemetry/place-of.ts';

/** Which service to test. */
export interface SelfTestTarget {
  /** As in `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly token?: string;
  /** Default: the first pool of the service. */
  readonly poolId?: string;
  /** Ends the test early. Default: after 60 s. */
  readonly signal?: AbortSignal;
}

/** One step and how it went. */
export interface SelfTestStep {
  readonly name: 'decode' | 'cancel' | 'metrics';
  readonly ok: boolean;
  readonly durationMs: number;
  /** Why it failed, without any text of a model. */
  readonly reason?: string;
}

/** All steps in their order; after a failure the rest is left out. */
export interface SelfTestReport {
  readonly ok: boolean;
  readonly steps: readonly SelfTestStep[];
}

const PROMPT = 'Write a haiku about the word lantern.';
const LIMIT_MS = 60_000;

/** Tests a running service as a client would: a task to its end, a task canceled in mid-stream, both in the metrics. */
export async function runSelfTest(target: SelfTestTarget): Promise<SelfTestReport> {
  const probe = new Probe(target);
  const steps: SelfTestStep[] = [];
  for (const name of ['decode', 'cancel', 'metrics'] as const) {
    const startedAtMs = performance.now();
    const reason = await probe[name]().then(
      () => undefined,
      (fault: unknown) => (fault instanceof SelfTestFault ? fault.message : placeOf(fault)),
    );
    steps.push({ name, ok: reason === undefined, durationMs: performance.now() - startedAtMs, reason });
    if (reason !== undefined) break;
  }
  return { ok: steps.every(({ ok }) => ok), steps };
}

/** Something the service did not do as it promises. */
class SelfTestFault extends Error {}

class Probe {
  readonly #target: SelfTestTarget;
  readonly #signal: AbortSignal;
  readonly #headers: Record<string, string>;

  constructor(target: SelfTestTarget) {
    this.#target = target;
    this.#signal = target.signal ?? AbortSignal.timeout(LIMIT_MS);
    this.#headers = target.token === undefined ? {} : { authorization: `Bearer ${target.token}` };
  }

  async decode(): Promise<void> {
    const frames = await this.#follow(await this.#submit());
    if (!frames.includes('event: token\n')) throw new SelfTestFault('The task ended without a token.');
    if (!/event: end\ndata: .*"finish_reason":"(stop|length)"/.test(frames)) throw new SelfTestFault(endOf(frames));
  }

  async cancel(): Promise<void> {
    const taskId = await this.#submit();
    const frames = await this.#follow(taskId, async () => {
      const { status } = await this.#call('POST', `/v1/tasks/${taskId}/cancel`);
      if (status !== 204) throw new SelfTestFault(`The cancel was answered ${status}.`);
    });
    // A task may be faster than its cancel; either way it has ended once, and not as a failure.
    const ends = frames.match(/^event: (?:end|error)$/gm) ?? [];
    if (ends.length !== 1 || ends[0] !== 'event: end') throw new SelfTestFault(endOf(frames));
  }

  async metrics(): Promise<void> {
    const text = await (await this.#call('GET', '/metrics')).text();
    const total = (name: string): number => {
      const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`));
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    };
    if (total('tasks_enqueued_total') < 2) throw new SelfTestFault('The tasks are not in tasks_enqueued_total.');
    if (total('tokens_out_total') < 1) throw new SelfTestFault('The tokens are not in tokens_out_total.');
  }

  async #submit(): Promise<string> {
    const body = JSON.stringify({ prompt: PROMPT, max_tokens: 32, seed: 1, pool_id: this.#target.poolId });
    const answer = await this.#call('POST', '/v1/tasks', body);
    const { task_id: taskId, code } = (await answer.json()) as { task_id?: string; code?: string };
    if (taskId === undefined) throw new SelfTestFault(`The task was refused: ${String(code)}.`);
    return taskId;
  }

  /** All frames of a task; `onToken` is called in mid-stream, once, with the first token. */
  async #follow(taskId: string, onToken?: () => Promise<void>): Promise<string> {
    const { body } = await this.#call('GET', `/v1/tasks/${taskId}/stream`);
    let frames = '';
    let called = onToken === undefined;
    for await (const text of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      frames += text;
      if (called || !frames.includes('event: token\n')) continue;
      called = true;
      await onToken?.();
    }
    return frames;
  }

  #call(method: string, path: string, body?: string): Promise<Response> {
    const headers = body === undefined ? this.#headers : { ...this.#headers, 'content-type': 'application/json' };
    return fetch(new URL(path, this.#target.url), { method, headers, body, signal: this.#signal });
  }
}

function endOf(frames: string): string {
  const code = /"code":"([A-Z_]+)"/.exec(frames)?.[1];
  return `The stream did not end as it should${code === undefined ? '' : `: ${code}`}.`;
}
