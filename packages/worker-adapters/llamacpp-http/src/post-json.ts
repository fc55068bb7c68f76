// SPDX-License-Identifier: MIT
import { parseJson, type HttpAnswer, type HttpTransport } from '@llama-orch/adapter-kit';
import { faultOfAnswer } from './map-fault.ts';

/** An answer with its JSON value, which is undefined for a body of another kind. */
export interface JsonAnswer extends HttpAnswer {
  readonly value: unknown;
}

/** Posts JSON text and reads the answer, whatever its status. */
export async function postJson(
  transport: HttpTransport,
  { path, body }: { readonly path: string; readonly body: string },
  signal: AbortSignal,
): Promise<JsonAnswer> {
  const answer = await transport.call({ method: 'POST', path, body }, signal);
  return { ...answer, value: parseJson(answer.body) };
}

/**
 * The JSON value that a server answers to JSON text.
 *
 * @throws OrchError for another status than 200.
 */
export async function askJson(
  transport: HttpTransport,
  question: { readonly path: string; readonly body: string },
  signal: AbortSignal,
): Promise<unknown> {
  const answer = await postJson(transport, question, signal);
  if (answer.status !== 200) throw faultOfAnswer(answer);
  return answer.value;
}
