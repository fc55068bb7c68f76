// SPDX-License-Identifier: MIT
import { jsonAnswer, streamAnswer } from './raw-answers.ts';
import type { ReplayAnswer, SeenRequest } from './replay-server.ts';

/** Bodies of event streams as an engine sends them. */
export interface GenerationBytes {
  /** A generation that ends by itself. */
  readonly brief: Buffer;
  /** One that ends at its bound of three tokens. */
  readonly length: Buffer;
  /** One in whose middle the engine fails. */
  readonly breaking: Buffer;
  /** The beginning of one. */
  readonly beginning: Buffer;
  /** Body of the 400 for a request the engine refuses. */
  readonly refusal: unknown;
}

const CUT_BYTES = 7;
/** A bound below this is one the answer has to keep. */
const FEW_TOKENS = 10;

/**
 * Answers a generation with recorded bytes, cut into small chunks, as its text asks for: `refused`, `breaking`, `endless`
 * (it begins and stays open; with a bound of a few tokens it ends there), or brief.
 */
export function answerGeneration(bytes: GenerationBytes): ReplayAnswer {
  return (socket, request) => {
    const asked = JSON.stringify([request.body['prompt'], request.body['messages']]);
    if (asked.includes('refused')) socket.end(jsonAnswer(400, bytes.refusal));
    else if (asked.includes('breaking')) socket.end(streamAnswer(bytes.breaking, { chunkBytes: CUT_BYTES }));
    else if (!asked.includes('endless')) socket.end(streamAnswer(bytes.brief, { chunkBytes: CUT_BYTES }));
    else if (isBounded(request)) socket.end(streamAnswer(bytes.length, { chunkBytes: CUT_BYTES }));
    else socket.write(streamAnswer(bytes.beginning, { chunkBytes: CUT_BYTES, isCut: true }));
  };
}

function isBounded({ body }: SeenRequest): boolean {
  return Number(body['max_tokens'] ?? body['max_completion_tokens']) < FEW_TOKENS;
}
