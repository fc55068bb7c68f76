// SPDX-License-Identifier: MIT
import type { TaskRequest } from '@llama-orch/client';

/** A request without its id: the same work is submitted under a new id in each round. */
export type Work = Omit<TaskRequest, 'task_id'>;

/** How much work there is. */
export interface WorkloadSize {
  /** Tasks that write for as long as they may; they take the slots. */
  readonly streaming: number;
  /** Short tasks behind them, half interactive, half batch. */
  readonly queued: number;
  /** Tokens of a streaming task. */
  readonly longTokens: number;
}

/** What the issue of a chaos round is about: 8 streaming, 50 queued. */
export const FULL_SIZE: WorkloadSize = { streaming: 8, queued: 50, longTokens: 300 };

/** Keeps the model writing to the bound, so that a kill meets it in mid-stream. */
const NEVER_ENDING = { type: 'grammar', grammar: 'root ::= [a-z ] root' } as const;
const SHORT_TOKENS = 24;

/** The work of a round in the order of its submits. All of it is `strict`, with seeds of its own. */
export function workload({ streaming, queued, longTokens }: WorkloadSize): readonly Work[] {
  const long = Array.from({ length: streaming }, (_, index): Work => ({
    prompt: `haiku about river ${index}:\n`,
    seed: 1_000 + index,
    max_tokens: longTokens,
    determinism: 'strict',
    response_format: NEVER_ENDING,
  }));
  const short = Array.from({ length: queued }, (_, index): Work => ({
    prompt: `haiku about hill ${index}:\n`,
    seed: 2_000 + index,
    max_tokens: SHORT_TOKENS,
    determinism: 'strict',
    priority: index % 2 === 0 ? 'interactive' : 'batch',
  }));
  return [...long, ...short];
}

/** The pool that serves it: the embedded tiny model with a slot for each streaming task. */
export function poolFor({ streaming, longTokens }: WorkloadSize): Readonly<Record<string, unknown>> {
  return { id: 'main', adapter: 'node-llama-cpp', slots: streaming, max_tokens_out: longTokens };
}
