// SPDX-License-Identifier: MIT
import type { OrchError } from '@llama-orch/worker-adapter-api';

/** Why a task is not admitted, and the policy that says so. */
export interface Refusal {
  readonly error: OrchError;
  readonly policyLabel?: string;
}
