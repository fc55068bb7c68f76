// SPDX-License-Identifier: MIT

/** How the store is. */
export interface StoreHealth {
  /**
   * `full`: the disk has no room; new tasks are refused, running ones go on. `failing`: nothing can be written; it is
   * tried again. `closed`: nothing will be written any more.
   */
  readonly state: 'ok' | 'full' | 'failing' | 'closed';
  /** For operators; present when writing failed. */
  readonly cause?: string;
  /** Committed records that were found missing at a start, until somebody acknowledged it. More than 0 is a defect. */
  readonly lostRecordCount: number;
  /** Writes that were dropped since the start because a newer epoch or an end had come first. */
  readonly staleWriteCount: number;
}
