// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';

/** What the mock's engine can do wrong; see ORCH-4104 and ORCH-4105. */
export const MOCK_FAULTS = [
  'crash',
  'drift',
  'exhausted',
  'flood',
  'hang',
  'ignore_abort',
  'late_tokens',
  'malformed',
  'refuse',
] as const;

/** One of {@link MOCK_FAULTS}. */
export type MockFault = (typeof MOCK_FAULTS)[number];

/** How one generation goes; what is left out comes from the adapter's options. */
export interface MockScript {
  /** Pieces to write. Default: words drawn from seed and input. */
  readonly pieces?: readonly string[];
  /** Pieces the model would write if nothing stopped it. Default: 8 to 39, drawn from seed and input. */
  readonly tokens?: number;
  /** Milliseconds until the first piece. */
  readonly startMs?: number;
  /** Milliseconds between two wake-ups. */
  readonly delayMs?: number;
  /** Pieces per wake-up. */
  readonly burst?: number;
  readonly fault?: MockFault;
  /** Pieces before the fault. Default 1; 0 for `refuse` and `exhausted`. */
  readonly faultAt?: number;
}

const DIRECTIVE = /\[\[mock ([^\]]*)\]\]/;
const WHOLE_NUMBER = /^\d{1,7}$/;

const NUMBER_KEYS = {
  tokens: 'tokens',
  start_ms: 'startMs',
  delay_ms: 'delayMs',
  burst: 'burst',
  at: 'faultAt',
} as const satisfies Record<string, keyof MockScript>;

/**
 * Reads the first `[[mock tokens=64 delay_ms=20 start_ms=5 burst=4 fault=hang at=3]]` in a text.
 *
 * @throws OrchError INVALID_PARAMS for a key or value it does not know.
 */
export function parseDirective(text: string): MockScript {
  const [, body = ''] = DIRECTIVE.exec(text) ?? [];
  return Object.fromEntries(body.split(' ').filter(Boolean).map(parseSetting));
}

function parseSetting(setting: string): [keyof MockScript, string | number] {
  const [key = '', value = ''] = setting.split('=', 2);
  if (key === 'fault' && isFault(value)) return ['fault', value];
  if (isNumberKey(key) && WHOLE_NUMBER.test(value)) return [NUMBER_KEYS[key], Number(value)];
  throw new OrchError('INVALID_PARAMS', {
    message: `The mock directive has no setting ${key}.`,
    details: { field: '$.prompt', setting },
  });
}

function isFault(value: string): value is MockFault {
  return MOCK_FAULTS.some((fault) => fault === value);
}

function isNumberKey(key: string): key is keyof typeof NUMBER_KEYS {
  return Object.hasOwn(NUMBER_KEYS, key);
}
