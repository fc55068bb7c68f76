// SPDX-License-Identifier: MIT
import { canonicalJson } from '@llama-orch/orchestrator-core';
import { OrchError, type JsonValue } from '@llama-orch/worker-adapter-api';

/** How JSON.stringify writes half of a surrogate pair, and nothing else. */
const LONE_SURROGATE = /(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g;

/**
 * The UTF-8 of a value's RFC 8785 form, whose digest is an artifact's id. The bytes alone own their memory, so that they
 * can move to another thread.
 *
 * @throws OrchError INVALID_PARAMS for a text with half of a surrogate pair: it has no UTF-8.
 */
export function canonicalContent(value: JsonValue): Uint8Array<ArrayBuffer> {
  const text = canonicalJson(value);
  if (text !== withoutHalves(text)) {
    throw new OrchError('INVALID_PARAMS', {
      phase: 'request',
      message: '$.content: expected text without halves of surrogate pairs.',
      details: { field: '$.content', expected: 'text without halves of surrogate pairs' },
    });
  }
  return new TextEncoder().encode(text);
}

/** The same form as text, with U+FFFD in the place of every half of a surrogate pair, in keys and texts. */
export function soundText(value: JsonValue): string {
  const text = canonicalJson(value);
  const sound = withoutHalves(text);
  // Keys may stand in another order now.
  return sound === text ? text : canonicalJson(JSON.parse(sound));
}

function withoutHalves(text: string): string {
  return text.includes('\\ud') ? text.replaceAll(LONE_SURROGATE, '$1\\ufffd') : text;
}
