// SPDX-License-Identifier: MIT
import type { Validator, Violation } from '@llama-orch/api-schema';
import type { OrchError } from '@llama-orch/worker-adapter-api';
import { refusal } from './refusal.ts';

/** Where a value came from; the first part of the field's name in a refusal. */
export type Source = '$' | 'query' | 'path' | 'header';

/**
 * Gives `value` back as the type its schema describes.
 *
 * @throws OrchError INVALID_PARAMS naming the first offending field; ORCH-2023, ORCH-2024.
 */
export function validated<T>(validator: Validator<T>, value: unknown, source: Source): T {
  if (validator(value)) return value;
  throw refusalOf(validator.errors?.[0], source);
}

/** A schema violation as a refusal. Holds no value of the client: it may be a prompt. */
function refusalOf(violation: Violation | undefined, source: Source): OrchError {
  const pointer = violation?.instancePath.split('/').slice(1) ?? [];
  const extra = violation?.params['additionalProperty'] ?? violation?.params['missingProperty'];
  const field = fieldName(typeof extra === 'string' ? [...pointer, extra] : pointer, source);
  const expected = expectation(violation);
  return refusal('INVALID_PARAMS', field, { message: `${field}: expected ${expected}.`, expected });
}

function fieldName(pointer: readonly string[], source: Source): string {
  return pointer.reduce<string>((path, part) => {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    return path + (/^\d+$/.test(name) ? `[${name}]` : `.${name.slice(0, 64)}`);
  }, source);
}

function expectation(violation: Violation | undefined): string {
  const params = violation?.params ?? {};
  switch (violation?.keyword) {
    case 'additionalProperties':
      return 'no such field';
    case 'required':
      return 'a value';
    case 'enum':
      return `one of ${(params['allowedValues'] as readonly unknown[]).join(', ')}`;
    case 'type':
      return String(params['type']);
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `${String(params['comparison'])} ${String(params['limit'])}`;
    default:
      return violation?.message?.replace(/^must /, '') ?? 'a valid value';
  }
}
