// SPDX-License-Identifier: MIT
import type { ConfigViolation } from '@llama-orch/config-schema';
import type { ConfigFault } from './config-fault.ts';

/** Keywords that only repeat what a more exact violation says. */
const ECHOES = new Set(['if', 'oneOf']);
/** Names whose values are not shown. */
const SECRET_NAME = /key|token|secret|password|auth|sha256/i;
const MAX_SHOWN_LENGTH = 60;

/** Violations of the configuration schema as faults, each once. */
export function schemaFaults(violations: readonly ConfigViolation[], config: unknown): readonly ConfigFault[] {
  const exact = violations.filter((violation) => !isEcho(violation));
  const byPath = new Map<string, ConfigFault>();
  for (const violation of exact.length > 0 ? exact : violations) {
    const fault = toFault(violation, config);
    if (!byPath.has(fault.path)) byPath.set(fault.path, fault);
  }
  return [...byPath.values()];
}

/** True for a violation that another one says better: a name's fault is told by `propertyNames`. */
function isEcho(violation: ConfigViolation): boolean {
  return ECHOES.has(violation.keyword) || 'propertyName' in violation;
}

function toFault({ instancePath, keyword, params, message = '' }: ConfigViolation, config: unknown): ConfigFault {
  const parts = instancePath.split('/').slice(1).map(unescape);
  switch (keyword) {
    case 'additionalProperties':
      return { path: pathOf([...parts, String(params['additionalProperty'])]), expected: 'no such key', actual: 'one' };
    case 'required':
      return { path: pathOf([...parts, String(params['missingProperty'])]), expected: 'a value', actual: 'nothing' };
    case 'propertyNames':
      return { path: pathOf([...parts, String(params['propertyName'])]), expected: 'another name', actual: 'this one' };
    default:
      return { path: pathOf(parts), expected: expectation(keyword, params, message), actual: shown(parts, config) };
  }
}

function expectation(keyword: string, params: ConfigViolation['params'], message: string): string {
  switch (keyword) {
    case 'enum':
      return `one of ${(params['allowedValues'] as readonly unknown[]).join(', ')}`;
    case 'type':
      return String(params['type']);
    case 'false schema':
      return 'no such key with this adapter';
    default:
      return message.replace(/^must be /, '').replace(/^must /, 'to ');
  }
}

/** ORCH-5001: what was found, but not what a secret's name may stand before. */
function shown(parts: readonly string[], config: unknown): string {
  if (SECRET_NAME.test(parts.at(-1) ?? '')) return 'a value that is not shown';
  const value = parts.reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], config);
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return 'nothing';
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
}

function pathOf(parts: readonly string[]): string {
  return parts.reduce((path, part) => path + (/^\d+$/.test(part) ? `[${part}]` : `.${part}`), '$');
}

function unescape(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
