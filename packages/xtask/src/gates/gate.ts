// SPDX-License-Identifier: MIT

/** Looks at the repository below `root` and says what is wrong, one line per finding; an empty list passes. */
export type Gate = (root: string) => Promise<readonly string[]>;
