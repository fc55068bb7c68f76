// SPDX-License-Identifier: MIT
import { eventsOf, requestOf } from '@llama-orch/adapter-kit/testkit';
import { verifies } from '@llama-orch/test-kit';
import { OrchError, type WorkerEnd } from '@llama-orch/worker-adapter-api';
import { expect } from 'vitest';
import { createStream, toWorkerEnd } from './map-events.ts';

// How Text Generation Inference 3.3.7 writes OpenAI's shape, after its sources: an id that is always empty, a role in every
// delta, "" for no finish reason, words of its own for the ends, one status for every fault.

const HEAD = { id: '', created: 1_763_800_000, model: 'm', system_fingerprint: '3.3.6-dev0-native' };

const chatChunk = (content: string, finishReason: string | null): object => ({
  object: 'chat.completion.chunk',
  ...HEAD,
  choices: [{ index: 0, delta: { role: 'assistant', content }, logprobs: null, finish_reason: finishReason }],
  usage: null,
});

const textChunk = (text: string, finishReason: string, usage?: object): object => ({
  object: 'text_completion',
  ...HEAD,
  choices: [{ index: 0, text, logprobs: null, finish_reason: finishReason }],
  ...(usage === undefined ? {} : { usage }),
});

const USAGE = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 };

function read(events: readonly unknown[]): { text: string; end: WorkerEnd } {
  const pieces: string[] = [];
  const stream = createStream({ onTokens: (texts) => pieces.push(...texts) });
  stream.push(Buffer.from(eventsOf(events)));
  return { text: pieces.join(''), end: toWorkerEnd(stream.conclude(), requestOf('a', { maxTokens: 3 })) };
}

verifies(['ORCH-4564', 'ORCH-1513'], 'chats of TGI give their text, end and counts', () => {
  for (const [word, finishReason] of [
    ['stop', 'stop'],
    ['stop_sequence', 'stop'],
    ['length', 'length'],
  ] as const) {
    const last = { object: 'chat.completion.chunk', ...HEAD, choices: [], usage: USAGE };
    const { text, end } = read([chatChunk('rain', null), chatChunk(' on', null), chatChunk('', word), last, '[DONE]']);
    expect(text).toBe('rain on');
    expect(end).toMatchObject({ finishReason, tokensIn: 5, tokensOut: 3 });
  }
});

verifies(['ORCH-4564', 'ORCH-1513'], 'completions of TGI give their text, end and counts', () => {
  for (const [word, finishReason] of [
    ['eos_token', 'stop'],
    ['stop_sequence', 'stop'],
    ['length', 'length'],
  ] as const) {
    const { text, end } = read([textChunk('rain', ''), textChunk(' on', ''), textChunk('', word, USAGE), '[DONE]']);
    expect(text).toBe('rain on');
    expect(end).toMatchObject({ finishReason, tokensIn: 5, tokensOut: 3 });
  }
});

verifies(['ORCH-4562', 'ORCH-1506'], 'faults of TGI inside a stream are told apart by their sentence', () => {
  for (const [message, code] of [
    ['Model is overloaded', 'REPLICA_EXHAUSTED'],
    ['Input validation error: `inputs` must have less than 4 tokens. Given: 9', 'INVALID_PARAMS'],
    ['Request failed during generation: Server error: out of memory', 'WORKER_RESET'],
  ] as const) {
    const error = { message, http_status_code: 422 };
    let fault: unknown;
    try {
      read([chatChunk('rain', null), { error }, '[DONE]']);
    } catch (thrown) {
      fault = thrown;
    }
    expect(OrchError.is(fault) && fault.code, message).toBe(code);
  }
});
