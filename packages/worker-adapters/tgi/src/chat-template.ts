// SPDX-License-Identifier: MIT
import { isObject, numberOf, protocolFault, textOf } from '@llama-orch/adapter-kit';

/** A chat as the engine renders it. */
export interface RenderedChat {
  readonly text: string;
  readonly tokenIds: readonly number[];
  /** Text of the first token. */
  readonly firstToken: string;
}

/** Asks the engine which tokens it makes of an input. */
export type Tokenize = (inputs: string) => Promise<readonly number[]>;

/** @throws OrchError WORKER_RESET when it is not the answer of `/chat_tokenize`. */
export function parseRendered(answer: unknown): RenderedChat {
  const text = isObject(answer) ? textOf(answer['templated_text']) : undefined;
  if (!isObject(answer) || text === undefined) throw protocolFault('not_json', { path: '/chat_tokenize' });
  const tokens = answer['tokenize_response'];
  const [first] = Array.isArray(tokens) ? (tokens as readonly unknown[]) : [];
  return {
    text,
    tokenIds: parseTokenIds(tokens),
    firstToken: (isObject(first) ? textOf(first['text']) : undefined) ?? '',
  };
}

/** @throws OrchError WORKER_RESET when it is not the answer of `/tokenize`. */
export function parseTokenIds(answer: unknown): readonly number[] {
  if (!Array.isArray(answer)) throw protocolFault('not_json', { path: '/tokenize' });
  return answer.map((token: unknown) => {
    const id = isObject(token) ? numberOf(token['id']) : undefined;
    if (id === undefined) throw protocolFault('not_json', { path: '/tokenize' });
    return id;
  });
}

/**
 * ORCH-4603: the text to take off the front of a rendered chat because the engine puts its token there itself; undefined
 * where no text reaches the model as the tokens of the template.
 */
export async function findAddedPrefix(chat: RenderedChat, tokenize: Tokenize): Promise<string | undefined> {
  for (const prefix of ['', chat.firstToken]) {
    const ids = await tokenize(withoutPrefix(chat.text, prefix));
    if (ids.length === chat.tokenIds.length && ids.every((id, at) => id === chat.tokenIds[at])) return prefix;
  }
  return undefined;
}

/** The text that the engine makes the template's tokens of. */
export function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}
