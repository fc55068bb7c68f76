// SPDX-License-Identifier: MIT

/** What the process's exit code says; ORCH-2301. */
export const EXIT_CODE = {
  /** A graceful stop. */
  ok: 0,
  /** A fault of the service, or a self-test that failed. */
  fault: 1,
  /** The address cannot be bound. */
  unavailable: 69,
  /** The configuration cannot be used. */
  config: 78,
  /** A second signal ended the process at once. */
  interrupted: 130,
} as const;
