// SPDX-License-Identifier: MIT

/** Options without those that are not set: a default of the adapter must not be overwritten by nothing. */
export function given<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
