// SPDX-License-Identifier: MIT
import { parseJson, type HttpAnswer, type HttpTransport, type SilenceCheck } from '@llama-orch/adapter-kit';
import { faultOfAnswer } from './map-fault.ts';

/** An answer with its JSON value, which is undefined for a body of another kind. */
export interface JsonAnswer extends HttpAnswer {
  readonly value: unknown;
}

/** JSON text for one of the server's routes. */
export interface JsonQuestion {
  readonly path: string;
  readonly body: string;
  /** Default: none. */
  readonly silence?: SilenceCheck;
}

/** Posts JSON text and reads the answer, whatever its status. */
export async function postJson(
  transport: HttpTransport,
  question: JsonQuestion,
  signal: AbortSignal,
): Promise<JsonAnswer> {
  const answer = await transport.call({ method: 'POST', ...question }, signal);
  return { ...answer, value: parseJson(answer.body) };
}

/**
 * The JSON value that a server answers to JSON text.
 *
 * @throws OrchError for another status than 200.
 */
export async function askJson(transport: HttpTransport, question: JsonQuestion, signal: AbortSignal): Promise<unknown> {
  const answer = await postJson(transport, question, signal);
  if (answer.status !== 200) throw faultOfAnswer(answer);
  return answer.value;
}
