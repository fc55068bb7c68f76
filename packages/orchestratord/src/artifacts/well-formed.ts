// SPDX-License-Identifier: MIT
import type { JsonValue } from '@llama-orch/worker-adapter-api';

/** How JSON.stringify writes half of a surrogate pair, and nothing else. */
const LONE_SURROGATE = /(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g;

/** The same value with U+FFFD in the place of every half of a surrogate pair, in keys and texts. */
export function wellFormed(value: JsonValue): JsonValue {
  return JSON.parse(JSON.stringify(value).replaceAll(LONE_SURROGATE, '$1\\ufffd')) as JsonValue;
}
