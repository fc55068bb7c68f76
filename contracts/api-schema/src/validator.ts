// SPDX-License-Identifier: MIT

/** One way in which a value breaks a schema. */
export interface Violation {
  /** JSON pointer of the offending value, as in `/messages/0/role`; empty for the whole value. */
  readonly instancePath: string;
  /** The schema keyword that failed, as in `maximum`. */
  readonly keyword: string;
  /** What the keyword wanted, as in `{ limit: 2 }` or `{ additionalProperty: 'colour' }`. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** Tells whether a value has the type; after a `false`, `errors` says why, until the next call. */
export interface Validator<T> {
  (value: unknown): value is T;
  readonly errors?: readonly Violation[] | null;
}
