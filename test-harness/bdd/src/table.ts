// SPDX-License-Identifier: MIT
import type { DataTable } from 'quickpickle';
import { expect } from 'vitest';
import { at } from './json-path.ts';

/** Rows of `field | JSON value`. */
export function fieldsOf(table: DataTable): Readonly<Record<string, unknown>> {
  return Object.fromEntries(table.raw().map(([field = '', value = '']) => [field, parseCell(value)]));
}

function parseCell(cell: string): unknown {
  try {
    return JSON.parse(cell) as unknown;
  } catch {
    throw new Error(`a cell must be JSON, and ${cell} is not`);
  }
}

/** What a cell may say instead of a JSON value. */
const WORDS: Readonly<Record<string, (value: unknown, path: string) => void>> = {
  present: (value, path) => expect(value, path).toBeDefined(),
  absent: (value, path) => expect(value, path).toBeUndefined(),
  'a uuid': (value, path) => expect(value, path).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  'a count': (value, path) =>
    expect(Number.isInteger(value) && Number(value) >= 0, `${path} is ${String(value)}`).toBe(true),
  'a positive count': (value, path) =>
    expect(Number.isInteger(value) && Number(value) > 0, `${path} is ${String(value)}`).toBe(true),
  'a duration': (value, path) => expect(value, path).toBeGreaterThanOrEqual(0),
  'a chance': (value, path) => {
    expect(value, path).toBeGreaterThanOrEqual(0);
    expect(value, path).toBeLessThanOrEqual(1);
  },
  'a text': (value, path) => expect(value, path).toMatch(/./),
  'a sha256': (value, path) => expect(value, path).toMatch(/^[0-9a-f]{64}$/),
  'a digest': (value, path) => expect(value, path).toMatch(/^sha256:[0-9a-f]{64}$/),
};

/** Compares rows of `path | expectation` with a JSON value. */
export function expectFields(value: unknown, table: DataTable): void {
  for (const [path = '', expected = ''] of table.raw()) {
    const found = at(value, path);
    const word = WORDS[expected];
    if (word === undefined) expect(found, path).toEqual(parseCell(expected));
    else word(found, path);
  }
}
