// SPDX-License-Identifier: MIT
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { nowUs, promptFor, type ReplyShape } from '../engine/token-stamp.ts';
import { LoadClient } from './http-client.ts';
import { noFaults, ReplyJudge, type Faults } from './reply-judge.ts';

/** How a client reaches the engine: straight, or by a task and its stream. */
export type Way = 'direct' | 'orch';

/** One load. It ends at whichever bound comes first. */
export interface RelayLoad {
  readonly way: Way;
  readonly url: string;
  readonly streams: number;
  readonly shape: ReplyShape;
  /** No reply begins after this many seconds. */
  readonly seconds: number;
  /** Replies in all; default no limit. */
  readonly replies?: number;
}

/** What one load showed. */
export interface RelayFigures {
  readonly replies: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly faults: Faults;
  /** From the first request to the first token, in microseconds. */
  readonly firstTokenUs: RecordableHistogram;
  /** From the engine to the client, per token, in microseconds. */
  readonly tokenUs: RecordableHistogram;
}

/** Runs a closed loop of `streams` clients, each asking again as soon as its reply has ended. */
export async function runRelayLoad(load: RelayLoad): Promise<RelayFigures> {
  const client = new LoadClient(load.url);
  const run = new RelayRun(load, client);
  const startUs = nowUs();
  const spreadMs = Math.min(1500, (load.shape.tokens * load.shape.delayUs) / 1000);
  try {
    await Promise.all(
      Array.from({ length: load.streams }, (_, k) =>
        run.loop((spreadMs * k) / load.streams, startUs + load.seconds * 1e6),
      ),
    );
  } finally {
    client.close();
  }
  return { ...run.figures, seconds: (nowUs() - startUs) / 1e6 };
}

class RelayRun {
  readonly figures = {
    replies: 0,
    tokens: 0,
    faults: noFaults(),
    firstTokenUs: createHistogram(),
    tokenUs: createHistogram(),
  };
  readonly #load: RelayLoad;
  readonly #client: LoadClient;
  #left: number;

  constructor(load: RelayLoad, client: LoadClient) {
    this.#load = load;
    this.#client = client;
    this.#left = load.replies ?? Infinity;
  }

  async loop(delayMs: number, untilUs: number): Promise<void> {
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    while (nowUs() < untilUs && this.#left > 0) {
      this.#left -= 1;
      await this.#reply();
    }
  }

  async #reply(): Promise<void> {
    const askedUs = nowUs();
    const { figures } = this;
    let receivedUs = askedUs;
    const judge = new ReplyJudge(this.#load.shape.tokens, figures.faults, (index, sentUs) => {
      figures.tokens += 1;
      figures.tokenUs.record(Math.max(1, Math.round(receivedUs - sentUs)));
      if (index === 0) figures.firstTokenUs.record(Math.max(1, Math.round(receivedUs - askedUs)));
    });
    const frames = new FrameCutter((text) => judge.take(text));
    const onText = (text: string): void => {
      receivedUs = nowUs();
      frames.take(text);
    };
    try {
      await this.#ask(onText);
    } catch {
      // A connection that breaks leaves its reply without an end, which the judge counts.
    }
    judge.close();
    figures.replies += 1;
  }

  async #ask(onText: (text: string) => void): Promise<void> {
    const { tokens } = this.#load.shape;
    const prompt = promptFor(this.#load.shape);
    if (this.#load.way === 'direct') {
      await this.#client.exchange('/completion', JSON.stringify({ prompt, n_predict: tokens, stream: true }), onText);
      return;
    }
    let answer = '';
    const body = JSON.stringify({ prompt, max_tokens: tokens, determinism: 'best_effort' });
    const status = await this.#client.exchange('/v1/tasks', body, (text) => (answer += text));
    if (status !== 202) throw new Error(`the submit was answered ${status}`);
    const { task_id: taskId } = JSON.parse(answer) as { task_id: string };
    await this.#client.exchange(`/v1/tasks/${taskId}/stream`, undefined, onText);
  }
}

/** Cuts a byte stream at the empty lines between frames, so that no stamp is ever seen in two halves. */
class FrameCutter {
  readonly #onFrames: (text: string) => void;
  #rest = '';

  constructor(onFrames: (text: string) => void) {
    this.#onFrames = onFrames;
  }

  take(text: string): void {
    const all = this.#rest + text;
    const end = all.lastIndexOf('\n\n') + 2;
    if (end > 1) this.#onFrames(all.slice(0, end));
    this.#rest = end > 1 ? all.slice(end) : all;
  }
}
