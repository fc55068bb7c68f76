// SPDX-License-Identifier: MIT

/** The value at a path such as `pools.0.engine`; undefined when there is none. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((found, key) => (found as Record<string, unknown> | undefined)?.[key], value);
}
