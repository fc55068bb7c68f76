// SPDX-License-Identifier: MIT
import { isDeepStrictEqual } from 'node:util';
import type { MatchingRules } from './pact-file.ts';

/** One place where an answer is not what the consumer expects. */
export interface Mismatch {
  /** JSON path from `$`. */
  readonly path: string;
  readonly problem: string;
}

/**
 * Compares a body with a consumer's example: every key of the example must be there with a value of the same type, or
 * an equal one where a rule says so. Further keys are allowed; each element of an array is compared with the first.
 */
export function exampleFits(example: unknown, actual: unknown, rules: MatchingRules['body'] = {}): readonly Mismatch[] {
  return compare({ example, actual, path: '$', rules });
}

interface Place {
  readonly example: unknown;
  readonly actual: unknown;
  readonly path: string;
  readonly rules: NonNullable<MatchingRules['body']>;
}

function compare({ example, actual, path, rules }: Place): readonly Mismatch[] {
  if (rules[path]?.matchers.some(({ match }) => match === 'equality')) {
    return isDeepStrictEqual(example, actual) ? [] : [{ path, problem: `is not ${JSON.stringify(example)}` }];
  }
  const [wanted, found] = [typeName(example), typeName(actual)];
  if (wanted !== found) return [{ path, problem: `is ${found}, not ${wanted}` }];
  if (Array.isArray(example)) return compareItems({ example, actual, path, rules });
  if (wanted !== 'object') return [];
  const members = actual as Record<string, unknown>;
  return Object.entries(example as object).flatMap(([key, value]) =>
    compare({ example: value, actual: members[key], path: `${path}.${key}`, rules }),
  );
}

function compareItems({ example, actual, path, rules }: Place): readonly Mismatch[] {
  const [first] = example as readonly unknown[];
  const items = actual as readonly unknown[];
  if (first === undefined) return [];
  if (items.length === 0) return [{ path, problem: 'is empty' }];
  return items.flatMap((item, index) => compare({ example: first, actual: item, path: `${path}[${index}]`, rules }));
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'array' : typeof value;
}
