// SPDX-License-Identifier: MIT

/** Where the pieces of one execution go. */
export interface PieceSink {
  /** Takes pieces in order; false when they differ from what readers have, and then none of them counts. */
  append(texts: readonly string[]): boolean;
  /** True once everything that readers have has come again. */
  readonly complete: boolean;
}
