// SPDX-License-Identifier: MIT
import { canonicalJson } from '@llama-orch/orchestrator-core';
import { OrchError, type JsonValue } from '@llama-orch/worker-adapter-api';

/**
 * The bytes whose digest is an artifact's id: the value's RFC 8785 form in UTF-8. They alone own their memory, so that
 * they can move to another thread.
 *
 * @throws OrchError INVALID_PARAMS for a text with half of a surrogate pair: it has no UTF-8.
 */
export function canonicalContent(value: JsonValue): Uint8Array<ArrayBuffer> {
  const text = canonicalJson(value);
  // JSON.stringify writes a lone surrogate as an escape, and nothing else as \ud800 to \udfff.
  if (/(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(text)) {
    throw new OrchError('INVALID_PARAMS', {
      phase: 'request',
      message: '$.content: expected text without halves of surrogate pairs.',
      details: { field: '$.content', expected: 'text without halves of surrogate pairs' },
    });
  }
  return new TextEncoder().encode(text);
}
