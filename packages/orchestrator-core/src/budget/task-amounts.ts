// SPDX-License-Identifier: MIT
import type { WorkerInput } from '@llama-orch/worker-adapter-api';
import type { TokenPrice } from '../orchestrator-api.ts';
import type { Task } from '../task/task.ts';
import type { Amounts } from './budget.ts';

/** A token of ordinary text has about so many characters. */
const CHARS_PER_TOKEN = 4;
/** What a chat template may add around all messages, and around each. */
const TEMPLATE_TOKENS = 64;
const MESSAGE_TOKENS = 16;
/** What an engine may put before a plain text. */
const TEXT_TOKENS = 2;

/** Where a task is about to run, as far as it bounds what the task can use up. */
export interface PoolBounds {
  readonly ctxMaxTokens: number | undefined;
  /** What jobs took on average; undefined while none was measured. */
  readonly jobMs: number | undefined;
  readonly price: TokenPrice | undefined;
}

/** What a task is expected to cost, in tokens: a guess of its prompt and of its output. */
export function expectedCostTokens(
  { input, maxTokens, expectedTokens }: Pick<Task, 'input' | 'maxTokens' | 'expectedTokens'>,
  promptChars: number,
): number {
  return Math.ceil(promptChars / CHARS_PER_TOKEN) + (generates(input) ? (expectedTokens ?? maxTokens) : 0);
}

/**
 * ORCH-1310: the most a task can use up. A token stands for at least one byte, so the bytes of a prompt bound its tokens, and
 * the context bounds prompt and output together. Of time it is what jobs took so far: the limit of the watchdog is so far
 * above it that a budget would hold one task at a time.
 */
export function largestUse({ input, maxTokens }: Pick<Task, 'input' | 'maxTokens'>, pool: PoolBounds): Amounts {
  const tokensOut = generates(input) ? maxTokens : 0;
  const bound = promptTokensBound(input);
  const room = generates(input) ? Math.max(0, (pool.ctxMaxTokens ?? Infinity) - tokensOut) : Infinity;
  const tokensIn = Math.min(bound, room);
  return {
    tokens: tokensIn + tokensOut,
    timeMs: Math.max(1, Math.ceil(pool.jobMs ?? 0)),
    costMicros: costMicros(pool.price, tokensIn, tokensOut),
  };
}

/** What so many tokens cost, rounded up to whole micros. */
export function costMicros(price: TokenPrice | undefined, tokensIn: number, tokensOut: number): number {
  if (price === undefined) return 0;
  return Math.ceil((tokensIn * price.inMicrosPer1k + tokensOut * price.outMicrosPer1k) / 1_000);
}

function generates({ workload }: WorkerInput): boolean {
  return workload === 'completion' || workload === 'chat';
}

/** The most tokens a prompt can have, by its bytes. */
export function promptTokensBound(input: WorkerInput): number {
  switch (input.workload) {
    case 'completion':
      return utf8Bytes(input.prompt) + TEXT_TOKENS;
    case 'chat': {
      const texts = input.messages.map(({ role, content, toolCalls = [] }) => {
        const calls = toolCalls.map((call) => utf8Bytes(call.name) + utf8Bytes(call.arguments) + MESSAGE_TOKENS);
        return utf8Bytes(content) + role.length + MESSAGE_TOKENS + sum(calls);
      });
      const tools = input.tools.length === 0 ? 0 : utf8Bytes(JSON.stringify(input.tools));
      return sum(texts) + tools + TEMPLATE_TOKENS;
    }
    case 'embedding':
      return sum(input.inputs.map((text) => utf8Bytes(text) + TEXT_TOKENS));
    case 'rerank':
      return sum(input.documents.map((text) => utf8Bytes(text) + utf8Bytes(input.query) + 2 * TEXT_TOKENS));
  }
}

function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit >= 0x80) bytes += unit >= 0x800 ? 2 : 1;
  }
  return bytes;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
