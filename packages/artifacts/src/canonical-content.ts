// SPDX-License-Identifier: MIT
import { canonicalJson } from '@llama-orch/orchestrator-core';
import { OrchError, type JsonValue } from '@llama-orch/worker-adapter-api';

/** JSON.stringify writes a lone surrogate as an escape, and nothing else as \ud800 to \udfff. */
const LONE_SURROGATE = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

/**
 * The value's RFC 8785 form, whose UTF-8 has the digest that is an artifact's id.
 *
 * @throws OrchError INVALID_PARAMS for a text with half of a surrogate pair: it has no UTF-8.
 */
export function canonicalText(value: JsonValue): string {
  const text = canonicalJson(value);
  if (text.includes('\\ud') && LONE_SURROGATE.test(text)) {
    throw new OrchError('INVALID_PARAMS', {
      phase: 'request',
      message: '$.content: expected text without halves of surrogate pairs.',
      details: { field: '$.content', expected: 'text without halves of surrogate pairs' },
    });
  }
  return text;
}

/** The same in UTF-8. The bytes alone own their memory, so that they can move to another thread. */
export function canonicalContent(value: JsonValue): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(canonicalText(value));
}
