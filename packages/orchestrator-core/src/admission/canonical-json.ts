// SPDX-License-Identifier: MIT

/**
 * JSON with the keys of every object sorted and without white space, so that equal values give equal text.
 * Members that are `undefined` are left out, as in JSON.stringify.
 */
export function canonicalJson(value: unknown): string {
  // Most values are written in order already: JSON.stringify keeps it, and a look costs far less than writing them here.
  return !isObject(value) || isSorted(value) ? JSON.stringify(value) : sortedJson(value);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isSorted(value: object): boolean {
  if (Array.isArray(value)) return value.every((item: unknown) => !isObject(item) || isSorted(item));
  const members = value as Readonly<Record<string, unknown>>;
  let before = '';
  for (const key in members) {
    const member = members[key];
    if (key < before || (isObject(member) && !isSorted(member))) return false;
    before = key;
  }
  return true;
}

function sortedJson(value: unknown): string {
  if (!isObject(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: unknown) => sortedJson(item ?? null)).join(',')}]`;
  const object = value as Readonly<Record<string, unknown>>;
  let members = '';
  for (const key of Object.keys(object).sort()) {
    const member = object[key];
    if (member === undefined) continue;
    if (members !== '') members += ',';
    members += `${JSON.stringify(key)}:${sortedJson(member)}`;
  }
  return `{${members}}`;
}
